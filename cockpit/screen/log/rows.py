"""A log's lines on the screen: made when they are looked at, over as many rows as they need."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from zlib import crc32

from rich.cells import cell_len, chop_cells

from cockpit.room.live.podlogs import LogLine
from cockpit.screen.log.buffer import Entry
from cockpit.screen.spans import VOICES, Row, Span, Tone, middle
from cockpit.screen.widgets.lines import Rows

_BAD = ("error", "fatal", "exception", "panic", "critical", "traceback")
_LONGEST_NAME = 18
_NARROW_NAME = 8


@dataclass(frozen=True, slots=True)
class LogLook:
    """How a log is shown.

    Attributes:
        width: cells for a line.
        wrap: a long line goes on below; else it ends at the edge.
        stamps: each line begins with its time.
        merged: each line begins with its pod's name, without the deployment's, which is `known`.
    """

    width: int
    wrap: bool = True
    stamps: bool = False
    merged: bool = False
    known: str = ""

    @property
    def name(self) -> int:
        """Cells for the pod's name."""
        return 0 if not self.merged else _LONGEST_NAME if self.width >= 100 else _NARROW_NAME

    @property
    def head(self) -> int:
        """Cells before a line's text."""
        return 1 + (13 if self.stamps else 0) + (self.name + 1 if self.merged else 0)

    @property
    def room(self) -> int:
        """Cells for a line's text."""
        return max(8, self.width - self.head)


class LogRows(Rows):
    """The rows of these lines."""

    def __init__(self, entries: Sequence[Entry], look: LogLook) -> None:
        self._entries = entries
        self._look = look
        self._ends = list(accumulate(_heights(entries, look.room))) if look.wrap else None

    def __len__(self) -> int:
        return len(self._entries) if self._ends is None else (self._ends[-1] if self._ends else 0)

    def row(self, index: int) -> Row:
        """The row at `index`, which is there."""
        if self._ends is None:
            return self._row(self._entries[index], 0)
        place = bisect_right(self._ends, index)
        return self._row(self._entries[place], index - (self._ends[place - 1] if place else 0))

    def place(self, key: str) -> int:
        """The first row of the line with that number; -1 when it is not shown."""
        serial = int(key) if key.isdigit() else -1  # a row that stood here before may have had any key
        place = next((at for at, entry in enumerate(self._entries) if entry.serial == serial), -1)
        return place if self._ends is None or place < 1 else self._ends[place - 1]

    def _row(self, entry: Entry, part: int) -> Row:
        line, look = entry.line, self._look
        if part:
            return Row("", (Span(" " * look.head), Span(self._part(line.text, part), _tone(line))))
        head = [Span(" ")]
        if look.stamps:
            at = f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03}" if line.at else ""
            head.append(Span(f"{at:<12} ", "quiet"))
        if look.merged:
            head.append(Span(f"{_short(line.pod, look)} ", voice(line.pod)))
        text = self._part(line.text, 0) if look.wrap else line.text
        return Row(str(entry.serial), (*head, Span(text, _tone(line))))

    def _part(self, text: str, part: int) -> str:
        room = self._look.room
        if text.isascii():
            return text[part * room : (part + 1) * room]
        parts = _chop(text, room)
        return parts[part] if part < len(parts) else ""


def _chop(text: str, room: int) -> list[str]:
    """`text` in parts of at most `room` cells; of marks alone, which take no cell, rich makes no part: they are one."""
    return chop_cells(text, room) or [text]


def _heights(entries: Sequence[Entry], room: int) -> Iterator[int]:
    """The rows that each line takes: of all lines at each painting, so it must be quick where they are short."""
    for entry in entries:
        text = entry.line.text
        if not text.isascii():
            yield len(_chop(text, room))
        else:
            yield 1 if len(text) <= room else -(-len(text) // room)


def _short(pod: str, look: LogLook) -> str:
    """A pod's name without the deployment's; where there is little room, its last part, by which pods differ."""
    name = pod.removeprefix(f"{look.known}-") if look.known else pod
    if cell_len(name) > look.name:
        name = name if look.name > _NARROW_NAME else name.rpartition("-")[2]
    return middle(name, look.name)


def voice(pod: str) -> Tone:
    """The tone of a pod's name, the same at every look."""
    return VOICES[crc32(pod.encode()) % len(VOICES)]


def _tone(line: LogLine) -> Tone:
    """Red and amber for lines that name trouble; the cockpit's own words stand apart."""
    if line.note:
        return "accent"
    lower = line.text.lower()
    return "bad" if any(word in lower for word in _BAD) else "warn" if "warn" in lower else "plain"
