"""The review: the post-incident document as far as the record has written it; what a person must write is marked."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.kinds import SECTIONS
from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import LivePage
from cockpit.screen.panes.scribe import review_rows
from cockpit.screen.spans import Row, Span
from cockpit.screen.widgets.lines import Lines


class ReviewPage(LivePage):
    """`w`: enter on a part that a person writes begins the command for it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "write", "write the file", id="review.write")]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(war_room, f"Review {war_room.room.label}", "enter on a part writes it · x writes the file")

    def draw(self) -> None:
        """The document, which is written in a thread."""
        self._write_rows()

    @work(group="markdown", exclusive=True, exit_on_error=False)
    async def _write_rows(self) -> None:
        rows = await review_rows(self.war_room, self.size.width)
        written = len(self.war_room.room.state.reviews)
        self.show_frame(f"{written} of {len(SECTIONS)} parts written by people")
        self.show(rows or [Row("", (Span(" nothing is known yet", "quiet"),))])

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Begin to write the part under the cursor."""
        section = event.key.split("#", 1)[0]
        if section in SECTIONS:
            self.dismiss(f"review {section} ")
        else:
            self.show_frame("this part writes itself; enter on one that is to be written by a person")

    @work(group="write", exclusive=True, exit_on_error=False)
    async def action_write(self) -> None:
        """Write the file."""
        try:
            path = await self.war_room.papers.write_review()
        except Refusal as error:
            self.refuse(str(error))
        else:
            self.show_frame(f"written: {path}")
