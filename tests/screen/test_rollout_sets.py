"""Stateful sets and daemon sets on the rollout's page: how far they are, what changed, and the way back in words."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from screen.flying import flown
from screen.looking import Compare, drawn, looks
from screen.staged import NOW, REVISIONS, Stage, open_staged, pod, source, stage, staged, story
from screen.test_rollout import READ, ROLLING
from textual.pilot import Pilot

from cockpit.room.views.rollout import RevisionView, RolloutView
from cockpit.room.views.sets import SetView, owners
from cockpit.room.views.signals import PodsView

pytestmark = pytest.mark.anyio

OWNER = "StatefulSet/payment-db"
UNDO = "kubectl --context prod-eu -n production rollout undo statefulset/payment-db --to-revision="


def revision(number: int, image: str, **env: str) -> RevisionView:
    """A revision of the set."""
    container: dict[str, Any] = {"name": "db", "image": f"registry.example/db:{image}"}
    container["env"] = [{"name": name, "value": value} for name, value in env.items()]
    name, made = f"payment-db-{number}aa", NOW - timedelta(hours=9 - number)
    template = {"spec": {"containers": [container]}}
    return RevisionView(number, image, made, f"release {image}", name, name, number == 5, template=template)


SET = SetView(
    OWNER, "1 of 2 pods have been updated", False,
    (revision(5, "16.2", POOL="20"), revision(4, "16.1", POOL="10"), revision(3, "15.8")), UNDO,
)  # fmt: skip
PODS = [
    pod("payment-db-0", "16.1", owner=OWNER, labels={"controller-revision-hash": "payment-db-4aa"}),
    pod("payment-db-1", "16.2", owner=OWNER, labels={"controller-revision-hash": "payment-db-5aa"}),
    pod("agent-x", "2", owner="DaemonSet/agent"),
]
AGENT = SetView("DaemonSet/agent", trouble="prod-eu answered 403: controllerrevisions.apps is forbidden")


def only_sets(*views: SetView) -> Stage:
    """A service without a deployment."""
    pods = PodsView(source("pods", "k8s"), PODS, None, ())
    seen = RolloutView(source("rollout", "", "off"), pods, "prod-eu/production")
    return stage(pods_view=pods, rollout_view=seen, set_views=views)


def beside() -> Stage:
    """A deployment, and a set that the selector finds, too."""
    pods = PodsView(source("pods", "k8s"), [*stage().pods_view.rows, *PODS[:2]], ROLLING, REVISIONS)
    seen = RolloutView(source("rollout", ""), pods, "prod-eu/production", "payment-service")
    return stage(pods_view=pods, rollout_view=seen, set_views=[SET], revision_views=READ)


def test_whose_the_pods_are() -> None:
    pods = only_sets().pods_view
    assert owners(pods) == ["DaemonSet/agent", OWNER]
    assert [SET.runs(each, pods) for each in SET.revisions] == ["1 pod, 1 ready", "1 pod, 1 ready", ""]


async def test_two_revisions_of_a_set_are_compared_and_the_way_back_is_words(tmp_path: Path) -> None:
    live = only_sets(AGENT, SET)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path, size=(120, 45)) as cockpit:
        await cockpit.press("c")
        seen = await cockpit.sees("StatefulSet/payment-db", "1 of 2 pods have been updated", "db env POOL")
        assert "Changed from rev 4 (16.1) to rev 5 (16.2)" in seen
        assert "unknown: prod-eu answered 403" in seen
        assert "rolls back" not in seen
        assert f"{UNDO}4" in seen
        await cockpit.press("G")
        for _ in range(40):
            if "rev 3" in cockpit.text:
                break
            await cockpit.press("up", "<")
        await cockpit.sees("Changed from rev 3 (15.8) to rev 5 (16.2)")
        await cockpit.press("enter")
        await cockpit.sees("it is only shown here", "--to-revision=3")
        await cockpit.press("c")
        await cockpit.sees("Changed from rev 4 (16.1) to rev 5 (16.2)")


async def test_a_set_beside_the_deployment_stands_below_it(tmp_path: Path) -> None:
    async with staged(tmp_path, beside(), entries=story()) as war, flown(war, tmp_path, size=(120, 60)) as cockpit:
        await cockpit.press("c")
        seen = await cockpit.sees("StatefulSet/payment-db", "rev 5 (16.2)", "rev 43", "enter rolls back")
        assert seen.index("rev 43") < seen.index("StatefulSet/payment-db\n".rstrip(), seen.index("rev 43"))


SCENES = {
    "stateful": (only_sets(SET), (80, 24), ()),
    "stateful_end": (only_sets(AGENT, SET), (80, 24), ("G",)),
    "stateful_120x40": (only_sets(AGENT, SET), (120, 40), ()),
}


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    live, size, keys = SCENES[name]
    war = asyncio.run(open_staged(tmp_path, live, entries=story()))

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, "1 Pods")
        await pilot.press("c")
        await drawn(pilot, "StatefulSet/payment-db")
        for key in keys:
            await pilot.press(key)
        await drawn(pilot, "rev 5 (16.2)")

    looks(snap_compare, war, fly, size=size)
