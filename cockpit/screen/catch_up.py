"""The catch-up: what changed since whoever sits here last read the timeline to its end, grouped and counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.times import span, time_of_day
from cockpit.room.journal.catching_up import CaughtUp, Group, Line
from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.entry import EntryPage
from cockpit.screen.page import LivePage
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.lines import Lines

MARGIN, TIME, DAY = 15, 10, 6
"""Cells for the name of a group, for a time, and for its day, where some line is of another."""
DUE = "Due next"
"""The group whose times are yet to come."""


class CatchUpPage(LivePage):
    """`C`"""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("S", "seen", "all of it seen", id="catch-up.seen")]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(war_room, f"Catch-up {war_room.room.label}", "enter opens an entry · S seen, all of it")
        self._cells = TIME

    def on_mount(self) -> None:
        """Show it; the line that led here has done its work."""
        super().on_mount()
        self.war_room.catching_up.looked()

    def draw(self) -> None:
        """Ask what there is, then show it."""
        self._tell()

    @work(group="catch-up", exclusive=True, exit_on_error=False)
    async def _tell(self) -> None:
        self.show(self._rows(await self.war_room.catching_up.told()))

    def _rows(self, told: CaughtUp) -> list[Row]:
        number = told.entries
        some = f"{number} {'entries' if number > 1 else 'entry'} by others" if number else "nothing new"
        head = wrap(f"{some}, {told.since}", max(20, self.size.width - 2))
        rows = [Row("", (Span(f" {part}", "strong"),)) for part in head]
        today = self.war_room.clock.now().date()
        others = any(line.at.date() != today for group in told.groups for line in group.lines)
        self._cells = TIME + (DAY if others else 0)
        for group in told.groups:
            name = f"{group.title} {len(group.lines)}"
            for line in group.lines:
                rows += self._row(group, line, name)
                name = ""
        return rows

    def _row(self, group: Group, line: Line, name: str) -> Iterator[Row]:
        """A line with its time, over as many lines as it needs, the group's name before its first; of a deadline how
        far it is."""
        now = self.war_room.clock.now()
        text, overdue = line.text, group.title == DUE and line.at <= now
        if group.title == DUE:
            left = span((line.at - now).total_seconds())
            text = f"{text} {'overdue' if overdue else 'in'} {left}"
        when = time_of_day(line.at) if line.at.date() == now.date() else f"{line.at:%m-%d %H:%M:%S}"
        for number, part in enumerate(wrap(text, max(20, self.size.width - MARGIN - self._cells - 1))):
            first = number == 0
            head = Span(f" {name if first else '':<{MARGIN}}", "accent")
            at = Span(f"{f'{when}Z' if first else '':<{self._cells}}", "quiet")
            yield Row(line.entry if first else "", (head, at, Span(part, "bad" if overdue else "plain")))

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
            self.refuse(str(error))
        else:
            self._tell()
