"""`cockpit signals`: pods, signals and sources as lines, once or as they change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, as_json, house, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.incident.quantities import quantity
from cockpit.incident.times import echo
from cockpit.room.live import Live

FIRST = 20.0
"""Seconds to wait for the first readings."""
EVERY = 5.0


@click.command(help="The pods and signals as they are now; without --once again and again.")
@click.option("--once", is_flag=True, help="Print them once. Exit 1 when a source cannot be read.")
def signals(once: bool) -> None:
    """Print what the board has."""
    lost = run(lambda: _show(once or as_json()))
    if lost:
        raise Failure(f"not read: {'; '.join(lost)}")


share_with(signals)


async def _show(once: bool) -> list[str]:
    clock = SystemClock()
    async with house(read_only=True) as opened:
        live = await Live.open(opened, clock, lambda: None, lambda _: None)
        if live is None:
            raise Wrong("no service is configured; `cockpit init` writes a configuration, or give --context")
        try:
            await _loaded(live)
            while True:
                say("\n".join(_lines(live, clock)), lambda: _data(live))
                if once:
                    break
                await clock.sleep(EVERY)
            bad = [s for s in live.sources() if s.state not in ("live", "off")]
            return [f"{s.name}: {s.detail or s.state}" for s in bad]
        finally:
            await live.close()


async def _loaded(live: Live) -> None:
    """Wait until every source has answered or failed, for a while."""
    deadline = asyncio.get_running_loop().time() + FIRST
    while asyncio.get_running_loop().time() < deadline:
        if all(source.state != "loading" for source in live.sources()):
            return
        await asyncio.sleep(0.1)


def _lines(live: Live, clock: SystemClock) -> list[str]:
    pods = live.pods()
    counts = ", ".join(f"{count} {reason}" for reason, count in pods.crashing.items())
    ready = f"{pods.ready}/{pods.wanted} ready" if pods.source.as_of else f"pods unknown: {pods.source.state}"
    lines = [f"{echo(clock.now())}  {ready}" + (f", {counts}" if counts else "")]
    for row in sorted(pods.rows, key=lambda row: (not row.crashing, row.name)):
        lines.append(f"pod     {row.name:<44} {row.ready:<6} {row.status:<20} {row.restarts:>3} restarts  {row.image}")
    for signal in live.signals():
        why, value = f"  {signal.reason}" if signal.reason else "", quantity(signal.value, signal.unit)
        lines.append(f"signal  {signal.title:<28} {value:>12}  {signal.state:<8} {signal.bound}{why}")
    for source in live.sources():
        why = f"  {source.detail}" if source.detail else ""
        lines.append(f"source  {source.name:<28} {source.state}{why}")
    return lines


def _data(live: Live) -> Mapping[str, Any]:
    pods = live.pods()
    return {
        "pods": [
            {"name": r.name, "ready": r.ready, "status": r.status, "restarts": r.restarts, "node": r.node,
             "release": r.image, "crashing": r.crashing, "created": r.created}
            for r in pods.rows
        ],
        "ready": pods.ready if pods.source.as_of else None,
        "wanted": pods.wanted if pods.source.as_of else None,
        "signals": [
            {"id": s.id, "title": s.title, "value": s.value, "unit": s.unit, "state": s.state, "bound": s.bound,
             "reason": s.reason, "at": s.at, "since": s.since}
            for s in live.signals()
        ],
        "sources": [
            {"name": s.name, "state": s.state, "as_of": s.as_of, "detail": s.detail, "mend": s.mend}
            for s in live.sources()
        ],
    }  # fmt: skip
