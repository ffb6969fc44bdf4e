"""The memory leak: release 1.4.2 keeps a little of every request, until the kernel ends its containers one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cockpit.simulator.faults.bad_release import CALM, VERSION
from cockpit.simulator.faults.fault import Fault
from cockpit.simulator.payments.manifests import container
from cockpit.simulator.payments.program import MEBIBYTE, Release
from cockpit.simulator.payments.sight import NAMESPACE, SERVICE

if TYPE_CHECKING:
    from cockpit.simulator.world import World

KEPT = 0.45
"""MiB that a container keeps of each request that it answers."""


class KeepsRequests(Release):
    """A release that answers well, and forgets nothing. What starts anew has nothing to forget."""

    def kept(self, answered: int) -> int:
        """Bytes that are never freed, after so many answers."""
        return round(KEPT * MEBIBYTE * answered)


class MemoryLeak(Fault):
    """The deployment job of the CI rolls out the release that leaks.

    Restarting the pods frees what they kept, more pods keep less each, and rolling back ends it.
    """

    name = "memory-leak"
    description = "release 1.4.2 of payment-service leaks: memory climbs to the limit and its pods are OOMKilled"

    def releases(self) -> Sequence[Release]:
        """The release with the leak in it."""
        return (KeepsRequests(VERSION),)

    async def begin(self, world: World) -> None:
        """Roll it out after a calm moment."""
        await world.pace.sleep(CALM)
        change = {
            "metadata": {"annotations": {"kubernetes.io/change-cause": f"release {VERSION}"}},
            "spec": {"template": {"spec": {"containers": [container(VERSION)]}}},
        }
        world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, change)
