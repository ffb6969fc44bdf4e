"""`kubectl rollout status`: waits until the rollout of a deployment ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.found import read_found
from cockpit.action.kubernetes.reading import Heading, deployment_reading
from cockpit.action.live import Live
from cockpit.action.model import VERIFY_TIMEOUT, Outcome, Plan, Situation
from cockpit.kube.access import Access

LOOK_EVERY = 1.0
"""Seconds between two looks at a deployment that rolls out."""


@dataclass(frozen=True, slots=True)
class WaitForRollout:
    """Waits until the rollout of a deployment is complete or stalled, or its heading's timeout is over."""

    deployment: str
    namespace: str
    heading: Heading = field(default_factory=lambda: Heading("rollout status"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        named = f"deployment/{self.deployment}"
        return deployment_reading(self, access, situation, "rollout", "status", named, timeout=VERIFY_TIMEOUT)

    async def read(self, access: Access, live: Live) -> Outcome | None:
        """Write each state that it comes to, until the last."""
        said = ""
        while True:
            found = await read_found(access, self.namespace, self.deployment)
            if found.status.message != said:
                said = found.status.message
                live.say(found.progress)
                await live.write([said])
            if found.status.state in ("stalled", "paused"):
                return Outcome("failed", 1, said)
            if found.status.state == "complete":
                return None
            await live.clock.sleep(LOOK_EVERY)
