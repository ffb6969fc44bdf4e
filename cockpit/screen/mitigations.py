"""Mitigations: what was changed here and is in place, the latest first, with what became of it and when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.incident.effect import verdict
from cockpit.incident.state import Run
from cockpit.incident.times import time_of_day
from cockpit.room.requests import told
from cockpit.room.requests.in_place import expiry
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import LivePage
from cockpit.screen.spans import Row, Span, Tone, wrap
from cockpit.screen.widgets.lines import Lines

_EFFECTS: dict[str, Tone] = {"helped": "good", "no effect": "warn", "worse": "bad"}


class MitigationsPage(LivePage):
    """`U`: the undo stack. Enter, or `U` again, opens the undo of the chosen change: the latest first.

    Args:
        war_room: whose changes they are.
        undo: opens the undo of a run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("U", "undo", "undo", id="mitigations.undo")]

    def __init__(self, war_room: WarRoom, undo: Callable[[str], None]) -> None:
        super().__init__(war_room, "Mitigations", "enter or U undoes the chosen one, after a preview", ages=True)
        self._undo = undo

    def draw(self) -> None:
        """Every change, then what people said that they did."""
        state, width = self.war_room.room.state, max(20, self.size.width - 4)
        undoable = {run.intent.run for run in self.war_room.jobs.undoable()}
        rows = [row for run in state.in_place() for row in self._run(run, run.intent.run in undoable, width)]
        for said, fact in reversed(state.mitigations):
            text = f"{said.text}, {fact.actor} said {time_of_day(fact.at)}Z"
            rows += [Row("", (Span(f"  {line}"),)) for line in wrap(text, width)]
        self.show(rows or [Row("", (Span("  nothing that was changed here is in place", "quiet"),))])

    def _run(self, run: Run, undoable: bool, width: int) -> Iterator[Row]:
        """The change in words; below it what became of it, and the command."""
        ends = expiry(run, self.war_room.clock.now())
        over = ends.startswith("ended")
        for number, line in enumerate(wrap(told(run), width)):
            yield Row(run.intent.run if number == 0 else "", (Span(f"  {line}", "quiet" if over else "strong"),))
        word = run.effects[-1][0].verdict if run.effects else ""
        parts = [Span("    ")]
        if word:
            parts.append(Span(f"{verdict(run)}  ", _EFFECTS.get(word, "quiet")))
        else:
            yield Row("", (Span(f"    {verdict(run)}", "quiet"),))
        if ends:
            parts.append(Span(f"{ends}  ", "quiet" if over else "warn"))
        if run.left is not None:
            parts.append(Span(f"stays, {run.left.actor} said  "))
        if not over:
            parts.append(Span("can be undone" if undoable else "no undo was captured", "quiet"))
        yield Row("", tuple(parts))
        for line in wrap(run.intent.command, width - 2):
            yield Row("", (Span(f"    {line}", "quiet"),))

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Undo the chosen one."""
        if event.key:
            self._undo(event.key)

    def action_undo(self) -> None:
        """The same with the key that led here."""
        self._undo(self.query_one(Lines).selected or next((run for run in self._newest()), ""))

    def _newest(self) -> Iterator[str]:
        return (run.intent.run for run in self.war_room.jobs.undoable())
