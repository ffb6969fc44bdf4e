"""What a policy is made of: levels, targets, who is told and who is called in; each with the lines it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal

from msgspec import Struct, field

from cockpit.incident.calendar import USUAL, Calendar
from cockpit.incident.times import duration

INTERNAL, CUSTOMERS = "internal", "customers"

Flag = Literal["data", "security", "regulatory"]
"""What may be said of an impact (`kinds.Impact`), and what somebody is told because of."""


@dataclass(frozen=True, slots=True)
class Range:  # a dataclass, since the models of runbooks have it as a field
    """A target in time: due soon at `lower`, overdue at `upper`. A plain duration has both the same, none at all is
    "immediately"."""

    lower: timedelta
    upper: timedelta

    @classmethod
    def of(cls, text: str) -> Range:
        """Read `15m` or `15m-30m`; raises TimeError."""
        lower, _, upper = text.partition("-")
        return cls(duration(lower), duration(upper or lower))

    @property
    def at_once(self) -> bool:
        """Whether it says "immediately"."""
        return not self.upper

    def __str__(self) -> str:
        if self.at_once:
            return "immediately"
        minutes = [limit / timedelta(minutes=1) for limit in (self.lower, self.upper)]
        hours = all(m >= 60 and m % 60 == 0 for m in minutes)
        unit, size = ("h", 60) if hours else ("min", 1) if min(minutes) >= 1 else ("s", 1 / 60)
        first, last = (f"{m / size:g}" for m in minutes)
        return f"{last} {unit}" if first == last else f"{first}–{last} {unit}"


class NextBusinessDay(Struct, frozen=True):
    """A target by the calendar: due soon when the next business day begins, overdue when it ends."""

    def __str__(self) -> str:
        return "next business day"


class Words(Struct, frozen=True):
    """A target that is no time ("Within a few hours", "Backlog prioritization"): kept and shown, no clock runs."""

    text: str

    def __str__(self) -> str:
        return self.text


Target = Range | NextBusinessDay | Words
IMMEDIATELY = Range(timedelta(0), timedelta(0))
NEXT_BUSINESS_DAY = NextBusinessDay()


class Rule(Struct, frozen=True):
    """A sentence of a document that people keep to, and its lines."""

    text: str
    lines: tuple[int, ...]


class Call(Struct, frozen=True):
    """Somebody who is to hear of an incident.

    Attributes:
        who: a person's office, a team, or an audience, as the document or the configuration calls them.
        within: how soon; None where the document does not say.
        when: the document's condition; it is people who know whether it holds, so no clock runs without a `flag`.
        flag: what has to be said of the impact for the condition to hold.
        how: by which way, or why.
        lines: where the document says so; `document` names it where it is not the policy's own.
    """

    who: str
    within: Target | None = None
    when: str = ""
    flag: Flag | None = None
    how: str = ""
    lines: tuple[int, ...] = ()
    document: str = ""

    @property
    def key(self) -> str:
        """`who` as clocks and targets are named: `vp-engineering`."""
        return key_of(self.who)


class Notice(Call, frozen=True):
    """Somebody who is told of it."""


class Escalation(Call, frozen=True):
    """Somebody who is called in, after the ones before on the ladder."""


@lru_cache(maxsize=4096)  # a few names, compared again for each clock of each incident
def key_of(who: str) -> str:
    """A name in the one spelling in which names are compared: `VP Engineering` and `@vp-engineering` are the same."""
    return re.sub(r"[^\w.]+", "-", who.casefold()).strip("-")


class Level(Struct, frozen=True):
    """One severity of a policy. What its document does not give is empty or None.

    Attributes:
        summary: the document's one phrase for it ("Complete service outage").
        impact: what makes an incident one of this severity; `examples` where the document gives both.
        update: the cadence of each audience; where a document names no audience, it holds for all.
        commander: who commands at this severity.
        communication: who hears of it, in the document's words.
        sources: the document's lines for each field.
    """

    severity: str
    title: str = ""
    summary: str = ""
    impact: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    acknowledge: Target | None = None
    respond: Target | None = None
    resolve: Target | None = None
    update: Mapping[str, Target] = field(default_factory=dict)
    commander: str = ""
    communication: str = ""
    notify: tuple[Notice, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    sources: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[int, ...]:
        """Every line of the policy's document that the level comes from."""
        called = (call.lines for call in (*self.notify, *self.escalate) if not call.document)
        return tuple(sorted({line for lines in (*self.sources.values(), *called) for line in lines}))


class Policy(Struct, frozen=True):
    """A severity scheme.

    Attributes:
        levels: by severity, the gravest first.
        first_update: how soon after the declaration the public page must speak; the runbook's word
            (payment-service-runbook.md:96), kept also where a document has none of its own.
        notify: who is told whatever the severity, where a condition holds.
        escalation: the ladder whatever the severity, in its order.
        communication: how people are told.
        extends: the policy that a team's own one starts from; its lines are those of that one's document.
        calendar: when those who keep to it work.
    """

    name: str
    title: str
    document: str
    levels: Mapping[str, Level]
    first_update: timedelta = timedelta(minutes=5)
    notify: tuple[Notice, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    communication: tuple[Rule, ...] = ()
    extends: str = ""
    calendar: Calendar = USUAL

    def level(self, severity: str | None) -> Level | None:
        """The level named `severity` in any case, if this policy has it."""
        return self.levels.get(severity.upper()) if severity else None


def by_severity(*levels: Level) -> dict[str, Level]:
    """The levels by their names."""
    return {level.severity: level for level in levels}


def both(cadence: str) -> dict[str, Target]:
    """A cadence such as `15m-30m` that the document gives without naming an audience: it holds for both."""
    return dict.fromkeys((INTERNAL, CUSTOMERS), Range.of(cadence))
