"""The catch-up: what changed since whoever sits here last read the timeline to its end, grouped and counted."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.times import echo, span, time_of_day
from cockpit.room.catching_up import CaughtUp, Group, Line
from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.entry import EntryPage
from cockpit.screen.page import LivePage
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.lines import Lines

DUE = "Due next"
"""The group whose times are yet to come."""


class CatchUpPage(LivePage):
    """`C`"""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("S", "seen", "all of it seen", id="catch-up.seen")]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(war_room, f"Catch-up {war_room.room.label}", "enter opens an entry · S seen, all of it")

    def on_mount(self) -> None:
        """Show it; the line that led here has done its work."""
        super().on_mount()
        self.war_room.catching_up.looked()

    def draw(self) -> None:
        """Ask what there is, then show it."""
        self._tell()

    @work(group="catch-up", exclusive=True, exit_on_error=False)
    async def _tell(self) -> None:
        told = await self.war_room.catching_up.told()
        self.show_frame(told.since)
        self.show(self._rows(told))

    def _rows(self, told: CaughtUp) -> list[Row]:
        number = told.entries
        some = f" {number} {'entries' if number > 1 else 'entry'} by others" if number else " nothing new"
        rows = [Row("", (Span(some, "strong"),))]
        for group in told.groups:
            rows += [Row("", ()), Row("", (Span(f" {group.title}", "accent"), Span(f"  {len(group.lines)}", "quiet")))]
            rows += [row for line in group.lines for row in self._row(group, line)]
        return rows

    def _row(self, group: Group, line: Line) -> list[Row]:
        """A line with its time, over as many lines as it needs; of a deadline how far it is."""
        now = self.war_room.clock.now()
        text, overdue = line.text, group.title == DUE and line.at <= now
        if group.title == DUE:
            left = span((line.at - now).total_seconds())
            text = f"{text} {'overdue' if overdue else 'in'} {left}"
        when = time_of_day(line.at) if line.at.date() == now.date() else echo(line.at)[5:16]
        parts = wrap(text, max(20, self.size.width - 15))
        return [
            Row(
                line.entry if number == 0 else "",
                (
                    Span(f"  {f'{when}Z' if number == 0 else '':<12}", "quiet"),
                    Span(part, "bad" if overdue else "plain"),
                ),
            )
            for number, part in enumerate(parts)
        ]

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Enter: the entry behind a line."""
        self.app.push_screen(EntryPage(self.war_room, event.key), self._begun)

    def _begun(self, line: str | None) -> None:
        """A command that was begun at the entry is the cockpit's to open."""
        if line:
            self.dismiss(line)

    @work(group="seen", exclusive=True, exit_on_error=False)
    async def action_seen(self) -> None:
        """All that is here was seen."""
        try:
            await self.war_room.catching_up.mark()
        except Refusal as error:
            self.show_frame(str(error), bad=True)
        else:
            self._tell()
