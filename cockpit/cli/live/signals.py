"""`cockpit signals`: pods, signals, endpoints and sources as lines, once or as they change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import click

from cockpit.cli.context import Failure, as_json, run, say, share_with
from cockpit.cli.live.opened import opened_live
from cockpit.cli.live.pods import pod_data, pod_lines
from cockpit.clock import SystemClock
from cockpit.incident.quantities import quantity, took
from cockpit.incident.times import age, echo, time_of_day
from cockpit.room.live.live import Live
from cockpit.room.views.endpoints import EndpointState
from cockpit.room.views.signals import SignalView, SourceView

FIRST = 20.0
"""Seconds to wait for the first readings."""
EVERY = 5.0
ORDER = ("breach", "warning", "pending", "unknown")
"""How signals stand, the gravest first; the others follow."""


@click.command(help="The pods, signals and endpoints as they are now; without --once again and again.")
@click.option("--once", is_flag=True, help="Print them once. Exit 1 when a source cannot be read.")
def signals(once: bool) -> None:
    """Print what the board has."""
    lost = run(lambda: _show(once or as_json()))
    if lost:
        raise Failure(f"not read: {'; '.join(lost)}")


share_with(signals)


async def _show(once: bool) -> list[str]:
    clock = SystemClock()
    async with opened_live(clock) as live:
        await _loaded(live)
        while True:
            say("\n".join(_lines(live, clock)), lambda: _data(live))
            if once:
                break
            await clock.sleep(EVERY)
        bad = [s for s in live.sources() if s.state not in ("live", "off")]
        return [f"{s.name}: {s.detail or s.state}" for s in bad]


async def _loaded(live: Live) -> None:
    """Wait until every source has answered or failed, every signal was read or is known not to be, and every endpoint
    was asked as often as it takes to know how it stands; for a while."""
    deadline = asyncio.get_running_loop().time() + FIRST
    while asyncio.get_running_loop().time() < deadline:
        loading = any(source.state == "loading" for source in live.sources())
        read = all(live.samples(signal.id)[0] for signal in live.signals() if signal.part)
        if not loading and read and all(each.since for each in _endpoints(live)):
            return
        await asyncio.sleep(0.1)


def _lines(live: Live, clock: SystemClock) -> list[str]:
    pods = live.pods()
    counts = ", ".join(f"{count} {reason}" for reason, count in pods.faults.items())
    ready = f"{pods.ready}/{pods.wanted} ready" if pods.source.as_of else f"pods unknown: {pods.source.state}"
    lines = [f"{echo(clock.now())}  {ready}" + (f", {counts}" if counts else "")]
    lines += pod_lines(pods)
    lines += [_signal(signal, clock) for signal in sorted(live.signals(), key=_gravity)]
    lines += [_endpoint(each, clock) for each in _endpoints(live)]
    return [*lines, *(_source(source, clock) for source in live.sources())]


def _endpoints(live: Live) -> Sequence[EndpointState]:
    found = live.endpoints()
    return found.worst_first if found else ()


def _endpoint(each: EndpointState, clock: SystemClock) -> str:
    """How it stands and how fast it answered; since when and why, or what was asked."""
    latency = quantity(each.latency, "seconds") if each.latency is not None else ""
    said = [each.reason, each.pending] if each.reason or each.pending else [each.asked]
    if each.last and each.last.check.besides and each.latency is not None:
        said.append(f"its latency holds {each.last.check.besides}")
    if each.since and each.state != "ok":
        said.append(f"for {age((clock.now() - each.since).total_seconds())}")
    return f"endpoint {each.id:<27} {latency:>12}  {each.state:<8} {'; '.join(filter(None, said))}".rstrip()


def _gravity(signal: SignalView) -> int:
    return ORDER.index(signal.standing) if signal.standing in ORDER else len(ORDER)


def _signal(signal: SignalView, clock: SystemClock) -> str:
    """Its value and how that stands; how far beyond the bound it is and since when, or why nothing is known."""
    said = [signal.reason, signal.far, signal.flapping, *signal.warnings]
    if signal.since and signal.standing in ("breach", "warning"):
        said.append(f"for {age((clock.now() - signal.since).total_seconds())}")
    if signal.at and signal.value is None:
        said.append(f"as of {time_of_day(signal.at)}Z")
    value, more = quantity(signal.value, signal.unit), "; ".join(filter(None, said))
    line = f"signal  {signal.title:<28} {value:>12}  {signal.standing:<8} {signal.bound:<16} {more}"
    return line.rstrip()


def _source(source: SourceView, clock: SystemClock) -> str:
    seconds = f"  {took(source.took)}" if source.took is not None else ""
    old = source.state not in ("live", "off") and source.as_of
    as_of = f"  as of {time_of_day(source.as_of)}Z" if old and source.as_of else ""
    said = "  ".join(filter(None, (source.detail, source.mend)))
    return f"source  {source.name:<28} {source.state}{seconds}{as_of}" + (f"  {said}" if said else "")


def _data(live: Live) -> Mapping[str, Any]:
    pods = live.pods()
    return {
        "pods": pod_data(pods),
        "ready": pods.ready if pods.source.as_of else None,
        "wanted": pods.wanted if pods.source.as_of else None,
        "signals": [
            {"id": s.id, "title": s.title, "value": s.value, "unit": s.unit, "state": s.state, "bound": s.bound,
             "reason": s.reason, "at": s.at, "since": s.since, "pending": s.pending, "far": s.far,
             "flapping": s.flapping, "warnings": list(s.warnings), "baseline": s.baseline, "source": s.part}
            for s in live.signals()
        ],
        "endpoints": [
            {"name": e.id, "state": e.state, "reason": e.reason, "since": e.since, "pending": e.pending,
             "asked": e.asked, "via": e.via, "latency": e.latency, "last_ok": e.last_ok,
             "at": e.last.at if e.last else None, "came": e.last.check.came if e.last else "",
             "mend": e.last.check.mend if e.last else ""}
            for e in _endpoints(live)
        ],
        "sources": [
            {"name": s.name, "state": s.state, "since": s.since, "as_of": s.as_of, "seconds": s.took,
             "detail": s.detail, "mend": s.mend}
            for s in live.sources()
        ],
    }  # fmt: skip
