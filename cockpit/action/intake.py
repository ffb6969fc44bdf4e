"""Bytes of a program or a server into lines of a run's output: however many come, memory and time stay bounded."""

from __future__ import annotations

import asyncio
import codecs
import re

from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.spool import Spool

SHOWN = 2 * 1024 * 1024
"""Bytes that are shown and taken line by line, unless there is a file for more."""
SPOOLED = 64 * 1024 * 1024
"""Bytes that are taken where a file beside the record keeps the whole."""

_TAIL = 16 * 1024
"""Bytes of what is dropped that are kept as its end, where programs say why they failed."""
_LONGEST_LINE = 16 * 1024
_PIECE = 64 * 1024
_LINE_END = re.compile(r"\r\n|\n|\r")


class Intake:
    """Takes chunks in order, secrets out, and counts what it drops past its limit.

    Args:
        most: bytes that are taken before the rest is dropped but for its end.
    """

    def __init__(self, live: Live, masking: Masking, spool: Spool, most: int | None = None) -> None:
        self._live = live
        self._masking = masking
        self._spool = spool
        self._most = (SPOOLED if spool.path else SHOWN) if most is None else most
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._pending = ""
        self._carriage = False  # the last line ended with a carriage return, to which a newline may still belong
        self._tail = b""
        self.taken = 0
        """Bytes that became lines."""
        self.dropped = 0
        """Bytes that came after them; only their end is shown."""

    async def take(self, chunk: bytes) -> None:
        """Take the next bytes."""
        room = self._most - self.taken
        if room > 0:
            self.taken += len(chunk[:room])
            for start in range(0, len(chunk[:room]), _PIECE):
                await self._lines(self._decoder.decode(chunk[start : min(start + _PIECE, room)]))
        if over := chunk[max(room, 0) :]:
            self.dropped += len(over)
            self._tail = (self._tail + over)[-_TAIL:]

    async def end(self) -> None:
        """Take what is still pending, and of what was dropped its end."""
        if self.dropped <= _TAIL:
            await self._lines(self._decoder.decode(self._tail, final=True))
            self.taken, self.dropped = self.taken + self.dropped, 0
            if self._pending:
                await self._write([self._masking.text(self._pending)])
            return
        # Neither the line that the limit cuts nor the one where the end begins is whole: half a secret could be in it.
        first, newline, rest = self._tail.partition(b"\n")
        text = self._masking.text((rest if newline else self._tail).decode("utf-8", "backslashreplace"))
        skipped = len(first) + 1 if newline else self._masking.longest
        left_out = self.dropped - len(self._tail) + skipped + len(self._pending.encode())
        await self._write([f"… {left_out} bytes left out, they were never taken …"])
        await self._write(_LINE_END.split((text if newline else text[skipped:]).removesuffix("\n")))

    async def _lines(self, text: str) -> None:
        """Write the lines that are whole, and pieces of one that is too long, but never half a secret."""
        if self._carriage and text.startswith("\n"):
            text, self._carriage = text[1:], False
        self._carriage = text.endswith("\r") if text else self._carriage
        *lines, self._pending = _LINE_END.split(self._pending + text)
        while len(self._pending) > _LONGEST_LINE:
            masked = self._masking.text(self._pending)
            cut = max(len(masked) - max(self._masking.longest, 1) + 1, 1)
            lines.append(masked[:cut])
            self._pending = masked[cut:]
        if lines:
            await self._write([self._masking.text(line) for line in lines])

    async def _write(self, lines: list[str]) -> None:
        """Show the beginning; past it, where only the file still takes more, work beside the event loop."""
        if self.taken <= SHOWN:
            await self._live.write(lines)
        else:
            await asyncio.to_thread(self._live.output.add, lines)
        await self._spool.flush()
