"""The measures of all incidents: the table, the goals of the plan, and a chart of each mean under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Tone
from cockpit.screen.terminal.glyphs import Glyphs

if TYPE_CHECKING:  # imported with the first measures: the other screens do not need it
    from cockpit.room.journal.measuring import Case

_ORDERS = (("month",), ("service",), ("month", "service"))
_LEAST = 40
"""Cells that a chart has on any screen."""


class MeasuresPage(Page):
    """`o` puts the incidents together by month, by service, or by both.

    Args:
        war_room: whose journal it is.
        glyphs: what this terminal draws.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "order", "by month, service", id="measures.order")]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__("Measures", "o by month, service, or both")
        self._war = war_room
        self._glyphs = glyphs
        self._order = 0
        self._cases: Sequence[Case] | None = None

    def on_mount(self) -> None:
        """Read the journal, once: what is over seldom changes while somebody looks at it."""
        super().on_mount()
        self._read()

    def on_resize(self) -> None:
        """Draw the chart to the new width."""
        self.call_after_refresh(self._draw)

    def action_order(self) -> None:
        """The next way to put them together."""
        self._order = (self._order + 1) % len(_ORDERS)
        self._draw()

    @work(group="measures", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        self.show_frame("reading …")
        try:
            self._cases = await self._war.cases()
        except RecordTrouble as error:
            self.show_frame(str(error), bad=True)
            return
        counted = len(self._cases)
        self.show_frame(f"{counted} {'incident counts' if counted == 1 else 'incidents count'}; months are UTC")
        self._draw()

    def _draw(self) -> None:
        if self._cases is None:
            return
        from cockpit.room.journal.measuring import Choice, Measured

        measured = Measured.of(self._cases, Choice(_ORDERS[self._order]), self._war.clock.now())
        width = max(_LEAST, self.size.width - 2)
        chart = ["", *measured.chart(width=width, unicode=self._glyphs.unicode)] if self._cases else []
        lines = [*measured.table(), *chart]
        self.show([Row(f"{number}", (Span(line, _tone(line)),)) for number, line in enumerate(lines)])


def _tone(line: str) -> Tone:
    """What the goals say stands out; the word says it too."""
    if ": not reached, " in line:
        return "warn"
    if ": reached, " in line:
        return "good"
    return "plain"
