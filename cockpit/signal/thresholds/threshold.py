"""Thresholds: a pure step from sample to sample, with `for`, hysteresis and what is normal; unknown is a state too."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Literal

from msgspec import Struct

from cockpit.config import Baseline, Bound
from cockpit.values import replace

State = Literal["ok", "warning", "breach", "unknown"]

NOT_READ = "not read yet"
UNBOUND = "no query is configured for it"
NO_BASELINE = "nothing says what is normal; give its threshold a `baseline`"


class Normal(Struct, frozen=True):
    """What is normal for a signal now: `value` None is unknown, and `reason` says why."""

    value: float | None
    reason: str = ""


class Bounds(Struct, frozen=True):
    """A rule's bounds in the signal's own unit; those that depend on a normal that is not known are None.

    Attributes:
        missing: why the normal is not known, where a bound needs it; else empty.
    """

    warning: Bound | None
    breach: Bound | None
    clear: Bound | None
    missing: str = ""

    def alarming(self, reading: float) -> tuple[bool, bool]:
        """Whether a reading is on the alarming side of the warning (or the breach), and of the breach."""
        breach = self.breach is not None and self.breach.breached(reading)
        return breach or (self.warning is not None and self.warning.breached(reading)), breach


class Rule(Struct, frozen=True):
    """A threshold as far as its evaluation goes; without a bound it is ok whatever is read.

    Attributes:
        for_: seconds that a comparison must hold before it counts.
        clear: the good side at which an alarm is over; None: as soon as its bound is not passed any more.
        keep_firing_for: seconds that an alarm goes on after it was over.
        baseline: what is normal, for relative bounds: a number, or how to ask for it.
        healthy: the document's words for what should be.
    """

    id: str
    title: str
    unit: str
    warning: Bound | None
    breach: Bound | None
    for_: float = 0.0
    healthy: str = ""
    clear: Bound | None = None
    keep_firing_for: float = 0.0
    baseline: Baseline | None = None

    def normal(self, known: Normal | None) -> Normal:
        """What is normal: the number of the rule itself, else what its source knows."""
        if isinstance(self.baseline, int | float):
            return Normal(float(self.baseline))
        if self.baseline is None:
            return Normal(None, NO_BASELINE)
        return known or Normal(None, NOT_READ)

    def bounds(self, known: Normal | None = None) -> Bounds:
        """The bounds as numbers, when `known` is what the source knows to be normal."""
        normal = self.normal(known)
        given = (self.warning, self.breach, self.clear)
        missing = ""
        if normal.value is None and any(each is not None and each.relative for each in given):
            missing = f"what is normal is unknown: {normal.reason}"
        warning, breach, clear = (_against(each, normal.value) for each in given)
        return Bounds(warning, breach, clear, missing)


def _against(bound: Bound | None, normal: float | None) -> Bound | None:
    if bound is None or not bound.relative:
        return bound
    return None if normal is None else bound.against(normal)


class Sample(Struct, frozen=True):
    """One reading: `value` None is unknown, and `reason` says why.

    Attributes:
        floor: why the real value may be greater; empty when it may not.
    """

    at: datetime
    value: float | None
    reason: str = ""
    floor: str = ""


class Course(Struct, frozen=True):
    """What a threshold has been through, as far as the next sample needs it.

    Attributes:
        known: the last state other than unknown, and `known_since` when it began.
        warning_began, breach_began: since when the comparison has held without a break.
        warning_over, breach_over: since when an alarm has been over without a break, while it is kept.
        sampled: when the last known value was read.
        unknown_since: when it became unknown; None while it is known.
    """

    known: State = "unknown"
    known_since: datetime | None = None
    value: float | None = None
    warning_began: datetime | None = None
    breach_began: datetime | None = None
    warning_over: datetime | None = None
    breach_over: datetime | None = None
    sampled: datetime | None = None
    unknown_since: datetime | None = None
    reason: str = NOT_READ

    @property
    def state(self) -> State:
        """The state now."""
        return "unknown" if self.reason else self.known


def advance(rule: Rule, course: Course, sample: Sample, gap: float, known: Normal | None = None) -> Course:
    """Take in the next sample.

    A worse state is entered when its comparison has held for `rule.for_` seconds. It is left at the first sample for
    which it does not hold; with `rule.clear` at the first on the good side of that, and with `rule.keep_firing_for`
    when that has lasted for so many seconds. What is unknown refutes nothing and proves nothing: after more than `gap`
    seconds without a value all these times start anew, but a state that was entered stays when it still holds.

    Args:
        known: what the source knows to be normal. While a bound needs it and it is unknown, so is the state, as it is
            for a value that may be greater; unless a breach is proved all the same.
    """
    value, bounds = sample.value, rule.bounds(known)
    if value is None or not math.isfinite(value):
        return _unknown(course, sample.at, sample.reason or "no value")
    warns, breaches = bounds.alarming(value)
    if (why := bounds.missing or sample.floor) and not (breaches and _proved(bounds, sample)):
        return _unknown(course, sample.at, why)
    broken = course.sampled is None or (sample.at - course.sampled).total_seconds() > gap
    cleared = bounds.clear.breached(value) if bounds.clear else True
    of_warning = _Level(warns, course.known in ("warning", "breach"), not warns and cleared)
    of_breach = _Level(breaches, course.known == "breach", not breaches and (cleared or rule.warning is not None))
    warning_began = _since(course.warning_began, warns, broken, sample.at)
    breach_began = _since(course.breach_began, breaches, broken, sample.at)
    warning_over = _since(course.warning_over, of_warning.over and of_warning.was, broken, sample.at)
    breach_over = _since(course.breach_over, of_breach.over and of_breach.was, broken, sample.at)
    state: State = "ok"
    if of_breach.fires(rule, breach_began, breach_over, sample.at):
        state = "breach"
    elif of_warning.fires(rule, warning_began, warning_over, sample.at):
        state = "warning"
    began = course.known_since if state == course.known else sample.at
    return Course(
        state, began, value, warning_began, breach_began,
        warning_over if state != "ok" else None, breach_over if state == "breach" else None, sample.at, None, "",
    )  # fmt: skip


def _proved(bounds: Bounds, sample: Sample) -> bool:
    """Whether a breach holds also when the real value is greater."""
    return not sample.floor or (bounds.breach is not None and bounds.breach.upward)


class _Level(Struct, frozen=True):
    """One of the two alarms at a sample: whether its comparison holds, it was entered before, and it is over."""

    holds: bool
    was: bool
    over: bool

    def fires(self, rule: Rule, began: datetime | None, over: datetime | None, at: datetime) -> bool:
        if self.holds:
            return self.was or _lasted(began, at, rule.for_)
        return self.was and not _lasted(over, at, rule.keep_firing_for)


def _unknown(course: Course, at: datetime, reason: str) -> Course:
    since = at if course.state != "unknown" else course.unknown_since or at
    return replace(course, value=None, unknown_since=since, reason=reason)


def _since(began: datetime | None, holds: bool, broken: bool, at: datetime) -> datetime | None:
    """Since when something has held, as of a sample at `at`."""
    if not holds:
        return None
    return at if began is None or broken else began


def _lasted(began: datetime | None, at: datetime, seconds: float) -> bool:
    return began is not None and (at - began).total_seconds() >= seconds
