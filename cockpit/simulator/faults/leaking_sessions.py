"""Exhausted connections: release 2.4.0 of the order service forgets to end its transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.simulator.faults.bad_release import CALM
from cockpit.simulator.faults.fault import OrdersFault
from cockpit.simulator.orders.manifests import LEAKING, NAMESPACE, SERVICE, container

if TYPE_CHECKING:
    from cockpit.simulator.orders.world import OrdersWorld


class LeakingSessions(OrdersFault):
    """Restarting the pods ends their sessions for a while; rolling back ends the leak."""

    name = "database-connections"
    description = "release 2.4.0 of order-service leaks database sessions until no new one can be had"

    async def begin(self, world: OrdersWorld) -> None:
        """Roll it out after a calm moment."""
        await world.pace.sleep(CALM)
        change = {
            "metadata": {"annotations": {"kubernetes.io/change-cause": f"release {LEAKING}"}},
            "spec": {"template": {"spec": {"containers": [container(LEAKING)]}}},
        }
        world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, change)
