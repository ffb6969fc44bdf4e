"""The scribe: the record as it will be exported, live; `x` writes it to a file."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import LivePage
from cockpit.screen.panes.scribe import exported_rows


class ScribePage(LivePage):
    """`s`"""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x,s", "write", "write the file", id="scribe.write")]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(war_room, f"Scribe {war_room.room.label}", "x writes the file")
        self._exporting = False

    def _say_what(self) -> None:
        count = len(self.war_room.room.timeline)
        self.show_frame(f"{count} entries · as it will be exported to {self.war_room.papers.export_path().name}")

    def look(self) -> None:
        """Look for what is new, but while the last document is still being written."""
        if not self._exporting:
            super().look()

    def draw(self) -> None:
        """The document, which is written in a thread."""
        self._exporting = True
        self._export()

    @work(group="markdown", exit_on_error=False)
    async def _export(self) -> None:
        """Write it in its thread, one at a time: what is recorded meanwhile comes with the next one."""
        try:
            self.show(await exported_rows(self.war_room, self.size.width))
        finally:
            self._exporting = False
        self._say_what()

    @work(group="write", exclusive=True, exit_on_error=False)
    async def action_write(self) -> None:
        """Write the file."""
        try:
            path = await self.war_room.papers.write_export()
        except Refusal as error:
            self.refuse(str(error))
        else:
            self.show_frame(f"written: {path}")
