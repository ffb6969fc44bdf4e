"""Messages and clocks: who knows what, what became of each message, what else is due, and the policy's word on it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.incident.clocks import Due
from cockpit.incident.deliveries import FAILED, GIVEN_UP, KEPT, UNKNOWN, Sent
from cockpit.incident.times import span, time_of_day
from cockpit.room.war_room import WarRoom
from cockpit.screen.messages.calls import calls
from cockpit.screen.messages.delivering import DeliveringPage
from cockpit.screen.messages.message import MessagePage
from cockpit.screen.messages.meter import STANDINGS, meter_rows
from cockpit.screen.messages.rows import in_log
from cockpit.screen.spans import Row, Span, Tone, fit
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines

KEYS = "enter opens · R retry · S settle · Y copy · u tell · p page · tab on"
_TROUBLED: dict[str, Tone] = {GIVEN_UP: "bad", KEPT: "bad", FAILED: "warn", UNKNOWN: "warn"}


class MessagesPage(DeliveringPage):
    """`m`: what a key does is done to the message under the cursor.

    Args:
        war_room: whose messages they are.
        glyphs: the marks of this terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "part(1)", "next part", show=False, id="messages.next"),
        Binding("shift+tab", "part(-1)", "previous part", show=False, id="messages.previous"),
        Binding("p", "page", "page", id="messages.page"),
        Binding("u", "tell", "tell", id="messages.tell"),
    ]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__(war_room, f"Messages and clocks {war_room.room.label}", KEYS, ages=True)
        self._glyphs = glyphs
        self._parts: list[str] = []
        """The key of the first row of each part."""
        self._begun = False
        """Whether the cursor was put on the first message that wants somebody, if there is one."""
        self._made: dict[str, tuple[Sent, int, list[Row]]] = {}
        """The rows of each message that waits for no next try: they stay the same while time goes on."""

    @property
    def chosen(self) -> Sent | None:
        """The message under the cursor."""
        return self.war_room.room.state.messages.get(self.query_one(Lines).selected)

    def draw(self) -> None:
        """The meter, the log, the other clocks, the policy."""
        width = max(40, self.size.width - 2)
        parts = [
            meter_rows(self.war_room.meter(), self.war_room.clock.now(), width, self._glyphs),
            self._log(width),
            self._clocks(),
            calls(self.war_room.room.policy, self.war_room.room.state, width),
        ]
        self._parts = [key for rows in parts if (key := next((row.key for row in rows if row.key), ""))]
        self.show([row for rows in parts if rows for row in (*rows, Row("", ()))])
        if not self._begun:
            self._begun = True
            troubled = (sent for sent in self._latest() if sent.state in _TROUBLED)
            self.query_one(Lines).choose(next((sent.message.message for sent in troubled), ""))

    def _latest(self) -> list[Sent]:
        """Every message, those that want somebody first, then the latest first."""
        every = sorted(self.war_room.room.state.messages.values(), key=lambda each: each.fact.at, reverse=True)
        return sorted(every, key=lambda each: each.state not in _TROUBLED)

    def _log(self, width: int) -> list[Row]:
        """What was sent, and what became of it."""
        now, latest = self.war_room.clock.now(), self._latest()
        rows = [Row("", (Span(" Messages", "accent"), *_counted(latest)))]
        rows += [row for each in latest for row in self._rows(each, now, width)]
        return rows if latest else [*rows, Row("", (Span("   nothing was sent yet: u sends an update", "quiet"),))]

    def _rows(self, sent: Sent, now: datetime, width: int) -> list[Row]:
        known = self._made.get(sent.message.message)
        if known is not None and known[0] is sent and known[1] == width:
            return known[2]
        rows = in_log(sent, now, width, self._glyphs)
        if sent.next_try is None:
            self._made[sent.message.message] = (sent, width, rows)
        return rows

    def _clocks(self) -> list[Row]:
        """What else is due, those that run first."""
        running = [clock for clock in self.war_room.room.clocks() if not clock.name.startswith("update:")]
        running.sort(key=lambda clock: clock.done is not None)
        wide = min(34, max([13, *(len(clock.title) for clock in running)]))
        rows = [self._clock(clock, wide) for clock in running]
        none = "   none runs: they begin with the declaration and a severity"
        return [Row("", (Span(" Other clocks", "accent"),)), *(rows or [Row("", (Span(none, "quiet"),))])]

    def _clock(self, clock: Due, wide: int) -> Row:
        now = self.war_room.clock.now()
        standing = clock.standing(now)
        if clock.done is not None:
            words = f"after {span((clock.done - clock.since).total_seconds())}"
        else:
            words = f"{'by' if standing == 'overdue' else 'in'} {span(clock.left(now).total_seconds())}"
        snoozed = f", snoozed: {clock.why}" if clock.snoozed(now) else ""
        line = f"   {fit(clock.title, wide)} {standing:<10}{words}, due {time_of_day(clock.due)}Z{snoozed}"
        return Row(clock.name, (Span(line, STANDINGS.get(standing, "plain")),))

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """The whole message."""
        if event.key in self.war_room.room.state.messages:
            self.app.push_screen(MessagePage(self.war_room, event.key, self._glyphs))

    def action_part(self, by: int) -> None:
        """Go to the next part: the meter, the messages, the clocks, the policy."""
        lines = self.query_one(Lines)
        order = [row.key for row in lines.rows]
        here = order.index(lines.selected) if lines.selected in order else 0
        places = [order.index(key) for key in self._parts]
        further = [place for place in places if (place > here if by > 0 else place < here)]
        if further:
            lines.choose(order[further[0] if by > 0 else further[-1]])

    def action_page(self) -> None:
        """Whom to call."""
        from cockpit.screen.contacts.page import ContactsPage

        self.app.switch_screen(ContactsPage(self.war_room, self._glyphs))

    def action_tell(self) -> None:
        """A status update."""
        from cockpit.screen.update.page import UpdateScreen

        if self._writes() and self.war_room.room.state.declared is not None:
            self.app.switch_screen(UpdateScreen(self.war_room, self._glyphs))


def _counted(every: list[Sent]) -> tuple[Span, ...]:
    """`  2 given up, 1 unknown`: what wants somebody."""
    counts = {state: sum(each.state == state for each in every) for state in _TROUBLED}
    return tuple(Span(f"  {count} {state}", _TROUBLED[state]) for state, count in counts.items() if count)
