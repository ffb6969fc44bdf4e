"""The clocks of an incident: what is due, when, and whether it was met. From record and policy alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cockpit.incident.policies import CUSTOMERS, Policy, Range
from cockpit.incident.state import State

Standing = Literal["running", "due soon", "overdue", "met", "missed"]

SOON = 0.2
"""A plain target is due soon when less than this part of it is left."""


@dataclass(frozen=True, slots=True)
class Due:
    """One clock. `due` is when it is overdue, `done` when what it waited for happened."""

    name: str
    title: str
    since: datetime
    soon: datetime
    due: datetime
    done: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Where the clock stands at `now`."""
        if self.done is not None:
            return "met" if self.done <= self.due else "missed"
        if now >= self.due:
            return "overdue"
        return "due soon" if now >= self.soon else "running"

    def left(self, now: datetime) -> timedelta:
        """What is left at `now`; negative when overdue."""
        return self.due - now


def clocks(state: State, policy: Policy | None) -> list[Due]:
    """All clocks of the incident, in the order in which people ask for them.

    None runs before the declaration; those that wait for an act stop when the incident is resolved or closed. A clock
    whose target the policy does not give, or that needs a severity when none is set, is not there.
    """
    if state.declared is None or policy is None:
        return []
    level = policy.level(state.severity)
    found = [*_updates(state, policy, level.update if level else {})]
    start = state.declared.at
    if level and level.acknowledge:
        done = state.acknowledged.at if state.acknowledged else None
        found.append(_due("ack", "acknowledge", start, level.acknowledge, done))
    if level and level.resolve:
        ended = state.resolved or state.closed
        found.append(_due("resolve", "resolve", start, level.resolve, ended.at if ended else None))
    return found if not state.over else [clock for clock in found if clock.done is not None]


def _updates(state: State, policy: Policy, cadences: dict[str, Range]) -> list[Due]:
    """The next update of each audience: the promised instant, else the cadence after the last one that really went out.

    Before the first, the public page is due `policy.first_update` after the declaration; other audiences after one
    cadence.
    """
    assert state.declared is not None
    found = []
    for audience in dict.fromkeys((CUSTOMERS, *cadences)):
        title = "page" if audience == CUSTOMERS else audience
        name, last, cadence = f"update:{audience}", state.last_message(audience), cadences.get(audience)
        if last is None or last.delivered is None:
            first = policy.first_update
            target = Range(first, first) if audience == CUSTOMERS or cadence is None else cadence
            found.append(_due(name, title, state.declared.at, target))
        elif last.message.next_update is not None:
            found.append(_due(name, title, last.delivered.at, _until(last.message.next_update - last.delivered.at)))
        elif cadence is not None:
            found.append(_due(name, title, last.delivered.at, cadence))
    return found


def _until(span: timedelta) -> Range:
    return Range(span, span)


def _due(name: str, title: str, since: datetime, target: Range, done: datetime | None = None) -> Due:
    """A clock from `since` on; a range is due soon at its lower end, a plain target when its last part runs."""
    soon = target.lower if target.lower < target.upper else target.upper * (1 - SOON)
    return Due(name, title, since, since + soon, since + target.upper, done)


def next_update(state: State, policy: Policy | None, audience: str, now: datetime) -> datetime | None:
    """When an update sent at `now` promises the next one to `audience`; None when the policy names no cadence.

    A range promises its upper end: what is promised must be kept.
    """
    level = policy.level(state.severity) if policy else None
    cadence = level.update.get(audience) if level else None
    return now + cadence.upper if cadence and not state.over else None
