"""Every scenario by name: the world that it is played in, opened and ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from starlette.types import ASGIApp

from cockpit.simulator.cluster import Cluster
from cockpit.simulator.faults import CHURN, ORDERS, SCENARIOS
from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus import Prometheus
from cockpit.simulator.world import World

NAMES = (*SCENARIOS, *ORDERS, *CHURN)


class Living(Protocol):
    """A world as its server knows it."""

    cluster: Cluster
    prometheus: Prometheus

    async def run(self) -> None:
        """Let it live until cancelled."""

    def outside(self) -> ASGIApp | None:
        """The public status page of what its service depends on outside of the cluster; None where it has none."""

    def configuration(self, directory: Path, prometheus: str) -> dict[str, Any]:
        """The cockpit.yaml for it; may write files of secrets beside it."""


@asynccontextmanager
async def opened(scenario: str, pace: Pace, pods: int) -> AsyncIterator[Living]:
    """The world of a scenario, until the block ends.

    Args:
        pods: how many pods of other software stand around the payment service.

    Raises:
        KeyError: there is no such scenario.
        OSError: what it needs cannot be started.
    """
    if scenario in ORDERS:
        from cockpit.simulator.orders.world import open_orders

        async with open_orders(pace, ORDERS[scenario]()) as orders:
            yield orders
        return
    if scenario in CHURN:
        from cockpit.simulator.churn.world import open_churn

        async with open_churn(pace, CHURN[scenario]()) as churn:
            yield churn
        return
    yield World(pace, scenario, pods)


def described() -> dict[str, str]:
    """One line for each scenario."""
    payments = {name: fault.description for name, fault in SCENARIOS.items()}
    orders = {name: fault.description for name, fault in ORDERS.items()}
    return payments | orders | {name: fault.description for name, fault in CHURN.items()}
