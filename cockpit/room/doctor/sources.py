"""The doctor at the sources of signals: each asked as the board asks it, with what its readings say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.incident.quantities import quantity, took
from cockpit.room.doctor.cluster import clock_finding
from cockpit.room.doctor.finding import Finding, State
from cockpit.room.house import House
from cockpit.runbook.matchers import equals
from cockpit.signal.alertmanager.api import AlertmanagerApi, AlertmanagerError
from cockpit.signal.board import Board
from cockpit.signal.plan import AlertsPlan
from cockpit.signal.prometheus.api import PrometheusApi, PrometheusError
from cockpit.signal.readings import SignalReading

_ASKED = 8.0
"""Seconds that the board has for its first answers."""
_OWN = ("pods", "rollout", "signals", "alerts", "database", "endpoints")
"""Parts of the board that have looks of their own."""


async def prometheus(config: Config, service: str) -> AsyncIterator[Finding]:
    """Whether Prometheus answers, how soon, and what its clock says."""
    name = config.services[service].prometheus
    if name is None:
        yield Finding("prometheus", "warn", "none is configured for this service", "add `prometheus` to the service")
        return
    known = config.prometheus[name]
    api = await PrometheusApi.to(name, known, _ASKED)
    try:
        version = await api.version()
        began = asyncio.get_running_loop().time()
        await api.one("1")
        seconds = asyncio.get_running_loop().time() - began
        yield Finding(f"prometheus {name}", "ok", f"{known.url}, version {version}, {took(seconds)}")
        yield clock_finding(f"clock of prometheus {name}", api.skew, moved=True)
    except PrometheusError as error:
        yield Finding(f"prometheus {name}", "bad", error.message, error.mend)
    finally:
        await api.close()


async def alertmanager(plan: AlertsPlan) -> AsyncIterator[Finding]:
    """Whether the Alertmanager answers, and what of the service's fires."""
    what, api = f"alertmanager {plan.name}", AlertmanagerApi(plan.name, plan.url, plan.token)
    try:
        version = await api.version()
        firing = await api.alerts(list(map(str, equals(plan.match))))
        yield Finding(what, "ok", f"{plan.url}, version {version}, {len(firing)} firing")
    except AlertmanagerError as error:
        yield Finding(what, "bad", error.message, error.mend)
    finally:
        await api.close()


async def board(house: House, config: Config, clock: Clock) -> AsyncIterator[Finding]:
    """Every signal, and the parts of the board that have no look of their own, as a cockpit would see them."""
    watched = Board(house.plans.service, config, house.plans.thresholds, clock)
    changed = asyncio.Event()
    watched.subscribe(changed.set)
    await watched.start()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_ASKED):
                while not _answered(watched):
                    changed.clear()
                    await changed.wait()
        for part, known in watched.parts.items():
            explained = known.under and watched.freshness(known.under).state != "live"
            if part not in _OWN and not explained:
                yield _part(watched, part)
        for reading in watched.signals:
            if watched.freshness(watched.reads[reading.id]).state == "live":
                yield _reading(reading)
    finally:
        await watched.stop()


def _answered(watched: Board) -> bool:
    """Whether every part has answered or failed, and every signal of those that answer was read."""
    if any(watched.freshness(part).state == "loading" for part in watched.parts):
        return False
    reads = watched.reads
    return all(each.samples for each in watched.signals if watched.freshness(reads[each.id]).state == "live")


def _part(watched: Board, part: str) -> Finding:
    fresh, name = watched.freshness(part), watched.parts[part].lost or watched.parts[part].name
    seconds = f", {took(fresh.took)}" if fresh.took is not None else ""
    remark = f": {fresh.detail}" if fresh.detail else ""
    states: dict[str, State] = {"live": "warn" if fresh.detail else "ok", "off": "warn", "loading": "warn"}
    said = "no answer yet" if fresh.state == "loading" else f"{fresh.state}{seconds}{remark}"
    return Finding(name, states.get(fresh.state, "bad"), said, fresh.mend)


def _reading(reading: SignalReading) -> Finding:
    what = f"signal {reading.id}"
    if reading.value is None:
        mend = "check its query in the configuration, and that what it asks for is there"
        return Finding(what, "warn", f"unknown: {reading.reason}", mend)
    remarks = "; ".join(reading.warnings)
    said = quantity(reading.value, reading.unit)
    return Finding(what, "warn" if remarks else "ok", f"{said}; {remarks}" if remarks else said)
