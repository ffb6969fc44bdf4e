"""The comms meter in rows: per audience what it was really told last, what was promised, and how that stands."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.clocks import Due
from cockpit.incident.times import span, time_of_day
from cockpit.room.messages.meter import Gauge, Meter
from cockpit.screen.spans import Row, Span, Tone, fit, wrap
from cockpit.screen.terminal.glyphs import Glyphs

STANDINGS: dict[str, Tone] = {"overdue": "bad", "missed": "bad", "due soon": "warn", "met": "good"}


def meter_rows(meter: Meter, now: datetime, width: int, glyphs: Glyphs) -> list[Row]:
    """A row for each audience that a clock runs for or that was told something; the others in one."""
    rows = [Row("", (Span(" Comms meter", "accent"),))]
    untold = [each.audience for each in meter.gauges if _is_silent(each)]
    rows += [_row(each, now, glyphs) for each in meter.gauges if not _is_silent(each)]
    if untold:
        lines = wrap(f"told nothing: {', '.join(untold)}", max(20, width - 4))
        rows += [Row("", (Span(f"   {line}", "quiet"),)) for line in lines]
    if not meter.gauges:
        rows.append(Row("", (Span("   nobody is to be told: it begins with the declaration", "quiet"),)))
    return rows


def _is_silent(gauge: Gauge) -> bool:
    return gauge.told is None and gauge.due is None and not gauge.waiting and not gauge.undelivered


def _row(gauge: Gauge, now: datetime, glyphs: Glyphs) -> Row:
    """`▲ customers      told 4:12 ago, 02:06:08Z    overdue 0:12, was due 02:36Z`."""
    standing = gauge.standing(now) or ""
    tone = STANDINGS.get(standing, "plain" if standing else "quiet")
    mark = glyphs.bad if standing in ("overdue", "missed", "due soon") else " "
    told = gauge.told
    how = f" only by {gauge.fallen_to}" if gauge.fallen_to else f", {time_of_day(told)}Z" if told else ""
    reach: Tone = "warn" if gauge.fallen_to else "plain"
    said = f"told {span((now - told).total_seconds())} ago{how}" if told else "told nothing yet"
    waiting = f"{gauge.waiting} waiting  " if gauge.waiting else ""
    undelivered = f"{gauge.undelivered} not delivered  " if gauge.undelivered else ""
    return Row(
        f"meter.{gauge.audience}",
        (Span(f" {mark} ", tone), Span(f"{fit(gauge.audience, 15)} ", "strong"), Span(f"{fit(said, 27)} ", reach),
         Span(undelivered, "bad"), Span(waiting, "warn"), Span(_next(gauge.due, standing, now), tone)),
    )  # fmt: skip


def _next(clock: Due | None, standing: str, now: datetime) -> str:
    if clock is None:
        return "no next one is due"
    if clock.done is not None:
        return standing
    left, due = span(clock.left(now).total_seconds()), f"{time_of_day(clock.due)[:5]}Z"
    if clock.snoozed(now):
        return f"snoozed to {due}: {clock.why}"
    if standing == "overdue":
        return f"overdue {left}, was due {due}"
    return f"due soon, in {left}, {due}" if standing == "due soon" else f"next in {left}, {due}"
