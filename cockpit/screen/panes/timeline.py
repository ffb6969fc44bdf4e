"""The timeline pane: the record as people read it, in the record's order, following its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual import work
from textual.message import Message

from cockpit.incident.timeline import Timeline
from cockpit.screen.panes.pane import Pane
from cockpit.screen.panes.timeline_rows import TimelineRows
from cockpit.screen.spans import Span

SLICE = 250
"""Entries that are put into words at once, some 5 ms of work: a key that is pressed meanwhile waits no longer."""
SLICES = 8
"""After so many the lines are shown."""


class TimelinePane(Pane):
    """What happened, oldest first; the last line stays in view until somebody scrolls up."""

    @dataclass
    class ReadToEnd(Message):
        """A key has moved the cursor onto the last line of all, or would have moved it beyond."""

    def __init__(self) -> None:
        super().__init__(4, "Timeline", follow=True)
        self._drawn: tuple[int, int, str] = (-1, 0, "")
        self._record: TimelineRows | None = None
        self.needle = ""

    def action_move(self, by: int) -> None:
        """Move the cursor; whoever stands at the end afterwards has read up to it."""
        super().action_move(by)
        self._say_where()

    def action_to(self, index: int) -> None:
        """Go to the first or the last line."""
        super().action_to(index)
        self._say_where()

    def action_page(self, direction: int) -> None:
        """Go half a page."""
        super().action_page(direction)
        self._say_where()

    def _say_where(self) -> None:
        if self.at_end and not self.needle:
            self.post_message(self.ReadToEnd())

    def update_from(self, timeline: Timeline) -> None:
        """Draw again when the record, the width or the filter changed: what is near the end now, the rest soon."""
        drawn = (timeline.version, self.size.width, self.needle)
        if drawn == self._drawn or self.size.width < 10:
            return
        laid_out, self._drawn = self._drawn[1:], drawn
        self.answer(f"UTC · “{self.needle}”" if self.needle else "UTC")
        if self._record is None or self._record.timeline is not timeline:
            self._record = TimelineRows(timeline, self.size.width, self.needle)
        elif laid_out != drawn[1:]:
            self._record.lay_out(self.size.width, self.needle)
        self._record.take_new()
        self._record.count_on(SLICE)
        self._show(self._record)
        if not self._record.complete:
            self._count(self._record)

    @work(group="count", exclusive=True, exit_on_error=False)
    async def _count(self, record: TimelineRows) -> None:
        """Count what is further back, and let whoever waits have the loop after each slice."""
        while not record.complete and record is self._record:
            for _ in range(SLICES):
                record.count_on(SLICE)
                await asyncio.sleep(0)
            if record is self._record:
                self._show(record)

    def _show(self, record: TimelineRows) -> None:
        if len(record):
            self.show_rows(record)
        elif not record.complete:
            self.say(Span("looking …", "quiet"))
        else:
            text = "nothing matches; escape shows all" if self.needle else "nothing has happened yet"
            self.say(Span(text, "quiet"))
