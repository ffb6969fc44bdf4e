"""An answer over HTTP: shown in few lines, its body cleaned and cut, and held against what was expected."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.model import Outcome
from cockpit.incident.quantities import took

MOST_BODY = 1024 * 1024
"""Bytes of a body that are read; then the connection is closed, however much were to come."""

_SHOWN_HEADERS = ("content-type", "content-length", "location", "retry-after", "server", "date")
# What curl would have ended with (its manual, "Exit codes"), for whoever compares.
REFUSED, UNREACHABLE, TOO_SLOW = 22, 7, 28


@dataclass(frozen=True, slots=True)
class Expected:
    """What counts as success.

    Args:
        status: the one; None: any below 400.
        body: a regular expression that the beginning of the body must hold; empty: none.
    """

    status: int | None = None
    body: str = ""

    def wrong(self, status: int, text: str) -> str:
        """Why an answer is none; empty when it is."""
        if self.status is not None and status != self.status:
            return f"it answered {status}, and {self.status} was expected"
        if self.status is None and status >= 400:
            return f"it answered {status}"
        if self.body and not re.search(self.body, text):
            return f"it answered {status}, but the body does not hold {self.body}"
        return ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came.

    Attributes:
        body: its first bytes, unpacked; `whole` says that there were no more.
        seconds: from sending to the headers.
        note: what else is to be said of it, as a redirect that was not followed.
    """

    status: int
    body: bytes
    whole: bool = True
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    async def told(self, expected: Expected, live: Live, masking: Masking) -> Outcome:
        """Write it, and give the outcome. Long bodies are read in a thread."""
        text = self.body.decode("utf-8", "backslashreplace")
        lines, why = await asyncio.to_thread(lambda: (self._lines(text, masking), expected.wrong(self.status, text)))
        await live.write(masking.text(line) for line in lines)
        return Outcome("failed", REFUSED, masking.text(why)) if why else Outcome("succeeded", 0)

    def _lines(self, text: str, masking: Masking) -> list[str]:
        head = [f"HTTP {self.status} {_phrase(self.status)}".rstrip() + f" in {took(self.seconds)}"]
        head += [f"{name}: {self.headers[name]}" for name in _SHOWN_HEADERS if name in self.headers]
        head += [self.note] if self.note else []
        body = _readable(text) if self.whole else []
        if not self.whole:  # a secret that the limit cuts in two stands at the very end
            masked = masking.text(text)
            body = masked[: len(masked) - masking.longest].splitlines()
            body.append(f"… the rest was not read: {self._rest()}")
        return [*head, *(["", *body] if body else [])]

    def _rest(self) -> str:
        length = self.headers.get("content-length", "")
        packed = "content-encoding" in self.headers
        return f"{int(length) - len(self.body)} bytes" if length.isdigit() and not packed else "nobody knows how much"


def _readable(text: str) -> list[str]:
    """JSON with its parts under each other; anything else as it is."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(text), indent=2, ensure_ascii=False).splitlines()
        except (ValueError, RecursionError):
            pass
    return text.splitlines()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


class Body:
    """The first bytes of a body, unpacked as they come, so that a small packed one cannot become a huge one."""

    def __init__(self, encoding: str) -> None:
        packed = encoding.strip().lower() in ("gzip", "x-gzip", "deflate")
        self._unpack = zlib.decompressobj(wbits=47) if packed else None  # 32 + 15: gzip or zlib, by its header
        self._parts: list[bytes] = []
        self._room = MOST_BODY
        self.whole = True

    def add(self, chunk: bytes) -> bool:
        """Take what came; gives whether there is room for more."""
        try:
            part = self._unpack.decompress(chunk, self._room + 1) if self._unpack else chunk
        except zlib.error:
            self._unpack, part = None, chunk
        self.whole = len(part) <= self._room
        self._parts.append(part[: self._room])
        self._room -= len(part[: self._room])
        return self.whole

    @property
    def bytes(self) -> bytes:
        """What was kept."""
        return b"".join(self._parts)
