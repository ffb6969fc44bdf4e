"""What stands around a signal's chart: how it is, its bounds and query and where they are written, and a reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.quantities import bound, quantity, took
from cockpit.incident.times import age, time_of_day
from cockpit.room.live.courses import Course, Origin
from cockpit.room.views.signals import SignalView, SourceView
from cockpit.screen.chart.course import sample_at
from cockpit.screen.chart.drawing import Limit
from cockpit.screen.spans import Span, Spans, Tone, fit, width_of, wrap

TONES: dict[str, Tone] = {"breach": "bad", "warning": "warn", "pending": "warn", "unknown": "quiet"}
"""The tone of each standing."""
_NAME, _MOST = 8, 3
"""Cells of a name with its blanks; lines of why a source is not trusted."""


def standing(signal: SignalView, source: SourceView, now: datetime, width: int) -> list[Spans]:
    """`breach, 2.5 × the bound, since 02:02:20Z, 9m · as of 02:11:04Z`; below it why its source is not trusted."""
    why = signal.reason if signal.reason != source.detail else ""  # which stands below
    said = [signal.standing + (f": {why}" if why else "")]
    if signal.standing == "pending":
        said = ["pending: past its bound, not yet for as long as that takes"]
    said += [signal.far] if signal.far else []
    if signal.since:
        said.append(f"since {time_of_day(signal.since)}Z, {age((now - signal.since).total_seconds())}")
    old = signal.value is None or not source.trusted
    as_of = " · never read" if signal.at is None else f" · as of {time_of_day(signal.at)}Z" if old else ""
    rows = [(*_named("state"), Span(", ".join(said), TONES.get(signal.standing, "plain")), Span(as_of, "quiet"))]
    if not source.trusted and source.state != "off":
        lasted = age((now - source.since).total_seconds())
        why = "; ".join(filter(None, (f"{source.name} {source.state} for {lasted}", source.detail, source.mend)))
        tone: Tone = "quiet" if source.state == "loading" else "warn"
        lines = wrap(why, max(10, width - _NAME - 1), _MOST)
        rows += [(*_named("" if at else "source"), Span(line, tone)) for at, line in enumerate(lines)]
    return rows


def bounds(signal: SignalView, origin: Origin, width: int) -> Spans:
    """`warning over 1 %, breach over 5 % for 1 min`, and where that is written, if there is room for it."""
    said = [
        f"{word} {bound(str(side), signal.unit)}"
        for word, side in (("warning", origin.warning), ("breach", origin.breach))
        if side
    ]
    if said and origin.for_:
        said[-1] += f", for {took(origin.for_)}"
    if origin.clear:
        said.append(f"cleared {bound(str(origin.clear), signal.unit)}")
    if origin.keep_firing_for:
        said.append(f"kept for {took(origin.keep_firing_for)}")
    words = ", ".join(said) or bound(signal.bound, signal.unit) or "none"
    if signal.baseline is not None:
        words += f"; normal is {quantity(signal.baseline, signal.unit)}"
    said_at = (*_named("bounds"), Span(words), Span(f"  {origin.bound_at}", "quiet"))
    return said_at if width_of(said_at) <= width else said_at[:-1]


def remarks(signal: SignalView) -> list[Spans]:
    """How unsteady it is and what its source remarks; no line where there is nothing to say."""
    flaps = [(*_named("flaps"), Span(signal.flapping, "warn"))] if signal.flapping else []
    return [*flaps, *((*_named("remark"), Span(each)) for each in signal.warnings)]


def query(origin: Origin, width: int, most: int) -> list[Spans]:
    """The text that reads it, in at most `most` lines, and where that is written."""
    if not origin.query:
        return [(*_named("query"), Span("none is configured for it", "quiet"))]
    where = "  " + ", ".join(filter(None, (origin.query_at, origin.source)))
    room = max(10, width - _NAME - 1)
    text = " ".join(origin.query.split())
    lines = wrap(text, room)
    if len(lines) > most:
        rest = text[sum(len(line) + 1 for line in lines[: most - 1]) :]
        lines = [*lines[: most - 1], fit(rest, max(10, room - len(where)))]
    elif len(lines[-1]) + len(where) > room:
        lines.append("")
    rows: list[Spans] = [(*_named("" if index else "query"), Span(line)) for index, line in enumerate(lines)]
    rows[-1] = (*rows[-1], Span(where if lines[-1] else where[2:], "quiet"))
    return rows


def reading(
    signal: SignalView, courses: Sequence[Course], limits: Sequence[Limit], at: datetime, *, loading: bool
) -> Spans:  # fmt: skip
    """What was read at an instant, and which bound, as it is now, that is beyond."""
    found = next((s for each in reversed(courses) if (s := sample_at(each.samples, at, each.gap))), None)
    head = Span(f" {time_of_day(at)}Z ", "accent")
    if found is None:
        return (head, Span("not read yet" if loading else "unknown: nothing was read", "quiet"))
    if found.value is None:
        return (head, Span(f"unknown{f': {found.reason}' if found.reason else ''}", "quiet"))
    value = Span(quantity(found.value, signal.unit), "strong")
    beyond = next((each for each in limits if each.beyond(found.value)), None)
    if beyond is None:
        return (head, value)
    which = bound(f"{beyond.comparison} {beyond.value:.9f}", signal.unit)  # no exponent, which is no number there
    return (head, value, Span(f"  {which}: {beyond.words}", beyond.tone))


def _named(name: str) -> Spans:
    return (Span(f" {name:<{_NAME - 1}}", "quiet"),)
