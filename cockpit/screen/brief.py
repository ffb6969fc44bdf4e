"""The brief: what is to be known now, on one screen, in sentences that can be read aloud on the call."""

from __future__ import annotations

from cockpit.incident.times import time_of_day
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import LivePage
from cockpit.screen.spans import Row, Span, wrap

MARGIN = 13
"""Cells for the name of a part."""


class BriefPage(LivePage):
    """`b`"""

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(
            war_room, f"Brief {war_room.room.label}", "to read aloud; it goes on with the record", ages=True
        )

    def draw(self) -> None:
        """The parts of the brief, each beside its name."""
        self.show_frame(f"as of {time_of_day(self.war_room.clock.now())}Z")
        width = max(20, self.size.width - MARGIN - 2)
        rows: list[Row] = []
        for section in self.war_room.papers.brief().sections:
            title = section.title
            for line in section.lines:
                for part, text in enumerate(wrap(line, width)):
                    key = f"{section.title}.{len(rows)}" if part == 0 else ""
                    rows.append(Row(key, (Span(f" {title:<{MARGIN}}", "accent"), Span(text))))
                    title = ""
        self.show(rows)
