"""Requests about what is open: hypotheses that are confirmed or eliminated, action items that are tracked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.matters import ActionItem, Ask, Hypothesis, next_number
from cockpit.incident.state import State
from cockpit.room.requests.desk import Desk, Refusal, handle, must_be_declared, optional, worded
from cockpit.room.requests.placing import placed
from cockpit.text import clean

Matter = TypeVar("Matter", Hypothesis, Ask, ActionItem)


def named(every: Iterable[Matter], label: str, what: str) -> Matter:
    """The one of `every` that people call `label` (h1, H1), or by its id; raises Refusal naming those there are."""
    every = list(every)
    given = clean(label).strip()
    found = [each for each in every if each.label.upper() == given.upper() or each.id == given]
    if len(found) == 1:
        return found[0]
    if found:  # two cockpits that were apart gave the same number
        ids = ", ".join(f"{each.id} ({each.text[:30]})" for each in found)
        raise Refusal(f"{given} is {len(found)} of them; write the id: {ids}")
    known = ", ".join(f"{each.label} ({each.text[:30]})" for each in every[-5:]) or "none"
    raise Refusal(f"there is no {what} '{given[:40]}'; there are: {known}")


class Suppose(Struct, frozen=True):
    """Open a hypothesis."""

    text: str
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The hypothesis, with the next number."""
        must_be_declared(state)
        text, number = worded(self.text, "the hypothesis"), next_number(state.hypotheses.values())
        return [placed(kinds.Hypothesis(hypothesis=new_id(), number=number, text=text), self.at, state, desk)]


class Settle(Struct, frozen=True):
    """Confirm or eliminate a hypothesis by its evidence, or open it again."""

    label: str
    state: str
    evidence: str = ""
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Its new standing, with the evidence."""
        must_be_declared(state)
        known = named(state.hypotheses.values(), self.label, "hypothesis")
        if known.state == self.state:
            raise Refusal(f"{known.label} is {self.state} already")
        evidence = optional(self.evidence) if self.state == "open" else worded(self.evidence, "the evidence")
        payload = {"hypothesis": known.id, "number": known.number, "state": self.state, "evidence": evidence}
        return [placed(kinds.Hypothesis.model_validate(payload), self.at, state, desk)]


class AddItem(Struct, frozen=True):
    """Note something to be done after the incident."""

    text: str
    owner: str = ""
    due: date | None = None
    term: str = "short-term"

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The item, with the next number. It may be added to a closed incident too: that is when most are found."""
        must_be_declared(state)
        owner = handle(self.owner) if self.owner else ""
        payload = {"item": new_id(), "number": next_number(state.action_items.values())}
        said = {"text": worded(self.text, "the action item"), "owner": owner, "due": self.due, "term": self.term}
        return [desk.draft(kinds.ActionItem.model_validate(payload | said))]


class ChangeItem(Struct, frozen=True):
    """Give an action item another owner, day or term; or say that it is done, or dropped and why."""

    label: str
    state: str = "open"
    owner: str = ""
    due: date | None = None
    term: str = ""
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Its new standing."""
        must_be_declared(state)
        known = named(state.action_items.values(), self.label, "action item")
        if self.state == known.state and not (self.owner or self.due or self.term):
            raise Refusal(
                f"{known.label} is {known.state} already; --done, --drop WHY, --owner, --due or --term change it"
            )
        why = worded(self.why, "why it is dropped") if self.state == "dropped" else optional(self.why)
        owner = handle(self.owner) if self.owner else known.owner
        payload = {"item": known.id, "number": known.number, "state": self.state, "why": why, "owner": owner}
        return [
            desk.draft(
                kinds.ActionItem.model_validate(
                    payload | {"due": self.due or known.due, "term": self.term or known.term}
                )
            )
        ]
