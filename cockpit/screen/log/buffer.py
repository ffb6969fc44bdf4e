"""The lines of a log that are kept: bounded in number and in size, filtered, and still while somebody reads."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cockpit.room.live.podlogs import LogLine
from cockpit.screen.filtering import Filter

MOST_LINES = 10_000
MOST_CHARACTERS = 8 * 1024 * 1024
"""What is kept; older lines are dropped and counted."""


class Entry(NamedTuple):
    """A line with the number by which it is found again."""

    serial: int
    line: LogLine


class LogBuffer:
    """Lines in their order, and of these the ones that are shown.

    Args:
        merged: they come from several pods, and are put in the order of their times.

    Attributes:
        came: how many lines there were in all.
        dropped: how many of them are kept no more.
    """

    def __init__(self, *, merged: bool = False) -> None:
        self.merged = merged
        self.came = 0
        self.dropped = 0
        self.shown: Sequence[Entry] = []
        self._wanted = Filter()
        self._entries: list[Entry] = []
        self._held: list[Entry] | None = None
        self._paused_at = 0
        self._characters = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def paused(self) -> bool:
        """Whether what is shown stays as it is, though lines come."""
        return self._held is not None

    @property
    def unseen(self) -> int:
        """How many lines came since it was paused."""
        return self.came - self._paused_at if self.paused else 0

    def pause(self) -> None:
        """Let what is shown stay as it is."""
        self._held, self._paused_at = self._entries.copy(), self.came

    def go_on(self) -> None:
        """Show what came meanwhile, and what comes."""
        self._held = None
        self._show_all()

    def want(self, wanted: Filter) -> None:
        """Show only the lines that pass; the others stay kept."""
        self._wanted = wanted
        self._show_all()

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take in new lines."""
        fresh = [Entry(self.came + number, line) for number, line in enumerate(lines)]
        if not fresh:
            return
        self.came += len(fresh)
        self._characters += sum(len(entry.line.text) for entry in fresh)
        if self.merged and self._entries and fresh[0].line.order < self._entries[-1].line.order:
            self._merge(fresh)
        else:
            self._entries += fresh
            if not self.paused:
                self.shown = [*self.shown, *filter(self._passes, fresh)]
        self._drop()

    def _merge(self, fresh: list[Entry]) -> None:
        """Put lines that come late where they belong."""
        place = bisect_right(self._entries, fresh[0].line.order, key=lambda entry: entry.line.order)
        tail = [*self._entries[place:], *fresh]
        tail.sort(key=lambda entry: entry.line.order)
        self._entries[place:] = tail
        if not self.paused:
            self._show_all()

    def _drop(self) -> None:
        over = max(0, len(self._entries) - MOST_LINES)
        left = self._characters - sum(len(entry.line.text) for entry in self._entries[:over])
        while left > MOST_CHARACTERS and over < len(self._entries) - 1:
            left -= len(self._entries[over].line.text)
            over += 1
        if not over:
            return
        gone = {entry.serial for entry in self._entries[:over]}
        del self._entries[:over]
        self._characters, self.dropped = left, self.dropped + over
        if not self.paused:
            self.shown = [entry for entry in self.shown if entry.serial not in gone]

    def _show_all(self) -> None:
        of = self._entries if self._held is None else self._held
        self.shown = of.copy() if self._wanted.all_pass else [entry for entry in of if self._passes(entry)]

    def _passes(self, entry: Entry) -> bool:
        """Whether a line is wanted. The cockpit's own words always are: they say what is missing."""
        line = entry.line
        return line.note or self._wanted.holds(f"{line.pod} {line.text}" if self.merged else line.text)
