"""The review: the post-incident document as far as the record has written it; what a person must write is marked."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.kinds import SECTIONS
from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.panes.scribe import review_rows
from cockpit.screen.spans import Row, Span
from cockpit.screen.widgets.lines import Lines


class ReviewPage(Page):
    """`w`: enter on a part that a person writes begins the command for it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "write", "write the file", id="review.write")]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(f"Review {war_room.room.label}", "enter on a part writes it · x writes the file")
        self._war = war_room
        self._drawn = (-1, 0)

    def on_mount(self) -> None:
        """Draw, and again when something was recorded."""
        super().on_mount()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        drawn = (self._war.room.timeline.version, self.size.width)
        if drawn != self._drawn:
            self._drawn = drawn
            self._write_rows()

    @work(group="markdown", exclusive=True, exit_on_error=False)
    async def _write_rows(self) -> None:
        rows = await review_rows(self._war, self.size.width)
        written = len(self._war.room.state.reviews)
        self.show_frame(f"{written} of {len(SECTIONS)} parts written by people")
        self.show(rows or [Row("", (Span(" nothing is known yet", "quiet"),))])

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Begin to write the part under the cursor."""
        section = event.key.split("#", 1)[0]
        self.dismiss(f'review {section} "' if section in SECTIONS else "review ")

    @work(group="write", exclusive=True, exit_on_error=False)
    async def action_write(self) -> None:
        """Write the file."""
        try:
            path = await self._war.papers.write_review()
        except Refusal as error:
            self.show_frame(str(error), bad=True)
        else:
            self.show_frame(f"written: {path}")
