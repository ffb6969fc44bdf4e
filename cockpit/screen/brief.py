"""The brief: what is to be known now, on one screen, in sentences that can be read aloud on the call."""

from __future__ import annotations

from cockpit.incident.times import time_of_day
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, wrap

MARGIN = 13
"""Cells for the name of a part."""


class BriefPage(Page):
    """`b`"""

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(f"Brief {war_room.room.label}", "to read aloud; it goes on with the record")
        self._war = war_room

    def on_mount(self) -> None:
        """Draw, and again each second: ages and deadlines move."""
        super().on_mount()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        self.show_frame(f"as of {time_of_day(self._war.clock.now())}Z")
        width = max(20, self.size.width - MARGIN - 2)
        rows: list[Row] = []
        for section in self._war.papers.brief().sections:
            title = section.title
            for line in section.lines:
                for part, text in enumerate(wrap(line, width)):
                    key = f"{section.title}.{len(rows)}" if part == 0 else ""
                    rows.append(Row(key, (Span(f" {title:<{MARGIN}}", "accent"), Span(text))))
                    title = ""
        self.show(rows)
