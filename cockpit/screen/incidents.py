"""The incidents of this journal, the latest first, each with what is due; `enter` goes to one."""

from __future__ import annotations

from textual import work

from cockpit.incident.times import span
from cockpit.room.listing import Listed
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Tone, fit
from cockpit.screen.widgets.lines import Lines


class IncidentsPage(Page):
    """`i`"""

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__("Incidents", "enter goes to the one under the cursor")
        self._war = war_room

    def on_mount(self) -> None:
        """Read the list."""
        super().on_mount()
        self._read()

    @work(group="list", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        self.show_frame("reading …")
        try:
            found = await self._war.incidents()
        except RecordTrouble as error:
            self.show_frame(str(error), bad=True)
            return
        self.show_frame(f"{len(found)} in {self._war.room.store.path}")
        self.show([self._row(each) for each in found] or [Row("", (Span(" none was declared yet", "quiet"),))])

    def _row(self, listed: Listed) -> Row:
        state, now = listed.state, self._war.clock.now()
        assert state.declared is not None
        end = state.resolved or state.closed
        lasted = span(((end.at if end else now) - state.declared.at).total_seconds())
        due = min((c for c in listed.clocks if c.done is None), key=lambda c: c.due, default=None)
        words = ""
        tone: Tone = "plain"
        if due is not None:
            late = due.standing(now) == "overdue"
            words = f"{due.title} {'overdue' if late else 'in'} {span(due.left(now).total_seconds())}"
            tone = "bad" if late else "plain"
        drill = "DRILL " if state.drill else ""
        here = "▸" if state.incident == self._war.room.incident else " "
        head = f"{here}{fit(listed.label, 13)} {fit(state.severity or '—', 6)} {fit(state.status.value, 13)} "
        tail = f" {fit(lasted, 8, right=True)}  {words}"
        room = max(10, self.size.width - len(head) - len(tail) - 1)
        return Row(state.incident, (Span(head, "strong"), Span(fit(f"{drill}{state.name}", room)), Span(tail, tone)))

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Go to that incident."""
        self._go_to(event.key)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def _go_to(self, incident: str) -> None:
        self.show_frame("opening …")
        try:
            await self._war.go_to(incident)
        except (Refusal, RecordTrouble) as error:
            self.show_frame(str(error), bad=True)
        else:
            self.dismiss()
