"""`cockpit measures`: how incidents go over time, as a table, as JSON, or as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import click

from cockpit.cli.chart import chart
from cockpit.cli.context import Wrong, house, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.incident.measures import TITLES
from cockpit.incident.times import TimeError, duration, lasting
from cockpit.incident.trends import KEYS, Case, Group, Share, Spread, Trend, counted, grouped, trends
from cockpit.room.listing import listing

COLUMNS = (("detect", "MTTD"), ("acknowledge", "MTTA"), ("mitigate", "MTTM"), ("resolve", "MTTR"))
"""The means that the table has, each with its usual name."""


@click.command(help="How incidents go over time: means, rates, and the trend against the plan's goals.")
@click.option("--by", default="month", help="month, service, or month,service.")
@click.option("--since", default="", help="A day, 2026-01-31, or how long ago, 90d.")
@click.option("--of", "services", multiple=True, metavar="SERVICE", help="Only this service; may be given again.")
@click.option("--chart", "as_chart", is_flag=True, help="A bar for each group's MTTR.")
def measures(by: str, since: str, services: tuple[str, ...], as_chart: bool) -> None:
    """Print them."""
    keys = [name.strip() for name in by.split(",") if name.strip()]
    if unknown := [name for name in keys if name not in KEYS]:
        raise Wrong(f"--by {unknown[0]}: group by {' or '.join(KEYS)}, or both: month,service")
    first = _first_day(since)
    cases = run(lambda: _cases(first, services))
    groups = grouped(cases, keys)
    if as_chart:
        say(_chart(groups), lambda: _data(cases, groups))
    else:
        say("\n".join(_table(keys, cases, groups)), lambda: _data(cases, groups))


share_with(measures)


def _first_day(since: str) -> date | None:
    if not since:
        return None
    try:
        if since[:1].isdigit() and since[-1:] == "d":
            return (SystemClock().now() - duration(since)).date()
        return date.fromisoformat(since)
    except (TimeError, ValueError):
        raise Wrong(f"--since {since}: write a day like 2026-01-31, or 90d") from None


async def _cases(first: date | None, services: Sequence[str]) -> list[Case]:
    async with house(read_only=True) as opened:
        listed = await listing(opened.store)
        cases = counted([(each.label, each.state) for each in listed], opened.room.setting.policies)
    return [c for c in cases if (not first or c.declared.date() >= first) and (not services or c.service in services)]


def _table(keys: Sequence[str], cases: Sequence[Case], groups: Sequence[Group]) -> list[str]:
    """At most 80 columns: a line for each group, one for all, the goals, and what did not count."""
    if not cases:
        return ["no incident counts: none was declared, or all were drills or merged into others"]
    width = max([len("  ".join(group.key)) for group in groups] + [len("all")]) if keys else len("all")
    width = min(width, 26)
    head = f"{' and '.join(keys)[:width]:<{width}} {'n':>4} {'open':>4}"
    head += "".join(f" {name:>9}" for _, name in COLUMNS) + f" {'SLA':>6}"
    lines = [head, *(_line("  ".join(each.key), width, each) for each in groups if keys)]
    whole = grouped(cases)[0]
    lines += [_line("all", width, whole), "", *_shares(whole), "", *(_trend(trend) for trend in trends(cases))]
    lines.append("")
    lines.append("months are UTC, of the declaration; drills and merged duplicates never count; – is not computable")
    return lines


def _line(name: str, width: int, group: Group) -> str:
    cells = "".join(f" {_mean(group.spreads.get(measure)):>9}" for measure, _ in COLUMNS)
    return f"{name[:width]:<{width}} {len(group.cases):>4} {group.still_open:>4}{cells} {_percent(group.deadlines):>6}"


def _mean(spread: Spread | None) -> str:
    return "–" if spread is None or spread.mean is None else lasting(spread.mean)


def _percent(share: Share) -> str:
    return "–" if share.part is None else f"{share.part * 100:.0f} %"


def _shares(whole: Group) -> list[str]:
    severities = ", ".join(f"{name} {count}" for name, count in whole.severities.items()) or "none"
    lines = [f"severities: {severities}"]
    for title, share, unknown in (
        ("severity accuracy", whole.accuracy, "not reviewed"),
        ("false positives", whole.false_positives, "not closed"),
        ("policy targets met", whole.deadlines, ""),
    ):
        more = f", {share.unknown} {unknown}" if share.unknown else ""
        lines.append(f"{title}: {_percent(share)} ({share.yes} of {share.of}{more})")
    for name, spread in whole.spreads.items():
        if spread.unknown:
            lines.append(f"{TITLES[name].lower()}: {len(spread.unknown)} of {len(whole.cases)} not computable")
    return lines


def _trend(trend: Trend) -> str:
    goal = f"goal {trend.goal * 100:+.0f} %"
    if trend.change is None:
        return f"{trend.title}: {trend.text} ({goal})"
    reached = "reached" if trend.reached else "not reached"
    return f"{trend.title}: {trend.change * 100:+.0f} %, {trend.text} ({goal}, {reached})"


def _chart(groups: Sequence[Group]) -> str:
    bars = [("  ".join(group.key) or "all", _minutes(group.spreads.get("resolve"))) for group in groups]
    return chart("MTTR, minutes", bars)


def _minutes(spread: Spread | None) -> float | None:
    return None if spread is None or spread.mean is None else spread.mean / 60


def _data(cases: Sequence[Case], groups: Sequence[Group]) -> Mapping[str, Any]:
    return {
        "groups": [_group_data(group) for group in groups],
        "all": _group_data(grouped(cases)[0]) if cases else None,
        "goals": [
            {"title": t.title, "change": t.change, "goal": t.goal, "reached": t.reached, "period": t.text}
            for t in trends(cases)
        ],
        "incidents": [_case_data(case) for case in cases],
    }


def _group_data(group: Group) -> Mapping[str, Any]:
    return {
        "key": list(group.key),
        "incidents": [case.label for case in group.cases],
        "open": group.still_open,
        "severities": dict(group.severities),
        "measures": {
            name: {"mean": s.mean, "median": s.median, "known": list(s.known), "not-computable": list(s.unknown)}
            for name, s in group.spreads.items()
        },
        "severity-accuracy": _share_data(group.accuracy),
        "false-positives": _share_data(group.false_positives),
        "targets-met": _share_data(group.deadlines),
    }


def _share_data(share: Share) -> Mapping[str, Any]:
    return {"yes": share.yes, "of": share.of, "unknown": share.unknown}


def _case_data(case: Case) -> Mapping[str, Any]:
    judged = {each.name: {"value": each.value, "entries": list(each.entries), "why": each.why or None}
              for each in (case.accuracy, case.false_positive)}  # fmt: skip
    return {
        "label": case.label,
        "incident": case.incident,
        "service": case.service,
        "name": case.name,
        "severity": case.severity,
        "declared": _iso(case.declared),
        "open": case.open,
        "measures": {
            name: {"seconds": m.seconds, "entries": list(m.entries), "why": m.why or None}
            for name, m in case.measures.items()
        },
        **judged,
    }


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
