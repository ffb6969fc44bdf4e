"""One clock: when it is due soon and overdue, where it stands, and how a snooze puts it off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from cockpit.incident.calendar import Calendar
from cockpit.incident.policies import NextBusinessDay, Target, Words
from cockpit.incident.state import State
from cockpit.values import replace

Standing = Literal["running", "due soon", "overdue", "met", "missed"]

SOON = 0.2
"""A plain target is due soon when less than this part of it is left."""
AT_ONCE = timedelta(minutes=5)
"""What is due immediately is due soon from the start and overdue after this: "Immediate (within 5 minutes)"
(production-incident-response-plan.md:24)."""


class Due(Struct, frozen=True):
    """One clock. `due` is when it is overdue, `done` when what it waited for happened.

    `snoozed_until` and `why` are set when somebody put it off; `due` is then where it was put.
    """

    name: str
    title: str
    since: datetime
    soon: datetime
    due: datetime
    done: datetime | None = None
    snoozed_until: datetime | None = None
    why: str = ""

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

    def snoozed(self, now: datetime) -> bool:
        """Whether it is put off at `now`, and nobody needs to be reminded."""
        return self.done is None and self.snoozed_until is not None and now < self.snoozed_until


def ends(since: datetime, target: Target | None, calendar: Calendar) -> tuple[datetime, datetime] | None:
    """When a target that runs from `since` is due soon, and when it is overdue; None for what is no time."""
    if target is None or isinstance(target, Words):
        return None
    if isinstance(target, NextBusinessDay):
        opening = calendar.next_business_day(since)
        return opening, calendar.closing(opening)
    if target.at_once:
        return since, since + AT_ONCE
    soon = target.lower if target.lower < target.upper else target.upper * (1 - SOON)
    return since + soon, since + target.upper


def put_off(clock: Due, state: State) -> Due:
    """The clock as a snooze of its own run has put it off; never to an earlier instant."""
    snooze, said = state.snoozes.get(clock.name, (None, None))
    if snooze is None or said is None or said.at < clock.since or snooze.until <= max(clock.due, said.at):
        return clock
    if clock.done is not None and clock.done < said.at:
        return clock
    soon = max(clock.soon, snooze.until - (snooze.until - said.at) * SOON)
    return replace(clock, soon=soon, due=snooze.until, snoozed_until=snooze.until, why=snooze.why)
