"""`cockpit measures`: one incident measured, or how all go over time, as a table, as JSON, or as a chart."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from cockpit.cli.context import Wrong, options, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.incident.entry import stamp
from cockpit.incident.times import TimeError, duration
from cockpit.room.journal.measuring import (
    KEYS,
    Case,
    Choice,
    Group,
    Judged,
    Measure,
    Measured,
    One,
    measure_journal,
    measure_one,
    value,
)
from cockpit.room.requests.refs import LENGTH


@click.command()
@click.argument("incident", default="")
@click.option("--by", default="month", show_default=True, help="month, service, or month,service.")
@click.option("--since", default="", metavar="DAY", help="From a day on, 2026-01-31 (UTC), or as long ago as 90d.")
@click.option("--service", multiple=True, help="Only this service; may be given again.")
@click.option("--chart", "as_chart", is_flag=True, help="Bars instead of the table.")
def measures(incident: str, by: str, since: str, service: tuple[str, ...], as_chart: bool) -> None:
    """How incidents go: time to detect, acknowledge, mitigate and resolve, rates, and the plan's goals.

    With an INCIDENT that one alone, each measure with the entries that it stands on.
    """
    clock = SystemClock()
    if incident:
        one = run(lambda: measure_one(options(), clock, incident))
        say(_printable("\n".join(_one(one))), lambda: _one_data(one))
        return
    services = service or tuple(filter(None, [options().service]))
    choice = Choice(_keys(by), _first_day(since), services)
    measured = run(lambda: measure_journal(options(), clock, choice))
    lines = measured.chart(unicode=_draws()) if as_chart else measured.table()
    say(_printable("\n".join(lines)), lambda: _data(measured))


share_with(measures)


def _keys(by: str) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(name.strip() for name in by.split(",") if name.strip()))
    if unknown := [name for name in keys if name not in KEYS]:
        raise Wrong(f"--by {unknown[0][:20]}: group by {' or '.join(KEYS)}, or by both: month,service")
    return keys


def _first_day(since: str) -> date | None:
    if not since:
        return None
    try:
        if since.endswith("d"):
            return (SystemClock().now() - duration(since)).date()
        return date.fromisoformat(since)
    except (TimeError, ValueError):
        raise Wrong(f"--since {since[:20]}: write a day like 2026-01-31, or how long ago, as in 90d") from None


def _draws() -> bool:
    """Whether the output takes block characters."""
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower()
    return os.environ.get("TERM") != "dumb" and encoding.replace("-", "") == "utf8"


def _printable(text: str) -> str:
    """`text` as far as the output has characters for it."""
    encoding = getattr(sys.stdout, "encoding", "") or "ascii"
    return text.encode(encoding, "replace").decode(encoding)


def _one(one: One) -> list[str]:
    """A line for each measure: what it is and the refs of its entries, or why it is not computable."""
    head = f"{one.label} is {one.apart}" if one.apart.startswith("a drill") else f"{one.label} was {one.apart}"
    lines = [head] if one.apart else [one.label]
    said: list[Measure | Judged] = [*one.measures, *one.judged]
    for each in said:
        refs = " ".join(entry[-LENGTH:] for entry in each.entries)
        lines.append(f"{each.title:<32} {value(each)}{f'  [{refs}]' if refs else ''}")
    return lines


def _one_data(one: One) -> Mapping[str, Any]:
    return {
        "label": one.label,
        "counts": not one.apart,
        "why-not": one.apart or None,
        "measures": {each.name: _measure(each) for each in one.measures},
        "judged": {each.name: _judged(each) for each in one.judged},
    }


def _data(measured: Measured) -> Mapping[str, Any]:
    names = ("name", "title", "value", "goal", "reached", "text", "line")
    return {
        "by": list(measured.choice.by),
        "zone": "UTC",
        "groups": [_group(group) for group in measured.groups],
        "all": _group(measured.whole),
        "goals": [{name: getattr(goal, name) for name in names} for goal in measured.goals],
        "incidents": [_case(case) for case in measured.cases],
    }


def _group(group: Group) -> Mapping[str, Any]:
    return {
        "key": list(group.key),
        "over": [case.label for case in group.ended],
        "open": [case.label for case in group.still_open],
        "false-alarms": [case.label for case in group.false_alarms],
        "severities": dict(group.severities),
        "seconds": {
            name: {"mean": each.mean, "median": each.median, "of": list(each.known), "not-computable": each.unknown}
            for name, each in group.spreads.items()
        },
        "shares": {
            name: {"part": each.part, "yes": each.yes, "of": each.of, "not-computable": each.unknown}
            for name, each in group.shares.items()
        },
    }


def _case(case: Case) -> Mapping[str, Any]:
    return {
        "label": case.label,
        "incident": case.incident,
        "service": case.service,
        "severity": case.severity,
        "scenario": case.scenario or None,
        "declared": stamp(case.declared),
        "open": case.open,
        "measures": {name: _measure(each) for name, each in case.measures.items()},
        "judged": {name: _judged(each) for name, each in case.judged.items()},
    }


def _measure(each: Measure) -> Mapping[str, Any]:
    return {
        "seconds": each.seconds,
        "entries": list(each.entries),
        "why": each.why or None,
        "counts": each.counts or None,
    }


def _judged(each: Judged) -> Mapping[str, Any]:
    return {"value": each.value, "entries": list(each.entries), "why": each.why or None}
