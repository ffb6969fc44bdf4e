"""The scribe: the record as it will be exported, live; `x` writes it to a file."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.panes.scribe import exported_rows


class ScribePage(Page):
    """`s`"""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x,s", "write", "write the file", id="scribe.write")]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(f"Scribe {war_room.room.label}", "x writes the file")
        self._war = war_room
        self._drawn = (-1, 0)

    def on_mount(self) -> None:
        """Draw, and again whenever something was recorded."""
        super().on_mount()
        self._say_what()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _say_what(self) -> None:
        count = len(self._war.room.timeline)
        self.show_frame(f"{count} entries · as it will be exported to {self._war.papers.export_path().name}")

    def _draw(self) -> None:
        drawn = (self._war.room.timeline.version, self.size.width)
        if drawn != self._drawn:
            self._drawn = drawn
            self._export()

    @work(group="markdown", exclusive=True, exit_on_error=False)
    async def _export(self) -> None:
        self.show(await exported_rows(self._war, self.size.width))
        self._say_what()

    @work(group="write", exclusive=True, exit_on_error=False)
    async def action_write(self) -> None:
        """Write the file."""
        try:
            path = await self._war.papers.write_export()
        except Refusal as error:
            self.show_frame(str(error), bad=True)
        else:
            self.show_frame(f"written: {path}")
