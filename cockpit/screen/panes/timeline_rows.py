"""The timeline's lines: an entry is put into words when it is looked at or counted, and again only when it reads
differently."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import accumulate

from cockpit.incident.about import about, versions
from cockpit.incident.entry import Entry
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.incident.times import time_of_day
from cockpit.incident.wording import Headline, headline, shown, tag
from cockpit.screen.spans import Row, Span, Tone, fit, width_of, wrap
from cockpit.screen.widgets.lines import Rows

_TONES: dict[str, Tone] = {"bad": "bad", "warn": "warn", "good": "good", "quiet": "quiet", "accent": "accent"}
_MARGIN = 11
_MOST = 3
"""Lines that an entry may take; `enter` shows all of it."""
_KEPT = 2000
"""Entries whose lines are kept; those of the others are made again when they are looked at."""


class TimelineRows(Rows):
    """The lines of a timeline from its end as far back as they have been counted.

    How many lines an entry takes is known only once it was put into words. So the entries are counted from the end
    backwards, in slices that hold nobody up; those not counted yet are not among the lines.

    Args:
        timeline: the record; what is added to it comes in with `take_new`.
        width: the pane's, in cells.
        needle: what a line's words must have in them, in any case of letters; empty for all.
    """

    def __init__(self, timeline: Timeline, width: int, needle: str = "") -> None:
        self.timeline = timeline
        self._said: dict[str, Headline] = {}
        self._about: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
        self._asked: tuple[str, Entry] | None = None
        self.lay_out(width, needle)

    def lay_out(self, width: int, needle: str = "") -> None:
        """Begin to count again, for another width or another needle; the words stay."""
        self._width, self._needle = width, needle.lower()
        self._length = len(self.timeline)
        self._uncounted = self._length
        self.complete = self._length == 0
        self._heights = [0] * self._length
        self._placed = list(self.timeline.entries)
        """The entries that were counted: between two looks, entries of other cockpits may come in before others."""
        self._echoes = self.timeline.state.echoes
        self._ends: list[int] | None = None
        self._made: dict[str, tuple[Row, ...]] = {}

    def count_on(self, most: int) -> None:
        """Count up to `most` entries more, backwards from the earliest that was counted."""
        down_to = max(0, self._uncounted - most)
        for index in range(self._uncounted - 1, down_to - 1, -1):
            self._count(index)
        self._uncounted = down_to
        self.complete = down_to == 0

    def take_new(self) -> None:
        """Take in what was added to the timeline, each entry in its place, and word again what it changed."""
        places = self.timeline.added(self._length)
        self._length = len(self.timeline)
        for place in places:
            self._make_room(place)
        for place in places:
            self._settle(self.timeline.entries[place])
        self._hush()

    def _hush(self) -> None:
        """Count again what has become an echo of another entry, or is none any more."""
        state = self.timeline.state
        changed, self._echoes = state.echoes ^ self._echoes, state.echoes
        for entry in filter(None, map(state.edits.entry, changed)):
            place = self.timeline.place(entry)
            if place >= self._uncounted:
                self._count(place)

    def _make_room(self, place: int) -> None:
        at_end = place == len(self._heights)
        self._heights.insert(place, 0)
        self._placed.insert(place, self.timeline.entries[place])
        if place < self._uncounted:
            self._uncounted += 1
        if at_end and self._ends is not None:
            self._ends.append(self._ends[-1] if self._ends else 0)
        else:
            self._ends = None

    def _settle(self, entry: Entry) -> None:
        """Count `entry`, and again whatever reads differently since it came; of what is erased nothing is kept."""
        state = self.timeline.state
        changed: dict[str, Entry] = {}
        for each in (entry, *versions(entry, state)):
            changed[each.id] = each
            for thing in about(each, state):
                self._about[thing][each.id] = each
                changed |= self._about[thing]
        for each in changed.values():
            self._said.pop(each.id, None)
            place = self.timeline.place(each)
            if place >= self._uncounted:
                self._count(place)
        if self._asked and self._asked[0] in changed:
            self._asked = None

    def _count(self, index: int) -> None:
        entry, state = self.timeline.entries[index], self.timeline.state
        self._placed[index] = entry
        self._made.pop(entry.id, None)
        if entry.id not in self._said:
            for thing in about(entry, state):
                self._about[thing][entry.id] = entry
        height = self._height(entry, state)
        before, self._heights[index] = self._heights[index], height
        if height == before:
            return
        if self._ends is not None and index == len(self._heights) - 1:
            self._ends[index] += height - before
        else:
            self._ends = None

    def _height(self, entry: Entry, state: State) -> int:
        if not shown(entry, state):
            return 0
        line = self._headline(entry)
        if self._needle and self._needle not in f"{line.text} {line.who}".lower():
            return 0
        return len(self._wrapped(entry, line))

    def _headline(self, entry: Entry) -> Headline:
        line = self._said.get(entry.id)
        if line is None:
            line = self._said[entry.id] = headline(entry, self.timeline.state)
        return line

    def _wrapped(self, entry: Entry, line: Headline) -> list[str]:
        room = max(8, self._width - _MARGIN - 1)
        known = tag(entry, self.timeline.state)
        # What is far beyond the last line is not broken into lines only to be thrown away: a note may have 1 MB.
        return wrap(f"{line.text[: room * 16]} ({known})" if known else line.text[: room * 16], room, most=_MOST)

    @property
    def _up_to(self) -> list[int]:
        """For each entry, the number of lines up to its last one."""
        if self._ends is None:
            self._ends = list(accumulate(self._heights))
        return self._ends

    def __len__(self) -> int:
        ends = self._up_to
        return ends[-1] if ends else 0

    def row(self, index: int) -> Row:
        """The line number `index`, which exists."""
        place = bisect_right(self._up_to, index)
        first = self._up_to[place] - self._heights[place]
        rows = self._rows(self._placed[place])
        return rows[index - first] if index - first < len(rows) else Row("", ())  # it has fewer since, not yet counted

    def place(self, key: str) -> int:
        """The number of the first line of the entry whose id is `key`; -1 when it has none."""
        entry = self._entry(key)
        if entry is None:
            return -1
        place = bisect_left(self._placed, entry.order, key=lambda each: each.order)
        return self._up_to[place] - self._heights[place] if self._heights[place] else -1

    def _entry(self, id: str) -> Entry | None:
        """The entry `id`; the one asked for last is found at once, since a cursor stays where it is."""
        if self._asked is None or self._asked[0] != id:
            found = next((each for each in reversed(self._placed) if each.id == id), None)
            self._asked = (id, found) if found else None
        return self._asked[1] if self._asked else None

    def _rows(self, entry: Entry) -> tuple[Row, ...]:
        made = self._made.get(entry.id)
        if made is None:
            if len(self._made) >= _KEPT:
                self._made.clear()
            made = self._made[entry.id] = tuple(self._make(entry))
        return made

    def _make(self, entry: Entry) -> list[Row]:
        """Time, mark and words; who on the right where there is room."""
        line, lines = self._headline(entry), self._wrapped(entry, self._headline(entry))
        tone = _TONES.get(line.tone, "plain")
        head = (Span(f"{time_of_day(entry.occurred)} ", "quiet"), Span(f"{line.glyph or ' '} ", tone))
        last, tail = self._ending(entry, line, lines[-1])
        found = []
        for index, text in enumerate(lines):
            spans = head if index == 0 else (Span(" " * _MARGIN),)
            ending = (Span(last, tone), Span(tail, "quiet")) if index == len(lines) - 1 else (Span(text, tone),)
            found.append(Row(entry.id if index == 0 else "", (*spans, *ending)))
        return found

    def _ending(self, entry: Entry, line: Headline, last: str) -> tuple[str, str]:
        """The last line of words, and beside it who and when recorded where both have room."""
        who = line.who if line.who not in ("", "cockpit") else ""
        recorded = f" rec {time_of_day(entry.recorded.at)}" if self._width >= 90 else ""
        tail = f"  {who}{recorded}" if who or recorded else ""
        room = max(8, self._width - _MARGIN - 1)
        fits = width_of((Span(last), Span(tail))) <= room
        return (fit(last, room - width_of((Span(tail),))), tail) if fits else (last, "")
