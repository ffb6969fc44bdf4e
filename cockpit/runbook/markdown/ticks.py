"""Keeps the ids of checklist items that stayed when a document is read again, so that their ticks stay too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import TypeVar

from cockpit.runbook.checklists import Item, Phase, Phases
from cockpit.runbook.markdown.checklists import Checklists
from cockpit.runbook.markdown.findings import unique
from cockpit.runbook.model import Runbook

_SIMILAR = 0.72
"""How alike two wordings must be (difflib's ratio) to be one item that was edited."""

List = TypeVar("List", bound=Phases)


def kept(new: Checklists, previous: Runbook | None) -> Checklists:
    """The lists with the ids, and the facts that tick them, of the items that `previous` has too.

    An item is the same when its words are, else when they are alike and no other is more so; each old one is taken
    once. An id that `previous` gave to another item is never given to a new one: its tick would be wrong.
    """
    if previous is None:
        return new
    old = {each.role: each for each in previous.checklists}
    lists = tuple(_kept(each, old.get(each.role)) for each in new.checklists)
    after = _kept(new.post_incident, previous.post_incident) if new.post_incident else None
    return Checklists(lists, after)


def _kept(new: List, old: Phases | None) -> List:
    if old is None:
        return new
    pairs = _pairs(list(_items(new)), list(_items(old)))
    phases = _phase_ids(new, old, pairs)
    taken = {item.id for item in _items(old)}
    renamed = []
    for phase in new.phases:
        items = []
        for item in phase.items:
            if same := pairs.get(item.id):
                items.append(item.model_copy(update={"id": same.id, "answered_by": same.answered_by}))
            else:
                id = unique(item.id, taken)
                taken.add(id)
                items.append(item.model_copy(update={"id": id}))
        renamed.append(phase.model_copy(update={"id": phases[phase.id], "items": tuple(items)}))
    return new.model_copy(update={"phases": tuple(renamed)})


def _items(phases: Phases) -> Iterator[Item]:
    for phase in phases.phases:
        yield from phase.items


def _pairs(new: list[Item], old: list[Item]) -> dict[str, Item]:
    """The old item for each new one's id; the most alike first."""
    scored = sorted(
        ((score, i, j) for i, a in enumerate(new) for j, b in enumerate(old) if (score := _likeness(a, b)) >= _SIMILAR),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    found: dict[str, Item] = {}
    used: set[int] = set()
    for _, i, j in scored:
        if new[i].id not in found and j not in used:
            found[new[i].id] = old[j]
            used.add(j)
    return found


def _likeness(one: Item, other: Item) -> float:
    a, b = _plain(one.text), _plain(other.text)
    if a == b:
        return 1.0 + (one.id == other.id)
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _SIMILAR and matcher.quick_ratio() >= _SIMILAR else 0.0


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _phase_ids(new: Phases, old: Phases, pairs: dict[str, Item]) -> dict[str, str]:
    """The id of each new phase: that of the old one from which most of its items come, else its own, no old one's."""
    home = {item.id: phase.id for phase in old.phases for item in phase.items}
    taken = {phase.id for phase in old.phases}
    given: set[str] = set()
    found: dict[str, str] = {}
    for phase in new.phases:
        id = next((id for id in _homes(phase, home, pairs) if id not in given), "") or unique(phase.id, taken | given)
        given.add(id)
        found[phase.id] = id
    return found


def _homes(phase: Phase, home: dict[str, str], pairs: dict[str, Item]) -> Iterable[str]:
    counted = Counter(home[pairs[item.id].id] for item in phase.items if item.id in pairs)
    return [id for id, _ in counted.most_common()]
