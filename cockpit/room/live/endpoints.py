"""The service's endpoints in the room: what is seen of them, one look for the doctor, and what the runbook expects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.room.views.endpoints import Check, EndpointsView
from cockpit.room.views.signals import SourceView
from cockpit.runbook.model import HealthCheck, Runbook
from cockpit.signal.board import Board
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.endpoint.source import PART, asker
from cockpit.signal.plan import plan

_LOOK, _PATIENCE = 0.1, 100
"""Seconds between two looks whether the cluster is open, and how often is looked."""


def endpoints_view(
    board: Board, source: Callable[[str], SourceView], runbook: Runbook | None
) -> EndpointsView | None:  # fmt: skip
    """The endpoints as the board has them; None where none is configured."""
    rows = board.endpoints
    if not rows:
        return None
    answered: dict[str, list[str]] = {}
    for check in runbook.health_checks if runbook else ():
        if check.endpoint:
            answered.setdefault(check.endpoint, []).append(check.title)
    return EndpointsView(source(PART), tuple(rows), answered)


def failing(board: Board) -> frozenset[str]:
    """The names of the endpoints that fail now."""
    return frozenset(each.id for each in board.endpoints if each.state == "failing")


async def looked(config: Config, service: str, clock: Clock) -> Sequence[tuple[str, Check]]:
    """Ask each endpoint of a service once, all at the same time; through the cluster as soon as its pods are known."""
    wanted = config.services[service].endpoints
    where = plan(service, config, ()).cluster if any(each.via != "direct" for each in wanted.values()) else None
    cluster = ClusterSource(where, clock, lambda _: None) if where else None
    watching = asyncio.create_task(cluster.run()) if cluster else None
    try:
        if cluster:
            await _known(cluster, clock)
        checks = await asyncio.gather(*(asker(each, clock, cluster).ask() for each in wanted.values()))
        return list(zip(wanted, checks, strict=True))
    finally:
        if watching:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _known(cluster: ClusterSource, clock: Clock) -> None:
    """Wait until the pods are known, or why they are not."""
    for _ in range(_PATIENCE):
        if cluster.freshness("pods").state != "loading":
            return
        await clock.sleep(_LOOK)


def unknown_endpoints(runbook: Runbook, configured: Iterable[str]) -> list[HealthCheck]:
    """The health checks that name an endpoint which the configuration does not have."""
    known = set(configured)
    return [check for check in runbook.health_checks if check.endpoint and check.endpoint not in known]
