"""Captured output: cleaned, redacted, capped, and hashed as a whole."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable

from cockpit.text import MASK, safe

CAP = 64 * 1024
"""Bytes of output that the record keeps of one run."""
HEAD = 16 * 1024
"""Bytes of them that are the output's beginning; the rest is its end, where logs say why."""

_MARKER_ROOM = 64
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN ", "-----END "


class Output:
    """The lines of one run. Memory stays bounded however much is written.

    The hash and the byte count are of all redacted lines, joined by newlines.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._head: list[bytes] = []
        self._tail: deque[bytes] = deque()
        self._head_size = self._tail_size = 0
        self._lines = 0
        self._in_key = False
        self.bytes = 0
        """UTF-8 bytes of the whole redacted output."""
        self.beside: Callable[[tuple[str, ...]], None] | None = None
        """Is given all lines as they may be stored, for a copy of the whole."""

    @property
    def sha256(self) -> str:
        """The hash of the whole redacted output, in hex."""
        return self._hash.hexdigest()

    def add(self, lines: Iterable[str]) -> tuple[str, ...]:
        """Take lines without their newline; give them as they may be shown."""
        shown = tuple(safe_line for line in lines for safe_line in self._redacted(line))
        for line in shown:
            self._keep(line.encode())
        if self.beside is not None:
            self.beside(shown)
        return shown

    def text(self) -> str:
        """What the record keeps: all of it, or its beginning and end with a line that says how much is left out."""
        kept = b"".join(self._head), b"".join(self._tail)
        if len(kept[0]) + len(kept[1]) == self.bytes:
            return b"".join(kept).decode()
        head, tail = (part.decode("utf-8", "ignore") for part in (kept[0], _from_line_start(kept[1])))
        left_out = self.bytes - len(head.encode()) - len(tail.encode())
        return f"{head}\n… {left_out} bytes left out …\n{tail}"

    def _redacted(self, line: str) -> Iterable[str]:
        """The line made safe; of a private key over several lines one mask remains."""
        if self._in_key:
            self._in_key = _KEY_ENDS not in line
            return ()
        if _KEY_BEGINS in line and "PRIVATE KEY" in line and _KEY_ENDS not in line:
            self._in_key = True
            return (safe(line.partition(_KEY_BEGINS)[0]) + MASK,)
        return (safe(line),)

    def _keep(self, line: bytes) -> None:
        piece = line if self._lines == 0 else b"\n" + line
        self._lines += 1
        self._hash.update(piece)
        self.bytes += len(piece)
        room = HEAD - self._head_size
        if room > 0:
            self._head.append(piece[:room])
            self._head_size += len(piece[:room])
            piece = piece[room:]
        if piece:
            self._tail.append(piece)
            self._tail_size += len(piece)
            self._trim()

    def _trim(self) -> None:
        """Drop from the front of the tail what exceeds the cap."""
        over = self._tail_size - (CAP - HEAD - _MARKER_ROOM)
        while over > 0:
            first = self._tail.popleft()
            if len(first) > over:
                self._tail.appendleft(first[over:])
            dropped = min(len(first), over)
            self._tail_size -= dropped
            over -= dropped


def _from_line_start(tail: bytes) -> bytes:
    """The tail from its first whole line, unless it is one long line."""
    _, newline, rest = tail.partition(b"\n")
    return rest if newline else tail
