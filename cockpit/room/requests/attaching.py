"""Attaching a text file: read before it is decided, redacted, kept in the record with the hash of what it was."""

from __future__ import annotations

import asyncio
import hashlib
import stat
from pathlib import Path

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.record.store import Store
from cockpit.room.requests.desk import Desk, Refusal, must_be_declared, optional
from cockpit.text import safe
from cockpit.values import replace

MOST = 256 * 1024
"""Bytes of a file that is kept in the record."""
INSTEAD = "put it where people find it, and `link URL`"


class Attach(Struct, frozen=True):
    """Keep a text file with the record.

    Args:
        path: the file, from the folder in which the cockpit was started.
        title: what it is; may stay empty.
        read: what was read of it, made by `ready`.
    """

    path: Path
    title: str = ""
    read: kinds.Attachment | None = None

    async def ready(self, store: Store) -> Attach:
        """The same with the file read, in a thread; raises Refusal when it cannot be, or is none for a record."""
        return replace(self, read=await asyncio.to_thread(_read, self.path))

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The attachment."""
        must_be_declared(state)
        assert self.read is not None, "a request is made ready before it decides"
        return [desk.draft(self.read.model_copy(update={"title": optional(self.title, "the title")}))]


def _read(path: Path) -> kinds.Attachment:
    """The file as the record keeps it: its text redacted, size and hash of what it was."""
    name, content = safe(str(path))[:200], _bytes(path)
    if len(content) > MOST:
        raise Refusal(f"{name} is larger than {MOST // 1024} KB; {INSTEAD}")
    if not content.strip():
        raise Refusal(f"{name} is empty; there is nothing to attach")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Refusal(f"{name} is no text in UTF-8; {INSTEAD}")
    return kinds.Attachment(
        name=safe(path.name)[:200],
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        text=safe(text, keep_newlines=True),
    )


def _bytes(path: Path) -> bytes:
    """The file's bytes, one more than MOST at most. Nothing but a plain file is opened: a pipe would never end."""
    name = safe(str(path))[:200]
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Refusal(f"{name} is no plain file; name one, or {INSTEAD}")
        with path.open("rb") as file:
            return file.read(MOST + 1)
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        reason = (error.strerror if isinstance(error, OSError) else "") or "no name of a file"
        raise Refusal(f"{name}: {reason}; name a file that can be read") from None
