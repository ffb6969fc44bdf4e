"""The timeline pane: the record as people read it, in the record's order, following its end."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.incident.entry import Entry
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.incident.times import time_of_day
from cockpit.incident.wording import Headline, ascii_glyph, headline, late_tag, shown
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span, Tone, fit, wrap

_TONES: dict[str, Tone] = {"bad": "bad", "warn": "warn", "good": "good", "quiet": "quiet", "accent": "accent"}


class TimelinePane(Pane):
    """What happened, oldest first; the last line stays in view until somebody scrolls up."""

    def __init__(self) -> None:
        super().__init__(4, "Timeline", follow=True)
        self._drawn: tuple[int, int, str] = (-1, 0, "")
        self.needle = ""

    def update_from(self, timeline: Timeline, glyphs: Glyphs) -> None:
        """Draw again when the record or the width changed."""
        drawn = (timeline.version, self.size.width, self.needle)
        if drawn == self._drawn or self.size.width < 10:
            return
        self._drawn = drawn
        self.answer(f"UTC · “{self.needle}”" if self.needle else "UTC")
        found = rows(timeline.entries, timeline.state, self.size.width, glyphs, self.needle)
        if found:
            self.show_rows(found)
        else:
            text = "nothing matches; escape shows all" if self.needle else "nothing has happened yet"
            self.say(Span(text, "quiet"))


def rows(entries: Sequence[Entry], state: State, width: int, glyphs: Glyphs, needle: str = "") -> list[Row]:
    """The lines of the timeline: time, mark, words; who on the right where there is room."""
    found: list[Row] = []
    for entry in entries:
        if not shown(entry, state):
            continue
        line = headline(entry, state)
        if needle.lower() in f"{line.text} {line.who}".lower():
            found.extend(_entry(entry, line, width, glyphs))
    return found


def _entry(entry: Entry, line: Headline, width: int, glyphs: Glyphs) -> list[Row]:
    glyph = line.glyph if glyphs.unicode else ascii_glyph(line.glyph)
    tone = _TONES.get(line.tone, "plain")
    late = late_tag(entry)
    who = line.who if line.who not in ("", "cockpit") else ""
    recorded = f" rec {time_of_day(entry.recorded.at)}" if width >= 90 else ""
    margin = 11
    tail = f"  {who}{recorded}" if who or recorded else ""
    room = max(8, width - margin - 1)
    lines = wrap(f"{line.text} ({late})" if late else line.text, room, most=3)
    head = (Span(f"{time_of_day(entry.occurred)} ", "quiet"), Span(f"{glyph or ' '} ", tone))
    last = lines[-1]
    if len(last) + len(tail) <= room:
        last = fit(last, room - len(tail))
    else:
        tail = ""
    found = []
    for index, text in enumerate(lines):
        spans = head if index == 0 else (Span(" " * margin),)
        ending = (Span(last, tone), Span(tail, "quiet")) if index == len(lines) - 1 else (Span(text, tone),)
        found.append(Row(entry.id if index == 0 else "", (*spans, *ending)))
    return found
