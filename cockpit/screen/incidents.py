"""The incidents of this journal: those that alerts propose, then the open ones by what is due, each with its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual import work

from cockpit.incident.times import span
from cockpit.room.facts.proposals import Proposed
from cockpit.room.journal.listing import Listed
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Spans, Tone, fit, width_of
from cockpit.screen.widgets.lines import Lines

AGAIN = 5.0
"""Seconds between two looks at the journal; the clocks run meanwhile."""
_TONES: dict[str, Tone] = {"overdue": "bad", "due soon": "warn"}


class IncidentsPage(Page):
    """`i`"""

    def __init__(self, war_room: WarRoom) -> None:
        declares = " · D declares it there" if war_room.waiting.found else ""
        super().__init__("Incidents", f"enter goes to the one under the cursor{declares}")
        self._war = war_room
        self._found: Sequence[Listed] = ()
        self._read_once = False

    def on_mount(self) -> None:
        """Read the list, and again from time to time; the clocks run meanwhile."""
        super().on_mount()
        self.show_frame("reading …")
        self._read()
        self.set_interval(1.0, self._draw)
        self.set_interval(AGAIN, self._read)

    def on_resize(self) -> None:
        """Fit the new width."""
        self.call_after_refresh(self._draw)

    @work(group="list", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        try:
            found = await self._war.incidents()
        except RecordTrouble as error:
            self.show_frame(str(error), bad=True)
            return
        self._read_once, self._found = True, found
        is_open = sum(not each.state.over for each in found)
        waits = f", {len(self._war.waiting.found)} proposed" if self._war.waiting.found else ""
        self.show_frame(f"{is_open} open of {len(found)}{waits} in {self._war.room.store.path}")
        self._draw()

    def _draw(self) -> None:
        if not self._read_once:
            return
        now = self._war.clock.now()
        rows = [self._proposal(each, now) for each in self._war.waiting.found]
        rows += [self._row(each, now) for each in self._found]
        self.show(rows or [Row("", (Span(" none was declared yet: D declares one", "quiet"),))])

    def _proposal(self, found: Proposed, now: datetime) -> Row:
        """What alerts propose; enter goes there, and D declares it."""
        head = (Span("▲ proposed ", "bad"), Span(f"{fit(found.service or 'no service', 17)} ", "strong"))
        return Row(found.incident, (*head, Span(fit(found.words(now), max(8, self.size.width - width_of(head) - 1)))))

    def _row(self, listed: Listed, now: datetime) -> Row:
        state = listed.state
        here = "▸" if state.incident == self._war.room.incident else " "
        tone: Tone = "quiet" if state.over else "strong"
        head = f"{here}{fit(listed.label, 13)} {fit(state.severity or '—', 6)} {fit(listed.standing, 13)} "
        lasted = fit(span(listed.lasted(now).total_seconds()), 8, right=True)
        clocks: Spans = ()
        for clock in listed.waiting[: 3 if self.size.width >= 120 else 1]:
            words = f" {clock.title} {'overdue' if clock.due <= now else 'in'} {span(clock.left(now).total_seconds())} "
            clocks = (*clocks, Span(words, _TONES.get(clock.standing(now), "plain")))
        drill: Spans = (Span("DRILL ", "warn"),) if state.drill else ()
        room = max(8, self.size.width - len(head) - len(lasted) - width_of((*clocks, *drill)) - 3)
        name = Span(fit(state.name, room), tone)
        return Row(state.incident, (Span(head, tone), Span(f"{lasted}  ", "quiet"), *drill, name, Span(" "), *clocks))

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Go to that incident."""
        self._go_to(event.key)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def _go_to(self, incident: str) -> None:
        self.show_frame("opening …")
        try:
            await self._war.go_to(incident)
        except (Refusal, RecordTrouble) as error:
            self.refuse(str(error))
        else:
            self.dismiss(None)
