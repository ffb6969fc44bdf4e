"""Attaching a text file: read before it is decided, redacted, kept in the record with the hash of what it was."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.desk import Desk, Refusal, must_be_declared, optional
from cockpit.text import clean, redact

MOST = 256 * 1024
"""Bytes of a file that is kept in the record."""


@dataclass(frozen=True, slots=True)
class Attach:
    """Keep a text file with the record."""

    path: Path
    title: str = ""
    content: bytes | None = None

    async def ready(self) -> Attach:
        """The same with its content read; raises Refusal when it cannot be."""
        return replace(self, content=await asyncio.to_thread(_read, self.path))

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The attachment."""
        must_be_declared(state)
        if self.content is None:
            raise Refusal(f"{clean(str(self.path))} was not read")
        try:
            text = self.content.decode()
        except UnicodeDecodeError:
            raise Refusal(
                f"{clean(self.path.name)} is no UTF-8 text; put it where people find it and `incident link URL`"
            ) from None
        attached = kinds.Attachment(
            name=clean(self.path.name)[:200],
            title=optional(self.title),
            bytes=len(self.content),
            sha256=hashlib.sha256(self.content).hexdigest(),
            text=redact(clean(text, keep_newlines=True)),
        )
        return [desk.draft(attached)]


def _read(path: Path) -> bytes:
    name = clean(str(path))
    try:
        if not path.is_file():
            raise Refusal(f"{name} is no file that can be read")
        with path.open("rb") as file:
            content = file.read(MOST + 1)
    except OSError as error:
        raise Refusal(f"{name}: {error.strerror}") from None
    if len(content) > MOST:
        raise Refusal(f"{name} is larger than {MOST // 1024} KB; put it where people find it and `incident link URL`")
    return content
