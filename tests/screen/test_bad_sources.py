"""What a source in trouble looks like on the screen: the part concerned says so, the others stay live, a key is still
answered, and when the trouble is over all is live again by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import Flown, flying

from tests.campaign.sources.rounds import configured, shorter
from tests.campaign.sources.wire import Instead
from tests.campaign.sources.world import World, living
from tests.postgres import running

pytestmark = pytest.mark.anyio

Trouble = Callable[[World], None]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world in which nothing changes by itself."""
    with running() as server, living(server, "still") as found:
        yield found


def refused(wire: str, status: int, path: str = "/", wait: int | None = None) -> Trouble:
    def trouble(world: World) -> None:
        world.wires[wire].answer(Instead(status, path, wait))
        world.wires[wire].hang_up()

    return trouble


def gone(wire: str) -> Trouble:
    return lambda world: world.wires[wire].cut()


def silent(wire: str) -> Trouble:
    return lambda world: world.wires[wire].hold()


def cut_in_mid_line(wire: str) -> Trouble:
    def trouble(world: World) -> None:
        world.wires[wire].cut_answers(1.0)
        world.wires[wire].hang_up()

    return trouble


def garbled(wire: str) -> Trouble:
    def trouble(world: World) -> None:
        world.wires[wire].corrupt(1.0)
        world.wires[wire].hang_up()

    return trouble


CASES: dict[str, tuple[Trouble, str, str, str]] = {
    # What is wrong, the source that it concerns, its state, and what is said of it.
    "api-server-gone": (gone("kube"), "pods", "stale", "broke off"),
    "api-server-half-open": (silent("kube"), "pods", "stale", "has not answered since"),
    "api-server-throttles": (refused("kube", 429, wait=1), "pods", "stale", "429"),
    "token-expired": (refused("kube", 401), "pods", "unauthorized", ""),
    "one-resource-forbidden": (refused("kube", 403, "/deployments"), "rollout", "forbidden", "403"),
    "watch-ends-in-mid-line": (cut_in_mid_line("kube"), "pods", "stale", ""),
    "prometheus-errors": (refused("prom", 500), "prometheus", "stale", "500"),
    "prometheus-garbled": (garbled("prom"), "prometheus", "stale", ""),
    "alertmanager-half-open": (silent("alerts"), "alertmanager", "stale", "did not answer"),
    "postgresql-gone": (gone("database"), "postgresql", "stale", ""),
}
BEHIND = {"pods": "kube", "rollout": "kube", "prometheus": "prom", "alertmanager": "alerts", "postgresql": "database"}


async def test_the_part_concerned_says_so_and_nothing_else_suffers(world: World, tmp_path: Path) -> None:
    """One after the other in one cockpit, which has to come back by itself from each."""
    with shorter():
        async with flying(tmp_path, configured(world, tmp_path), size=(120, 40), service="shop") as cockpit:
            for case in CASES.values():
                await eventually(lambda: cockpit.war.sources() and all(each.trusted for each in cockpit.war.sources()))
                await _in_trouble(cockpit, world, *case)
            await eventually(lambda: all(each.trusted for each in cockpit.war.sources()))


async def _in_trouble(cockpit: Flown, world: World, trouble: Trouble, source: str, state: str, words: str) -> None:
    wire = BEHIND[source]
    world.on_wire(lambda: trouble(world))
    try:
        await eventually(lambda: _state(cockpit, source) == state)
        await _says_so(cockpit, source, state, words)
        for part, other in BEHIND.items():
            assert other == wire or _state(cockpit, part) == "live", part
    finally:
        world.on_wire(world.wires[wire].mend)
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")


def _state(cockpit: Flown, name: str) -> str:
    return next(each.state for each in cockpit.war.sources() if each.name == name)


async def _says_so(cockpit: Flown, source: str, state: str, words: str) -> None:
    """In the cockpit the part is marked; a key opens the sources, which say what is wrong and what to do."""
    found = next(each for each in cockpit.war.sources() if each.name == source)
    assert words in found.detail
    assert found.detail
    assert found.mend or state == "stale"
    if found.short:
        await eventually(lambda: found.short in cockpit.text and f"{found.short}●" not in cockpit.text)
    await cockpit.press("v")
    await cockpit.sees("Sources", source, state)
