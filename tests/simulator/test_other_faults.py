"""The other faults of the payment service: each breaks something else, and ends by what its runbook says."""

from __future__ import annotations

import pytest
from conftest import eventually

from cockpit.simulator.payments.manifests import container
from cockpit.simulator.payments.sight import NAMESPACE, SELECTOR, SERVICE
from tests.simulator.worlds import Play, playing

pytestmark = pytest.mark.anyio


def killed(play: Play) -> int:
    """How many containers the kernel has ended for their memory."""
    found = 0
    for pod in play.world.cluster.list("pods", NAMESPACE, SELECTOR):
        for status in pod["status"].get("containerStatuses", ()):
            ends = (status["state"], status.get("lastState", {}))
            found += any(end.get("terminated", {}).get("reason") == "OOMKilled" for end in ends)
    return found


async def above(play: Play, name: str, bound: float) -> bool:
    return await play.signal(name) > bound


async def below(play: Play, name: str, bound: float) -> bool:
    return await play.signal(name) < bound


async def test_a_leak_climbs_to_the_limit_and_ends_with_the_release_that_leaks() -> None:
    async with playing("memory-leak") as play:
        assert await play.healthy()
        await eventually(lambda: above(play, "memory", 85), timeout=60)
        await eventually(lambda: killed(play) > 0, timeout=60)
        play.deploy("1.4.1")
        await eventually(lambda: below(play, "memory", 80), timeout=60)
        await eventually(play.healthy, timeout=60)


async def test_a_leak_is_slower_with_more_pods_and_gone_with_new_ones_for_a_while() -> None:
    async with playing("memory-leak") as play:
        await eventually(lambda: above(play, "memory", 80), timeout=60)
        for pod in play.world.cluster.list("pods", NAMESPACE, SELECTOR):
            play.world.cluster.delete("pods", NAMESPACE, pod["metadata"]["name"])
        await eventually(lambda: below(play, "memory", 70), timeout=60)


async def test_a_broken_gateway_is_gone_round_by_the_fallback() -> None:
    async with playing("gateway-failure") as play:
        assert await play.healthy()
        await eventually(lambda: above(play, "gateway-errors", 5), timeout=60)
        assert await play.signal("success-rate") < 95
        assert await play.signal("restarts") <= 3, "the pods themselves are well"
        env = [{"name": "USE_FALLBACK_PROCESSOR", "value": "true"}]
        change = {"spec": {"template": {"spec": {"containers": [{**container("1.4.1"), "env": env}]}}}}
        play.world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, change)
        await eventually(lambda: below(play, "gateway-errors", 1), timeout=60)
        await eventually(play.healthy, timeout=60)
