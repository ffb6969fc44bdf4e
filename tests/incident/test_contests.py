"""What was decided apart is known, whatever order it arrives in; what was decided together or dated back is not one."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import count

import pytest

from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.fold.contests import untold
from cockpit.incident.terms import Role, Status
from cockpit.incident.timeline import Timeline
from tests.stories import INCIDENT, START

_IDS = count(1)


class Writer:
    """Somebody who writes entries, in a chain of his own."""

    def __init__(self, name: str) -> None:
        self.tail = Tail(name)

    def says(self, payload: kinds.Payload, minute: float) -> Entry:
        at = START + timedelta(minutes=minute)
        draft = Draft(INCIDENT, payload.kind, payload.fields(), at, f"@{self.tail.writer}")
        entry, self.tail = seal(draft, self.tail, id=f"id-{next(_IDS):06}", now=at)
        return entry


def ic(handle: str | None, over: Entry | str | None = "") -> kinds.RoleChange:
    return kinds.RoleChange(role=Role.IC, handle=handle, over=over.id if isinstance(over, Entry) else over)


def told(*entries: Entry) -> list[tuple[str, str, str]]:
    """The contradictions of a record that arrives in any order."""
    found: list[list[tuple[str, str, str]]] = []
    for seed in range(4):
        timeline, shuffled = Timeline(), list(entries)
        random.Random(seed).shuffle(shuffled)
        for entry in shuffled:
            timeline.add(entry)
        found.append([(each.subject, each.lost, each.stands) for each in untold(timeline.state)])
    assert all(each == found[0] for each in found)
    return found[0]


def test_two_commanders_of_cockpits_that_were_apart() -> None:
    a, b = Writer("a"), Writer("b")
    assert told(a.says(ic("@ada"), 1), b.says(ic("@bob"), 2)) == [("role ic", "@ada", "@bob")]


def test_one_after_the_other_is_none() -> None:
    a, b = Writer("a"), Writer("b")
    first = a.says(ic("@ada"), 1)
    assert told(first, b.says(ic("@bob", first), 2)) == []


def test_the_same_said_twice_is_none() -> None:
    a, b = Writer("a"), Writer("b")
    assert told(a.says(ic("@ada"), 1), b.says(ic("@ada"), 2)) == []


def test_what_is_dated_back_was_decided_knowing_what_comes_after() -> None:
    a, b = Writer("a"), Writer("b")
    first = a.says(ic("@ada"), 10)
    back = b.says(ic("@bob", first), 5)
    assert told(first, back) == []
    assert told(first, back, a.says(ic("@cem", first), 20)) == []


def test_an_old_record_that_does_not_say_is_left_alone() -> None:
    a, b = Writer("a"), Writer("b")
    assert told(a.says(ic("@ada", None), 1), b.says(ic("@bob", None), 2)) == []


DIFFERENT: dict[str, tuple[kinds.Payload, kinds.Payload]] = {
    "item x": (
        kinds.ChecklistItem(item="x", state="done", over=""), kinds.ChecklistItem(item="x", state="open", over="")
    ),
    "status": (
        kinds.StatusChange(status=Status.MONITORING, over=""), kinds.StatusChange(status=Status.RESOLVED, over="")
    ),
    "severity": (kinds.Severity(severity="P0", over=""), kinds.Severity(severity="P2", over="")),
}  # fmt: skip


@pytest.mark.parametrize("subject", DIFFERENT)
def test_items_statuses_and_severities_too(subject: str) -> None:
    one, two = DIFFERENT[subject]
    ((found, _, __),) = told(Writer("a").says(one, 1), Writer("b").says(two, 2))
    assert found == subject


def test_it_is_told_once() -> None:
    a, b = Writer("a"), Writer("b")
    entries = [a.says(ic("@ada"), 1), b.says(ic("@bob"), 2)]
    (said,) = untold(Timeline(entries).state)
    entries.append(a.says(said, 3))
    assert untold(Timeline(entries).state) == []
    assert Timeline(entries).state.roles == {Role.IC: "@bob"}
