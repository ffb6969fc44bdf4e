"""The undo stack: each change goes back to what was captured, the latest first, and nobody else's change is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.requests import Start
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation, Flight, Plan
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.shop import cluster, script, shop, step
from tests.simcluster import IMAGE, NAME, NAMESPACE, Living, living

pytestmark = pytest.mark.anyio

CONFIG = "payment-config"


def kubernetes(id: str, verb: str, **fields: Any) -> dict[str, Any]:
    """A mitigation on the cluster."""
    return step(id, {"kind": "kubernetes", "verb": verb, **fields}, kind="mitigate", verify=["rollout-complete"])


STEPS = (
    kubernetes("scale", "scale", replicas=5),
    kubernetes("scale-on", "scale", replicas=6),
    kubernetes("fallback", "set-env", env={"FALLBACK": "true", "MODE": None}),
    kubernetes("image", "set-image", images={"payment": f"{IMAGE}:1.4.3"}),
    kubernetes("roll-back", "rollout-undo"),
    kubernetes("limit", "edit-config-map", name=CONFIG, data={"limit": "1", "reason": "incident"}),
    step("close", script('echo closed >> "$HOME/door"'), kind="mitigate", risk="changing", undo_step="open"),
    step("open", script('echo opened >> "$HOME/door"'), kind="mitigate", risk="changing"),
)


@dataclass
class Standing:
    """A room over a cluster."""

    war: WarRoom
    alive: Living

    def deployment(self) -> dict[str, Any]:
        """The deployment as it is."""
        found: dict[str, Any] | None = self.alive.cluster.get("deployments", NAMESPACE, NAME)
        assert found is not None
        return found

    @property
    def container(self) -> dict[str, Any]:
        """Its one container."""
        found: dict[str, Any] = self.deployment()["spec"]["template"]["spec"]["containers"][0]
        return found

    @property
    def env(self) -> dict[str, str]:
        """The container's environment."""
        return {each["name"]: each["value"] for each in self.container["env"]}

    @property
    def data(self) -> dict[str, str]:
        """What the config map holds."""
        found: dict[str, Any] | None = self.alive.cluster.get("configmaps", NAMESPACE, CONFIG)
        assert found is not None
        return dict(found["data"])

    @property
    def seen(self) -> tuple[object, ...]:
        """All that the steps can change."""
        return self.deployment()["spec"]["replicas"], self.container["image"], self.env, self.data

    def somebody(self, spec: Mapping[str, Any]) -> None:
        """Somebody else changes the deployment."""
        self.alive.cluster.patch_merge("deployments", NAMESPACE, NAME, {"spec": spec})

    async def settled(self) -> None:
        """Wait until the cluster has looked at the latest change."""

        def looked() -> bool:
            found = self.deployment()
            return bool(found["status"].get("observedGeneration") == found["metadata"]["generation"])

        await eventually(looked)

    async def plan(self, job: Job | None) -> Plan:
        """The preview of a job."""
        assert job is not None
        await self.settled()
        return await self.war.prepare(job)

    async def done(self, job: Job | None) -> Flight:
        """Run a job to its end, with every question answered; it must succeed."""
        plan = await self.plan(job)
        assert plan.refusals == ()
        flight = self.war.launch(plan, Confirmation(yes=True, name=plan.confirm.name, again=True))
        await eventually(lambda: flight.over)
        assert flight.standing == "verified", (plan.title, flight.standing, flight.trouble, list(flight.lines))
        return flight

    async def runs(self, *steps: str) -> None:
        """Run steps of the runbook, one after the other."""
        for each in steps:
            await self.done(self.war.jobs.step(each))

    def latest(self) -> Job | None:
        """What the stack takes back next."""
        found = self.war.jobs.undoable()
        return self.war.jobs.undo(found[0].intent.run) if found else None

    @property
    def stack(self) -> list[str]:
        """The steps on the stack, the latest first."""
        return [run.intent.step for run in self.war.jobs.undoable()]


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Standing]:
    """An incident is declared on a service at its second release."""
    async with living(folder) as alive:
        alive.cluster.create(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": CONFIG, "namespace": NAMESPACE},
             "data": {"limit": "10", "other": "kept"}}
        )  # fmt: skip
        shop(folder, *STEPS, **cluster(folder))
        house = await open_house(Options({}, folder, actor="@ada", journal=folder / "record.db"), SystemClock())
        war = WarRoom(house, SystemClock())
        try:
            await war.go_live()
            await war.room.perform(Start("trouble", ""))
            await eventually(lambda: war.pods().deployment)
            yield Standing(war, alive)
        finally:
            await war.close()
            await house.close()


