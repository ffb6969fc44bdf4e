"""The measures of a journal: every incident read and folded off the loop, one incident alone or all together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.incident.cases import KEYS, Case, Group, counted, group, grouped
from cockpit.incident.goals import Goal, goals
from cockpit.incident.measures import Judged, Measure, judgements, measures
from cockpit.incident.policies import Policy
from cockpit.record.store import Store
from cockpit.room.house import reading
from cockpit.room.journal.listing import find_incident, listing
from cockpit.room.options import Options
from cockpit.room.plans import read_policies
from cockpit.room.refusal import Refusal
from cockpit.scribe.measures import chart, table, value
from cockpit.text import clean

__all__ = ["KEYS", "Case", "Choice", "Goal", "Group", "Judged", "Measure", "Measured", "One", "value"]


class Choice(Struct, frozen=True):
    """Which incidents, and how they are put together.

    Attributes:
        by: names of `KEYS`; none for all together.
        since: the first day of declaration, UTC; None for all. The goals look at all: they compare periods.
        services: empty for all.
    """

    by: tuple[str, ...] = ("month",)
    since: date | None = None
    services: tuple[str, ...] = ()


class Measured(Struct, frozen=True):
    """Many incidents, measured."""

    choice: Choice
    cases: Sequence[Case]
    groups: Sequence[Group]
    whole: Group
    goals: Sequence[Goal]

    @classmethod
    def of(cls, every: Sequence[Case], choice: Choice, now: datetime) -> Measured:
        """These cases as `choice` has them; `now` is aware UTC.

        Raises:
            Refusal: nothing was ever declared on a service that it names.
        """
        known = {case.service for case in every}
        if unknown := [each for each in choice.services if each not in known]:
            there_are = ", ".join(sorted(known)) or "none"
            raise Refusal(f"no incident that counts was declared on '{clean(unknown[0])[:40]}'; there are {there_are}")
        chosen = [case for case in every if not choice.services or case.service in choice.services]
        cases = [case for case in chosen if choice.since is None or case.declared.date() >= choice.since]
        return cls(choice, cases, grouped(cases, choice.by), group((), cases), goals(chosen, now))

    def table(self) -> list[str]:
        """The lines of a table of 80 columns."""
        return table(self.groups, self.whole, self.goals, self.choice.by)

    def chart(self, *, width: int = 78, unicode: bool = True) -> list[str]:
        """The lines of a bar chart of each mean, `width` cells wide."""
        return chart(self.groups, width=width, unicode=unicode)


class One(Struct, frozen=True):
    """One incident, measured. `apart` says why it counts in no measure of many, where it does not."""

    label: str
    measures: Sequence[Measure]
    judged: Sequence[Judged]
    apart: str = ""


async def read_cases(store: Store, policies: Mapping[str, Policy], now: datetime) -> list[Case]:
    """Every incident of the journal that counts; raises JournalError."""
    found = [(each.label, each.state) for each in await listing(store, lambda _: ())]
    return await asyncio.to_thread(counted, found, policies, now)


async def measure_journal(options: Options, clock: Clock, choice: Choice) -> Measured:
    """Measure the incidents of the journal, of all services.

    Raises:
        HouseError: the configuration is broken.
        Refusal: a service that was asked for has no incident.
        JournalError: the record cannot be opened or read.
    """
    async with reading(options, clock) as (store, config):
        return Measured.of(await read_cases(store, read_policies(config), clock.now()), choice, clock.now())


async def measure_one(options: Options, clock: Clock, incident: str) -> One:
    """Measure the incident that people call `incident`; raises as `measure_journal`."""
    async with reading(options, clock) as (store, config):
        found = await find_incident(store, incident, unmerged=options.unmerged)
    policies = read_policies(config)
    state, apart = found.state, "a drill: it counts in no measure" if found.state.drill else ""
    if state.merged_into:
        apart = f"{state.statuses[-1].text}: it counts there"
    return One(found.label, measures(state), judgements(state, policies.get(state.policy), clock.now()), apart)
