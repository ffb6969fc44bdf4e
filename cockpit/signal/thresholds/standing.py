"""How a threshold stands, for people: its state, the bound in question, how far beyond it, what keeps it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.config import Bound, Earlier
from cockpit.incident.quantities import quantity, took
from cockpit.incident.times import lasting
from cockpit.signal.thresholds.threshold import UNBOUND, Bounds, Course, Normal, Rule, State

_ABOUT = 1.1
"""Ratios below are told more exactly: 1.04 × the bound."""


class ThresholdState(Struct, frozen=True):
    """One threshold as it stands, for people.

    Attributes:
        since: when the state began.
        bound: the bound it is held against, as `> 5`: the one that is crossed, else the first that would be.
        reason: why it is unknown; empty when it is not.
        pending_since: since when a worse state's comparison holds, while its `for` is not over.
        unbound: whether it is unknown because nothing is configured to read it.
        far: how far beyond its bound, or why an alarm goes on that is not beyond it any more; empty while all is well.
        flapping: how often it crossed lately, while it flaps; else empty.
        normal: what is normal for it now; None when nothing says so.
        warning_level, breach_level: the bounds as numbers in its unit, as far as they are known.
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
    far: str = ""
    flapping: str = ""
    normal: float | None = None
    warning_level: float | None = None
    breach_level: float | None = None


def shown(rule: Rule, course: Course, known: Normal | None = None, flapping: str = "") -> ThresholdState:
    """The threshold as people see it; `known` is what its source knows to be normal."""
    pending: datetime | None = None
    if course.state in ("ok", "warning") and course.breach_began:
        pending = course.breach_began
    elif course.state == "ok":
        pending = course.warning_began
    bounds, normal = rule.bounds(known), rule.normal(known).value
    return ThresholdState(
        id=rule.id,
        title=rule.title,
        unit=rule.unit,
        state=course.state,
        since=course.unknown_since if course.state == "unknown" else course.known_since,
        value=course.value,
        bound=bound(rule, course.state, course.value, known),
        reason=course.reason,
        pending_since=pending,
        healthy=rule.healthy,
        far=far(rule, course, known),
        flapping=flapping,
        normal=normal,
        warning_level=bounds.warning.value if bounds.warning else None,
        breach_level=bounds.breach.value if bounds.breach else None,
    )


def unbound(rule: Rule) -> ThresholdState:
    """A threshold that nothing reads: unknown for that reason."""
    return ThresholdState(
        rule.id, rule.title, rule.unit, "unknown", None, None, bound(rule, "unknown"), UNBOUND,
        healthy=rule.healthy, unbound=True,
    )  # fmt: skip


def bound(rule: Rule, state: State, value: float | None = None, known: Normal | None = None) -> str:
    """The bound that a reading is held against: the crossed one; else, while it is ok, the first that would be.

    Args:
        value: a reading beyond the breach that has not yet held for long enough is held against the breach.
    """
    breach = rule.bounds(known).breach
    pending = state == "ok" and value is not None and breach is not None and breach.breached(value)
    if rule.breach and (state == "breach" or pending or rule.warning is None):
        return str(rule.breach)
    return str(rule.warning) if rule.warning else ""


def far(rule: Rule, course: Course, known: Normal | None = None) -> str:
    """How far beyond its bound a reading is, or what keeps an alarm that is not beyond it any more.

    As `+7.4 points`, `2.5 × the bound`, `61 % of normal (1000/min, 1 d ago)`, `not yet < 0.8`, `back for 40 s of 2 min`
    """
    value, bounds = course.value, rule.bounds(known)
    if value is None or course.state == "unknown":
        return ""
    warns, breaches = bounds.alarming(value)
    crossed = bounds.breach if breaches else bounds.warning if warns else None
    if crossed is None:
        return _kept(rule, course, bounds, value)
    written = rule.breach if breaches else rule.warning
    normal = rule.normal(known).value
    if written is not None and written.relative and normal:
        return f"{100 * value / normal:.0f} % of normal ({_normal(rule, normal)})"
    return _beyond(value, crossed, rule.unit)


def _normal(rule: Rule, normal: float) -> str:
    words = quantity(normal, rule.unit)
    return f"{words}, {_ago(rule.baseline.offset)} ago" if isinstance(rule.baseline, Earlier) else words


def _ago(seconds: float) -> str:
    """Whole days as days: what is normal for a Monday morning was a week ago."""
    days = seconds / 86400
    return f"{days:.0f} d" if days >= 1 and days.is_integer() else lasting(seconds)


def _beyond(value: float, crossed: Bound, unit: str) -> str:
    if unit in ("percent", "ratio"):
        points = (value - crossed.value) * (1 if unit == "percent" else 100)
        return f"{points:+.1f} points" if abs(points) >= 0.05 else ""
    if crossed.value <= 0 or value <= 0:
        difference = value - crossed.value
        return f"{'+' if difference > 0 else ''}{quantity(difference, unit)}" if difference else ""
    ratio = value / crossed.value
    if not crossed.upward:
        return f"{100 * ratio:.0f} % of the bound"
    places = 2 if ratio < _ABOUT else 1 if ratio < 10 else 0
    return f"{ratio:.{places}f} × the bound"


def _kept(rule: Rule, course: Course, bounds: Bounds, value: float) -> str:
    """What an alarm waits for whose bound is not passed any more."""
    if course.state not in ("warning", "breach"):
        return ""
    since = course.breach_over if course.state == "breach" else course.warning_over
    if since is None:
        return f"not yet {rule.clear}" if bounds.clear and not bounds.clear.breached(value) else ""
    lasts = (course.sampled - since).total_seconds() if course.sampled else 0.0
    return f"back for {took(lasts)} of {took(rule.keep_firing_for)}"
