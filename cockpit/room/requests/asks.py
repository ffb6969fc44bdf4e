"""Asks: somebody by name, for something, by a time; acknowledged, answered, or overdue and said so.

Time-boxed asks with names are what PagerDuty's training for incident commanders asks for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.matters import Ask as Asked
from cockpit.incident.matters import next_number
from cockpit.incident.state import State
from cockpit.room.requests.desk import Desk, Refusal, handle, must_not_be_closed, worded
from cockpit.room.requests.matters import named
from cockpit.room.requests.placing import placed

LONGEST = timedelta(days=2)
"""How long an ask of an incident may take; what takes longer is an action item."""


class Ask(Struct, frozen=True):
    """Ask somebody for something."""

    handle: str
    within: timedelta
    text: str
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The ask, with the next number; its time runs from when it was asked."""
        must_not_be_closed(state)
        if not timedelta() < self.within <= LONGEST:
            raise Refusal("an ask takes from some seconds to two days; what takes longer is an `action-item`")
        payload = kinds.Ask(
            ask=new_id(), number=next_number(state.asks.values()), handle=handle(self.handle),
            text=worded(self.text, "what is asked"), due=(self.at or desk.now) + self.within,
        )  # fmt: skip
        return [placed(payload, self.at, state, desk)]


class SettleAsk(Struct, frozen=True):
    """Say that an ask was taken, answered, or is no longer needed."""

    label: str
    state: str
    text: str = ""
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Its new standing."""
        must_not_be_closed(state)
        known: Asked = named(state.asks.values(), self.label, "ask")
        if not known.is_open:
            raise Refusal(f"{known.label} is {known.state} already")
        if self.state == "acknowledged" and known.acknowledged is not None:
            raise Refusal(f"{known.label} was taken already, by {known.acknowledged.actor}")
        what = {"answered": "the answer", "withdrawn": "why it is not needed"}.get(self.state, "")
        answer = worded(self.text, what) if what else ""
        fields = {"ask": known.id, "number": known.number, "handle": known.handle, "state": self.state}
        return [placed(kinds.Ask.model_validate(fields | {"answer": answer}), self.at, state, desk)]


def overdue(state: State, now: datetime) -> list[kinds.Ask]:
    """What is to be said of asks whose time has passed and of which nobody has said so."""
    if state.over or state.merged_into:
        return []
    late = [ask for ask in state.asks.values() if ask.is_open and ask.overdue is None and ask.due and ask.due <= now]
    return [kinds.Ask(ask=ask.id, number=ask.number, handle=ask.handle, state="overdue") for ask in late]
