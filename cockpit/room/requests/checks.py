"""Ticking a checklist: the item is named by its id, its number in a role's list, or words that only it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.checklists import Checklist, Item, find, tick
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.desk import Desk, Refusal, must_be_declared, optional, worded
from cockpit.text import clean

_NUMBER = re.compile(r"(?:([a-z]+)[ .])?(\d{1,4})", re.ASCII)
_NAMED = 4
"""How many items a refusal names where several are meant."""


class Check(Struct, frozen=True):
    """Tick a checklist item, open it again, or say that it does not apply. What is said stands, whatever fact ticks
    the item by itself.

    Args:
        item: its id; `3` in the list of one's own role, or `ops 3`; or a part of its text.
        state: done, open or not-applicable.
        why: why it does not apply.
    """

    item: str
    state: str = "done"
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The item's new state."""
        must_be_declared(state)
        item = _meant(self.item, desk)
        standing = tick(item, state)
        if standing.state == self.state and not standing.answered:
            raise Refusal(f"'{item.text}' is {self.state} already")
        why = worded(self.why, "why it does not apply") if self.state == "not-applicable" else optional(self.why)
        fields: Mapping[str, Any] = {"item": item.id, "state": self.state, "text": item.text, "why": why}
        return [desk.draft(kinds.ChecklistItem.model_validate(fields))]


def _meant(text: str, desk: Desk) -> Item:
    """The one item that people call `text`; raises Refusal naming those that it may be."""
    given = " ".join(clean(text).split())
    if item := find(desk.checklists, given):
        return item
    given = given.lower()
    if number := _NUMBER.fullmatch(given):
        return _numbered(number[1] or desk.role or "", int(number[2]), desk)
    every = [item for checklist in desk.checklists for item in _items(checklist)]
    found = [item for item in every if given and given in item.text.lower()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(f"there is no checklist item '{given[:60]}'; `cockpit incident checklist` lists them")
    some = ", ".join(f"{item.id} ({item.text[:30]})" for item in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    raise Refusal(f"'{given[:60]}' is {len(found)} items: {some}{more}; write the id")


def _numbered(role: str, number: int, desk: Desk) -> Item:
    """The item with that number in the list of `role`, counted from 1 as the list is printed."""
    lists = {checklist.role: checklist for checklist in desk.checklists}
    if role not in lists:
        known = ", ".join(lists) or "no list"
        raise Refusal(f"item {number} of which list? as in `check ops {number}`; there are: {known}")
    items = list(_items(lists[role]))
    if not 1 <= number <= len(items):
        raise Refusal(f"the list of {role} has no item {number}; it has 1 to {len(items)}")
    return items[number - 1]


def _items(checklist: Checklist) -> Iterator[Item]:
    for phase in checklist.phases:
        yield from phase.items