async def test_each_change_goes_back_in_reverse_order(tmp_path: Path) -> None:
    """Scale, environment, release, rollback, config map: at the end all is as it was, and the stack is empty."""
    async with standing(tmp_path) as here:
        before = here.seen
        order = ["scale", "fallback", "image", "roll-back", "limit", "scale-on"]
        states = [before]
        for each in order:
            await here.runs(each)
            states.append(here.seen)
        assert states[-1] == (6, f"{IMAGE}:1.4.1", states[2][2], {"limit": "1", "reason": "incident", "other": "kept"})
        assert "FALLBACK" in here.env
        assert "MODE" not in here.env
        for left in range(len(order), 0, -1):
            assert here.stack == order[:left][::-1]
            assert here.seen == states[left]
            await here.done(here.latest())
        assert here.stack == []
        assert here.seen == before
        assert here.latest() is None
        assert here.war.room.state.in_place() == [], "what was undone does not stay in place, nor does its undo"


async def test_an_undo_s_preview_says_from_what_to_what(tmp_path: Path) -> None:
    """It is confirmed like any change, and changes nothing before."""
    async with standing(tmp_path) as here:
        await here.runs("scale")
        plan = await here.plan(here.latest())
        assert (plan.title, plan.change, plan.confirm.kind) == ("undo Scale", ("replicas: 5 → 3",), "yes")
        assert plan.undo_of == here.war.jobs.undoable()[0].intent.run
        assert here.deployment()["spec"]["replicas"] == 5


CHANGES: dict[str, tuple[Mapping[str, Any], str]] = {
    "scale": ({"replicas": 7}, "7 pods"),
    "fallback": (
        {"template": {"spec": {"containers": [{"name": "payment", "env": [{"name": "FALLBACK", "value": "half"}]}]}}},
        "FALLBACK",
    ),
    "image": ({"template": {"spec": {"containers": [{"name": "payment", "image": f"{IMAGE}:1.4.4"}]}}}, "1.4.4"),
    "roll-back": ({"template": {"metadata": {"labels": {"app": NAME, "by": "bob"}}}}, "since"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_somebody_else_changed_since_is_not_overwritten(tmp_path: Path, change: str) -> None:
    """The preview of the undo says what it is now, and that it is not put back."""
    async with standing(tmp_path) as here:
        if change == "roll-back":
            await here.runs("image")
        await here.runs(change)
        wanted, words = CHANGES[change]
        whole = here.container
        for each in wanted.get("template", {}).get("spec", {}).get("containers", []):
            each.update({**whole, **each})  # a merge patch replaces lists
        here.somebody(wanted)
        theirs = here.seen
        plan = await here.plan(here.latest())
        assert plan.refusals, "it would have overwritten what somebody changed"
        assert plan.refusals[0].startswith("conflict: ")
        assert words in plan.refusals[0]
        assert here.seen == theirs


async def test_a_key_that_somebody_else_changed_since_is_not_overwritten(tmp_path: Path) -> None:
    """A key that the run did not touch is theirs, and no hindrance."""
    async with standing(tmp_path) as here:
        await here.runs("limit")
        here.alive.cluster.patch_merge("configmaps", NAMESPACE, CONFIG, {"data": {"other": "theirs"}})
        plan = await here.plan(here.latest())
        assert plan.refusals == ()
        here.alive.cluster.patch_merge("configmaps", NAMESPACE, CONFIG, {"data": {"limit": "2"}})
        plan = await here.plan(here.latest())
        assert plan.refusals
        assert plan.refusals[0].startswith("conflict: limit ")
        assert here.data == {"limit": "2", "reason": "incident", "other": "theirs"}


async def test_an_earlier_change_is_not_undone_beneath_a_later_one(tmp_path: Path) -> None:
    """The one below would take away what the one above made; when that is undone, it goes back by itself."""
    async with standing(tmp_path) as here:
        await here.runs("scale", "scale-on")
        below = here.war.jobs.undoable()[1].intent.run
        plan = await here.plan(here.war.jobs.undo(below))
        assert plan.refusals
        assert plan.refusals[0].startswith("conflict: ")
        await here.done(here.latest())
        await here.done(here.war.jobs.undo(below))
        assert here.deployment()["spec"]["replicas"] == 3


async def test_a_step_that_the_runbook_names_takes_another_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a command nothing is captured: its undo is a step, which counts as the undo and not as a mitigation."""
    monkeypatch.setenv("HOME", str(tmp_path))
    async with standing(tmp_path) as here:
        await here.runs("close")
        assert here.stack == ["close"]
        flight = await here.done(here.latest())
        assert flight.plan.title == "Open"
        assert (tmp_path / "door").read_text() == "closed\nopened\n"
        assert here.stack == []
        assert here.war.room.state.in_place() == []
