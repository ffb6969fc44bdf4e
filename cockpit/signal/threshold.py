"""Thresholds: a pure step from sample to sample, with `for`; unknown is a state of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cockpit.config import Bound

State = Literal["ok", "warning", "breach", "unknown"]

UNBOUND = "no query is configured for it"


@dataclass(frozen=True, slots=True)
class Rule:
    """A threshold as far as its evaluation goes; without a bound it is ok whatever is read.

    Attributes:
        for_: seconds that a comparison must hold before it counts.
        healthy: the document's words for what should be.
    """

    id: str
    title: str
    unit: str
    warning: Bound | None
    breach: Bound | None
    for_: float = 0.0
    healthy: str = ""

    def alarming(self, reading: float) -> tuple[bool, bool]:
        """Whether a reading is on the alarming side of the warning (or the breach), and of the breach."""
        breach = self.breach is not None and self.breach.breached(reading)
        return breach or (self.warning is not None and self.warning.breached(reading)), breach


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading: `value` None is unknown, and `reason` says why."""

    at: datetime
    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What a threshold has been through, as far as the next sample needs it.

    Attributes:
        known: the last state other than unknown, and `known_since` when it began.
        warning_began, breach_began: since when the comparison has held without a break.
        sampled: when the last known value was read.
        unknown_since: when it became unknown; None while it is known.
    """

    known: State = "unknown"
    known_since: datetime | None = None
    value: float | None = None
    warning_began: datetime | None = None
    breach_began: datetime | None = None
    sampled: datetime | None = None
    unknown_since: datetime | None = None
    reason: str = "not read yet"

    @property
    def state(self) -> State:
        """The state now."""
        return "unknown" if self.reason else self.known


@dataclass(frozen=True, slots=True)
class ThresholdState:
    """One threshold as it stands, for people.

    Attributes:
        since: when the state began.
        bound: the bound it is held against, as `> 5`: the one that is crossed, else the first that would be.
        reason: why it is unknown; empty when it is not.
        pending_since: since when a worse state's comparison holds, while its `for` is not over.
        unbound: whether it is unknown because no query is configured.
    """

    id: str
    title: str
    unit: str
    state: State
    since: datetime | None
    value: float | None
    bound: str
    reason: str = ""
    pending_since: datetime | None = None
    healthy: str = ""
    unbound: bool = False


def advance(rule: Rule, course: Course, sample: Sample, gap: float) -> Course:
    """Take in the next sample.

    A worse state is entered when its comparison has held for `rule.for_` seconds, and left at the first sample for
    which it does not hold. What is unknown refutes nothing and proves nothing: after more than `gap` seconds without
    a value the time that a comparison has held starts anew, but a state that was entered stays when it still holds.
    """
    value = sample.value
    if value is None or not math.isfinite(value):
        since = sample.at if course.state != "unknown" else course.unknown_since or sample.at
        return replace(course, value=None, unknown_since=since, reason=sample.reason or "no value")
    broken = course.sampled is None or (sample.at - course.sampled).total_seconds() > gap
    warns, breaches = rule.alarming(value)
    warning_began = _began(course.warning_began, warns, broken, sample.at)
    breach_began = _began(course.breach_began, breaches, broken, sample.at)
    state: State = "ok"
    if breaches and (course.known == "breach" or _held(breach_began, sample.at, rule.for_)):
        state = "breach"
    elif warns and (course.known in ("warning", "breach") or _held(warning_began, sample.at, rule.for_)):
        state = "warning"
    began = course.known_since if state == course.known else sample.at
    return Course(state, began, value, warning_began, breach_began, sample.at, None, "")


def shown(rule: Rule, course: Course) -> ThresholdState:
    """The threshold as people see it."""
    pending: datetime | None = None
    if course.state in ("ok", "warning") and course.breach_began:
        pending = course.breach_began
    elif course.state == "ok":
        pending = course.warning_began
    return ThresholdState(
        id=rule.id,
        title=rule.title,
        unit=rule.unit,
        state=course.state,
        since=course.unknown_since if course.state == "unknown" else course.known_since,
        value=course.value,
        bound=bound(rule, course.state, course.value),
        reason=course.reason,
        pending_since=pending,
        healthy=rule.healthy,
    )


def unbound(rule: Rule) -> ThresholdState:
    """A threshold without a query: unknown for that reason."""
    return ThresholdState(
        rule.id, rule.title, rule.unit, "unknown", None, None, bound(rule, "unknown"), UNBOUND,
        healthy=rule.healthy, unbound=True,
    )  # fmt: skip


def bound(rule: Rule, state: State, value: float | None = None) -> str:
    """The bound that a reading is held against: the crossed one; else, while it is ok, the first that would be.

    Args:
        value: a reading beyond the breach that has not yet held for long enough is held against the breach.
    """
    pending = state == "ok" and value is not None and rule.breach is not None and rule.breach.breached(value)
    if rule.breach and (state == "breach" or pending or rule.warning is None):
        return str(rule.breach)
    return str(rule.warning) if rule.warning else ""


def _began(began: datetime | None, holds: bool, broken: bool, at: datetime) -> datetime | None:
    """Since when a comparison has held, as of a sample at `at`."""
    if not holds:
        return None
    return at if began is None or broken else began


def _held(began: datetime | None, at: datetime, for_: float) -> bool:
    return began is not None and (at - began).total_seconds() >= for_
