"""The gateway failure: the external payment gateway answers nothing but errors; the fallback processor is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.simulator.faults.bad_release import CALM
from cockpit.simulator.faults.fault import Fault

if TYPE_CHECKING:
    from cockpit.simulator.world import World


class GatewayFailure(Fault):
    """The gateway breaks, and stays so: what helps is to go round it (incident-response-process.md:4-5)."""

    name = "gateway-failure"
    description = "the payment gateway answers with errors; payments through it fail until the fallback takes over"

    async def begin(self, world: World) -> None:
        """Break it after a calm moment."""
        await world.pace.sleep(CALM)
        world.program.gateway_up = False
