"""The `file` channel: each message is appended to a text file, durably and once."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.incident.kinds import DEEDS, Message
from cockpit.incident.times import echo
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.text import clean

_BEGIN, _END = "=== message ", "=== end of message "
"""Marks at the start of a line, which a message's own lines never have: they are indented."""

_PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EAGAIN, errno.EINTR, errno.EIO, errno.ENFILE, errno.EMFILE)
_LOCK_TRIES, _LOCK_WAIT = 40, 0.05


class FileChannel(Struct, frozen=True):
    """Appends to the file at `path`, which is made for its owner alone (0600) with the folders above it.

    Several cockpits may write to one file: it is locked while a message is added. A message that stands in it already
    is recognised by its id, and one that a crash cut off is written anew in place of the torn part.
    """

    name: str
    path: Path
    clock: Clock
    again: Again = "same"
    pace: float = 0.0
    reaches: bool = False
    deeds: frozenset[str] = DEEDS

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Append `message` and return once it is on the disk. The writing is done in a thread.

        Raises:
            ChannelError: the file cannot be written; what was there before is as it was.
        """
        block = _block(message, echo(self.clock.now()))
        try:
            return await asyncio.to_thread(_append, self.path.expanduser(), message.message, block)
        except OSError as error:
            retryable = error.errno in _PASSING
            mend = "try again" if retryable else "mend it or name another file under `channels:`"
            reason = f"{self.path}: {error.strerror or error}; {mend}"
            raise ChannelError(clean(reason), retryable=retryable) from error

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """Sent again, it is recognised."""
        return await self.send(message, occasion)

    async def close(self) -> None:
        """Nothing is held open."""


def _block(message: Message, now: str) -> bytes:
    """A message as it stands in the file."""
    id = clean(message.message)
    heads = {"To": message.audience, "Title": message.title, "Status": message.status, "Written": now}
    if message.next_update:
        heads["Next update"] = echo(message.next_update)
    lines = [f"  {name + ':':<13}{clean(value)}" for name, value in heads.items() if value]
    body = [f"  {line}".rstrip() for line in clean(message.text, keep_newlines=True).split("\n")]
    return "\n".join([f"{_BEGIN}{id}", *lines, "", *body, f"{_END}{id}", "", ""]).encode()


def _append(path: Path, id: str, block: bytes) -> Reference:
    """Add `block` unless the file has it; all of it is on the disk when this returns, or the file is as before."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _open(path) as file:
        known = _read(file)
        id = clean(id)
        begin = _mark(known, _BEGIN, id)
        if begin >= 0 and _mark(known[begin:], _END, id) >= 0:
            os.fsync(file)  # it was written, but a crash may have come before it was durable
            _sync_folder(path.parent)
            return Reference(_where(path, known[:begin]), repeated=True)
        kept = begin if _torn(known, begin) else len(known)
        before = known[:kept]
        gap = b"" if not before or before.endswith(b"\n") else b"\n"
        _write(file, kept, gap + block, known[kept:])
    _sync_folder(path.parent)
    return Reference(_where(path, before + gap))


@contextmanager
def _open(path: Path) -> Iterator[int]:
    """Open the regular file at `path`, made if need be, and hold its lock."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "is no regular file")
        _lock(file)
        yield file
    finally:
        os.close(file)


def _lock(file: int) -> None:
    """Take the lock; another program may hold it for two seconds, no longer."""
    for _ in range(_LOCK_TRIES):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_WAIT)
    raise OSError(errno.EAGAIN, "is locked by another program")


def _read(file: int) -> bytes:
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _mark(text: bytes, mark: str, id: str) -> int:
    """Where the line `mark id` begins, -1 when there is none."""
    line = f"{mark}{id}\n".encode()
    return 0 if text.startswith(line) else text.find(b"\n" + line) + 1 or -1


def _torn(known: bytes, begin: int) -> bool:
    """Whether a message that begins there and has no end is the file's last: what a crash left of it."""
    return begin >= 0 and known.find(f"\n{_BEGIN}".encode(), begin + 1) < 0


def _write(file: int, at: int, data: bytes, torn: bytes) -> None:
    """Put `data` at the end of what is kept, durably; when that fails, put the file back as it was."""
    try:
        os.ftruncate(file, at)
        written = 0
        while written < len(data):
            written += os.pwrite(file, data[written:], at + written)
        os.fsync(file)
    except OSError:
        os.ftruncate(file, at)
        os.pwrite(file, torn, at)
        raise


def _sync_folder(folder: Path) -> None:
    """Make the file's name durable too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _where(path: Path, before: bytes) -> str:
    """`FILE:LINE`, as editors open it."""
    line = before.count(b"\n") + 1
    return f"{path}:{line}"
