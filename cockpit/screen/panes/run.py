"""The run strip: on wide screens, the change in flight (or the last one) with its live output."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cockpit.incident.times import span, time_of_day
from cockpit.room.war_room import WarRoom
from cockpit.screen.spans import Row, Span, Tone, content
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines

if TYPE_CHECKING:
    from cockpit.room.runs.runs import Flight

_TONES: dict[str, Tone] = {
    "failed": "bad",
    "unknown": "warn",
    "cancelled": "warn",
    "verified": "good",
    "succeeded": "good",
}


class RunStrip(Lines):
    """The change in flight; hidden while there was none, and on screens too small for a fifth row."""

    def __init__(self) -> None:
        super().__init__(follow=True, id="run")
        self.can_focus = False
        self.display = False

    def update_from(self, war: WarRoom, now: datetime, glyphs: Glyphs) -> None:
        """Show the flight of the latest change."""
        flight = war.flight
        if flight is None or not flight.plan.changes or not self.screen.has_class("-wide"):
            self.display = False
            return
        self.display = True
        self.border_title = content(title(flight, now))
        self.show_rows(rows(flight))


def title(flight: Flight, now: datetime) -> str:
    """What runs, since when, and what it waits for."""
    took = span(((flight.ended or now) - flight.began).total_seconds())
    return f"Run ─ {flight.plan.title} · {flight.standing} · {took} · began {time_of_day(flight.began)}Z"


def rows(flight: Flight) -> list[Row]:
    """The command, then what it said."""
    head = Row("command", (Span(" $ ", "quiet"), Span(flight.plan.command)))
    said = [Row(f"{n}", (Span(f" {line}", "quiet"),)) for n, line in enumerate(flight.lines)]
    last = [Row("now", (Span(f" {flight.saying}", _TONES.get(flight.standing, "accent")),))] if flight.saying else []
    return [head, *said, *last]
