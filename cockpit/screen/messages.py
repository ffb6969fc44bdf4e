"""Messages and clocks: what is due, what was said to whom, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.state import Sent
from cockpit.incident.times import span, time_of_day
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.calls import calls
from cockpit.screen.page import LivePage
from cockpit.screen.spans import Row, Span, Tone, fit, wrap
from cockpit.screen.widgets.lines import Lines

_STATES: dict[str, Tone] = {"sent": "good", "failed": "bad", "unknown": "warn", "queued": "warn"}
_STANDINGS: dict[str, Tone] = {"overdue": "bad", "missed": "bad", "due soon": "warn", "met": "good"}


class MessagesPage(LivePage):
    """`m`"""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("R", "retry", "retry", id="messages.retry")]

    def __init__(self, war_room: WarRoom) -> None:
        keys = "R tries the message under the cursor again · /snooze CLOCK 10m --why TEXT"
        super().__init__(war_room, "Messages and clocks", keys, ages=True)

    def draw(self) -> None:
        """Clocks, who is to hear of it, messages."""
        width = max(20, self.size.width - 4)
        rows = [Row("", (Span(" Clocks", "accent"),)), *self._clocks(), Row("", ())]
        rows += calls(self.war_room.room.policy, self.war_room.room.state, width)
        rows.append(Row("", (Span(" Messages", "accent"),)))
        sent = sorted(self.war_room.room.state.messages.values(), key=lambda each: each.fact.at, reverse=True)
        rows += [row for each in sent for row in _message(each, width)]
        if not sent:
            rows.append(Row("", (Span("  nothing was sent yet: u sends an update", "quiet"),)))
        self.show(rows)

    def _clocks(self) -> list[Row]:
        now = self.war_room.clock.now()
        rows, running = [], self.war_room.room.clocks()
        wide = min(34, max([13, *(len(clock.title) for clock in running)]))
        for clock in running:
            standing = clock.standing(now)
            if clock.done is not None:
                words = f"after {span((clock.done - clock.since).total_seconds())}"
            else:
                words = f"{'by' if standing == 'overdue' else 'in'} {span(clock.left(now).total_seconds())}"
            snoozed = f", snoozed: {clock.why}" if clock.snoozed(now) else ""
            line = f"  {fit(clock.title, wide)} {standing:<10}{words}, due {time_of_day(clock.due)}Z{snoozed}"
            rows.append(Row(clock.name, (Span(line, _STANDINGS.get(standing, "plain")),)))
        return rows or [Row("", (Span("  none runs: they begin with the declaration and a severity", "quiet"),))]

    @work(group="retry", exclusive=True, exit_on_error=False)
    async def action_retry(self) -> None:
        """Try an undelivered message again."""
        try:
            result = await self.war_room.delivering.retry(self.query_one(Lines).selected)
        except (Refusal, RecordTrouble) as error:
            self.show_frame(str(error), bad=True)
        else:
            self.show_frame("sent" if result.sent else f"not delivered: {result.reason}", bad=result.sent is None)


def _message(sent: Sent, width: int) -> list[Row]:
    message = sent.message
    where = ", ".join(f"{channel} {state} {note}" for channel, state, note in sent.deliveries) or "not delivered yet"
    promised = f" · next by {time_of_day(message.next_update)}Z" if message.next_update else ""
    tone = _STATES.get(sent.state, "plain")
    head = f"{time_of_day(sent.fact.at)} {message.audience} · {message.title}"
    rows = [Row(message.message, (Span(f"  {sent.state:<7}", tone), Span(head, "strong")))]
    rows += [Row("", (Span(f"         {line}", "plain"),)) for line in wrap(message.text, max(20, width - 9))]
    tail = f"{sent.fact.actor} · {where}{promised}"
    return [*rows, *(Row("", (Span(f"         {line}", "quiet"),)) for line in wrap(tail, max(20, width - 9)))]
