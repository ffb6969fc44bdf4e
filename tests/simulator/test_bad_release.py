"""The bad release is a cause: it breaks the service, what removes it mends the service, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from conftest import eventually

from cockpit.simulator.payments.manifests import container
from cockpit.simulator.payments.sight import NAMESPACE, SELECTOR, SERVICE
from tests.simulator.worlds import Play, playing

pytestmark = pytest.mark.anyio

Deed = Callable[[Play], Awaitable[None]]


async def test_it_starts_healthy_with_a_past_and_then_breaks_while_two_old_pods_hold_out() -> None:
    async with playing() as play:
        assert await play.healthy()
        before = await play.signals()
        (past,) = await play.ask("count(max_over_time(up[3m]))")
        assert float(past["value"][1]) > 5  # type: ignore[index]
        await eventually(play.broken)
        broken = await play.signals()
        assert broken["memory"] < 80
        assert broken["cpu"] < 70
        assert broken["db-connection-errors"] == 0
        await eventually(lambda: throughput_between(play, 500, before["throughput"] * 0.8))
        await eventually(lambda: restarts_over(play, 3))
        images = [pod["spec"]["containers"][0]["image"] for pod in play.world.cluster.list("pods", NAMESPACE, SELECTOR)]
        assert sorted(image.rpartition(":")[2] for image in images) == ["1.4.1"] * 2 + ["1.4.2"] * 3
        assert {alert["metric"]["alertname"] for alert in alerts(play)} >= {"PaymentErrorRate", "PaymentP95"}


def alerts(play: Play) -> list[dict[str, dict[str, str]]]:
    """What Prometheus' own rules say."""
    described = [alert for rule in play.world.prometheus.rules.rules for alert in rule.described_alerts()]
    return [{"metric": alert["labels"]} for alert in described]


async def throughput_between(play: Play, low: float, high: float) -> bool:
    return low < await play.signal("throughput") < high


async def failing(play: Play) -> bool:
    return await play.signal("error-rate") > 5 and await play.signal("success-rate") < 95


async def restarts_over(play: Play, bound: float) -> bool:
    return await play.signal("restarts") > bound


async def roll_back(play: Play) -> None:
    play.deploy("1.4.1")


async def go_back_further(play: Play) -> None:
    play.deploy("1.3.8")


async def add_the_setting_to_the_configuration(play: Play) -> None:
    change = {"data": {"PAYMENT_ROUTES": "card=stripe"}}
    play.world.cluster.patch_merge("configmaps", NAMESPACE, f"{SERVICE}-config", change)
    play.restart()


async def set_it_in_the_environment(play: Play) -> None:
    good = container("1.4.2")
    good["env"].append({"name": "PAYMENT_ROUTES", "value": "card=stripe"})
    play.patch({"spec": {"template": {"spec": {"containers": [good]}}}})


async def delete_the_crashing_pods(play: Play) -> None:
    for pod in play.world.cluster.list("pods", NAMESPACE, SELECTOR):
        if not pod["spec"]["containers"][0]["image"].endswith("1.4.1"):
            play.world.cluster.delete("pods", NAMESPACE, pod["metadata"]["name"])


async def restart(play: Play) -> None:
    play.restart()


async def scale_up(play: Play) -> None:
    play.patch({"spec": {"replicas": 8}})


async def deploy_what_does_not_exist(play: Play) -> None:
    play.deploy("1.4.9")


async def change_another_setting(play: Play) -> None:
    change = {"data": {"DB_POOL_SIZE": "60"}}
    play.world.cluster.patch_merge("configmaps", NAMESPACE, f"{SERVICE}-config", change)


async def after(deed: Deed, seed: int, then: Callable[[Play], Awaitable[None]]) -> None:
    """Break a world, do the deed in it, and then see."""
    async with playing(seed=seed) as play:
        await eventually(play.broken, timeout=60)
        await deed(play)
        await then(play)


async def test_what_removes_the_cause_mends_it() -> None:
    async def mended(play: Play) -> None:
        await eventually(play.healthy, timeout=60)
        pods = play.world.cluster.list("pods", NAMESPACE, SELECTOR)
        assert len(pods) == 5
        assert all(pod["status"]["containerStatuses"][0]["ready"] for pod in pods)

    deeds = (roll_back, go_back_further, add_the_setting_to_the_configuration, set_it_in_the_environment)
    await asyncio.gather(*(after(deed, seed, mended) for seed, deed in enumerate(deeds)))


async def test_what_leaves_the_cause_does_not() -> None:
    async def still_broken(play: Play) -> None:
        await play.world.pace.sleep(180)  # nearly twice the rate window at this speed: what was before is forgotten
        await eventually(lambda: failing(play))  # what was mended would not break again, however slow the machine is

    deeds = (delete_the_crashing_pods, restart, scale_up, deploy_what_does_not_exist, change_another_setting)
    await asyncio.gather(*(after(deed, seed, still_broken) for seed, deed in enumerate(deeds)))
