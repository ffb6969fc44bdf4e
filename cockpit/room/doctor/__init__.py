"""The doctor: what is reachable from here and how soon, what this user may do, and the mend for each fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from cockpit.clock import Clock
from cockpit.kube.access import ANSWER_SECONDS
from cockpit.room.doctor.channels import channels
from cockpit.room.doctor.cluster import cluster
from cockpit.room.doctor.database import database
from cockpit.room.doctor.endpoints import endpoints
from cockpit.room.doctor.finding import Finding, Look, together
from cockpit.room.doctor.here import here
from cockpit.room.doctor.runbook import runbook
from cockpit.room.doctor.sources import alertmanager, board, prometheus
from cockpit.room.doctor.writing import writing
from cockpit.room.house import House
from cockpit.room.live.live import pinned
from cockpit.signal.plan import alerts_plan

__all__ = ["Finding", "examine"]

LIMIT = 2 * ANSWER_SECONDS + 5.0
"""Seconds of silence after which a look is given up: a slow API server may take its whole time for two answers."""
SLOW = 10.0
"""Seconds of silence after which it is said that a look is waited for."""


async def examine(house: House, clock: Clock, *, watching: bool = False) -> AsyncIterator[Finding]:
    """Look at everything at once; each finding comes as soon as it is known.

    It changes nothing and tells nobody: of channels it asks who they take us for.

    Args:
        watching: a board watches the sources already, and shows what they read.
    """
    looks = [Look("record", "here", partial(here, house, clock)), *_looks(house, clock, watching=watching)]
    async for finding in together(looks, LIMIT, SLOW):
        yield finding


def _looks(house: House, clock: Clock, *, watching: bool) -> list[Look]:
    service = house.plans.service
    if not service:
        return channels(house, clock)
    config = pinned(house.plans.config, service, house.room.target)
    looks = [
        Look("runbook", "runbook", partial(runbook, house)),
        Look("cluster", "cluster", partial(cluster, house, config, clock)),
        Look("prometheus", "sources", partial(prometheus, config, service)),
        Look("database", "sources", partial(database, house, clock)),
        Look("endpoints", "sources", partial(endpoints, config, service, clock)),
        Look("database write", "sources", partial(writing, house, clock)),
    ]
    if not watching:
        looks.append(Look("signals", "sources", partial(board, house, config, clock)))
    if (plan := alerts_plan(config, config.services[service])) is not None:
        looks.append(Look(f"alertmanager {plan.name}", "sources", partial(alertmanager, plan)))
    return [*looks, *channels(house, clock)]
