"""People: who holds which role since when, what is offered to whom, and how it came to that; one key for each deed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from cockpit.incident.fact import Fact
from cockpit.incident.terms import Role
from cockpit.incident.times import time_of_day
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import LivePage
from cockpit.screen.presence import person_spans
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.field import Field
from cockpit.screen.widgets.frame import KeyBar, TitleBar
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud

_LABEL = 13
"""Cells of a brief's labels, as in `Status:      P1`."""
KEYS = "enter gives · H hands · A accepts · X declines · R frees · tab whom"


class PeoplePage(LivePage):
    """`r`: the seven roles. What a key does is done to the role under the cursor, for the handle below."""

    CSS = "PeoplePage #to { height: 1; background: $panel; } PeoplePage #to Static { width: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "give", "give", priority=True, id="people.enter"),
        Binding("H", "offer", "hand over", id="people.offer"),
        Binding("A", "accept", "accept", id="people.accept"),
        Binding("X", "decline", "decline or withdraw", id="people.decline"),
        Binding("R", "release", "release", id="people.release"),
    ]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__(war_room, f"People {war_room.room.label}", KEYS)
        self._asked = ""
        """What enter in the handle does, where a key has asked for one."""

    def compose(self) -> ComposeResult:
        """Title, roles and history, the name below, the keys."""
        yield TitleBar()
        yield Loud()
        yield Lines(id="page")
        with Horizontal(id="to"):
            yield Static(" to ", markup=False)
            yield Field(self.war_room.room.actor, id="handle", compact=True)
        yield KeyBar()

    def draw(self) -> None:
        """Roles, offers, history."""
        self.show([*self._roles(), *self._here(), *self._offers(), *self._history()])

    def _here(self) -> Iterator[Row]:
        """Who is at the shared record now, in which role, looking at what, and their last key."""
        if (shared := self.war_room.shared()) is None:
            return
        yield Row("", ())
        told = "" if shared.state == "together" else f", as of before it was {shared.state}"
        yield Row("", (Span(f" Here now{told}", "accent"),))
        room, now = self.war_room.room, self.war_room.clock.now()
        for each in shared.people:
            elsewhere = room.labels.get(each.incident, "") if each.incident != room.incident else ""
            yield Row("", person_spans(each, now, elsewhere))

    def _roles(self) -> Iterator[Row]:
        state = self.war_room.room.state
        since: dict[Role, Fact] = {role: fact for role, _, fact in state.role_history}
        for role in Role:
            holder, offer = state.roles.get(role), state.offered(role)
            who = f"{holder} since {time_of_day(since[role].at)}Z" if holder else "nobody"
            spans = [Span(f" {role.label:<22}", "strong"), Span(who, "plain" if holder else "quiet")]
            if offer is not None:
                spans.append(Span(f"  offered to {offer.to} since {time_of_day(offer.offered.at)}Z", "warn"))
            yield Row(role.value, tuple(spans))
        policy = self.war_room.room.policy
        level = policy.level(state.severity) if policy else None
        if level is not None and level.commander and Role.IC not in state.roles:
            yield Row("", (Span(f" {level.severity} is commanded by: {level.commander}", "quiet"),))

    def _offers(self) -> Iterator[Row]:
        handovers = list(self.war_room.room.state.handovers.values())
        if handovers:
            yield Row("", ())
            yield Row("", (Span(" Handovers", "accent"),))
        for each in reversed(handovers):
            settled = f" {time_of_day(each.settled.at)}Z" if each.settled else ""
            why = f": {each.why}" if each.why else ""
            text = f"{each.role.short}  {each.giver or each.offered.actor} to {each.to}, {each.state}{settled}{why}"
            tone = "warn" if each.state == "offered" else "plain"
            yield from self._dated(each.offered, text, tone)
            if each.state == "offered":
                yield from self._brief(each.brief)

    def _brief(self, brief: str) -> Iterator[Row]:
        """What the receiver is handed, cut nowhere; what goes on stands as far in as its words begin."""
        for line in brief.splitlines():
            label, words = line[:_LABEL], line[_LABEL:]
            for number, part in enumerate(wrap(words.strip(), max(20, self.size.width - 13 - _LABEL))):
                yield Row("", (Span(f"{' ' * 12}{label if number == 0 else '':<{_LABEL}}{part}", "quiet"),))

    def _history(self) -> Iterator[Row]:
        history = self.war_room.room.state.role_history
        if history:
            yield Row("", ())
            yield Row("", (Span(" History, the latest first", "accent"),))
        for role, handle, fact in reversed(history):
            by = f"  (by {fact.actor})" if fact.actor != handle else ""
            yield from self._dated(fact, f"{role.short}  {handle or 'released'}{by}", "plain")

    def _dated(self, fact: Fact, text: str, tone: str) -> Iterator[Row]:
        """A line of what happened, over as many lines as it needs."""
        for number, line in enumerate(wrap(text, max(20, self.size.width - 13))):
            when = f" {time_of_day(fact.at)}Z  " if number == 0 else " " * 12
            yield Row("", (Span(when, "quiet"), Span(line, "warn" if tone == "warn" else "plain")))

    @property
    def _handle(self) -> str:
        return self.query_one("#handle", Input).value.strip()

    def action_give(self) -> None:
        """Give the role to the handle below; offer it, where `H` has asked to whom."""
        command, self._asked = self._asked or "role", ""
        self._do(command, self._handle, leave=command == "role")

    def action_offer(self) -> None:
        """Offer it to the handle below, with a brief; where that is one's own, ask for another."""
        if self._handle != self.war_room.room.actor:
            self._do("handover", self._handle)
            return
        self._asked = "handover"
        field = self.query_one("#handle", Input)
        field.value = ""
        field.focus()
        self.show_frame("hand it over to whom? enter offers it, with a brief")

    def action_accept(self) -> None:
        """Accept what was offered to whoever types."""
        self._do("handover", "--accept")

    def action_decline(self) -> None:
        """Decline what was offered to whoever types, or withdraw what he offered himself."""
        role = self.query_one(Lines).selected
        offer = self.war_room.room.state.offered(Role(role)) if role else None
        own = offer is not None and offer.to == self.war_room.room.actor
        self._do("handover", "--decline" if own or offer is None else "--withdraw")

    def action_release(self) -> None:
        """Release the role."""
        self._do("role", "")

    @work(group="record")
    async def _do(self, command: str, what: str, *, leave: bool = False) -> None:
        role = self.query_one(Lines).selected
        done = await self.perform_line(self.war_room, f"{command} {role} {what}".strip())
        if done and leave and self.is_current:
            self.dismiss(None)
        elif done and self.is_mounted:
            self.query_one(Lines).focus()
            self.draw()
