"""The rollout: how it looks in each state, what is compared, and the way back from it.

After a change that is meant: `pytest tests/screen/test_rollout.py --snapshot-update`, and look at the new pictures.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import eventually
from screen.flying import flown, flying, picture
from screen.looking import Compare, drawn, looks
from screen.staged import DEPLOYMENT, NOW, PODS, REVISIONS, open_staged, pod, source, stage, staged, story
from scribe.story import at
from textual.pilot import Pilot

from cockpit.action.kubernetes.deployments.scale import Scale
from cockpit.clock import SystemClock
from cockpit.kube.access import MERGE_PATCH, Access
from cockpit.kube.managers import Setter
from cockpit.kube.paths import resource_path
from cockpit.kube.rollouts.deployed import ConditionRow, DeploymentDetail
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation
from cockpit.room.views.rollout import Around, Reference, RevisionView, RolloutView
from cockpit.room.views.signals import PodsView
from cockpit.screen.app import CockpitApp
from cockpit.values import replace

LONG = "https://payments.example.com/api/v2/settlement?region=eu-central-1&retries=5&timeout=30s&currency=EUR,USD,GBP"


def template(release: str, **env: str) -> dict[str, Any]:
    """A pod template of a release."""
    variables = [{"name": name, "value": value} for name, value in env.items()]
    container = {"name": "payment", "image": f"registry.example/payment:{release}", "env": variables}
    return {"metadata": {"labels": {"app": "payment-service"}}, "spec": {"containers": [container]}}


OLD, BAD = template("1.4.1", LOG_LEVEL="info", API_TOKEN="one"), template("1.4.2", LOG_LEVEL="debug", API_TOKEN="two")
BAD["spec"]["containers"][0] |= {"resources": {"limits": {"memory": "256Mi"}}, "args": ["--upstream", LONG]}
BAD["spec"]["containers"].append({"name": "proxy", "image": "registry.example/proxy:3"})
BAD["spec"]["volumes"] = [{"name": "config", "configMap": {"name": "payment-config"}}]
BAD["metadata"]["labels"]["tier"] = "gold"
BAD["spec"]["nodeSelector"] = {"disk": "ssd"}
RELEASED = Setter("kubectl-set", at("0:02"))
SAID = 'ReplicaSet "payment-service-7599565f95" is progressing.'
GOING = ConditionRow("Progressing", "True", "ReplicaSetUpdated", SAID, at("0:02"), at("3:20"))
SERVES = ConditionRow(
    "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", at("0:00")
)
STUCK = msgspec.structs.replace(
    GOING, status="False", reason="ProgressDeadlineExceeded", updated=at("10:20"),
    message='ReplicaSet "payment-service-7599565f95" has timed out progressing.',
)  # fmt: skip
STARVED = msgspec.structs.replace(
    SERVES,
    status="False",
    reason="MinimumReplicasUnavailable",
    message="Deployment does not have minimum availability.",
)
DETAIL = DeploymentDetail(600, (SERVES, GOING), msgspec.json.encode(BAD), RELEASED)
ROLLING = msgspec.structs.replace(
    DEPLOYMENT, image="1.4.2", change_cause="release 1.4.2", changed_by="kubectl-set", updated=3, available=2,
    detail=DETAIL,
)  # fmt: skip
STALLED = msgspec.structs.replace(
    ROLLING, progressing_reason="ProgressDeadlineExceeded", gitops="Argo CD",
    detail=msgspec.structs.replace(DETAIL, conditions=(STARVED, STUCK)),
)  # fmt: skip
PAUSED = msgspec.structs.replace(ROLLING, paused=True, updated=2)
WELL = [
    pod(f"7599565f95-{name}", "1.4.2", revision_hash="7599565f95", owner="ReplicaSet/payment-service-7599565f95")
    for name in ("a", "b", "c", "d", "e")
]
COMPLETE = msgspec.structs.replace(ROLLING, updated=5, available=5, ready=5)
SETS = tuple(
    msgspec.structs.replace(row, revision_hash=row.name[-10:], available=row.ready, created=created)
    for row, created in zip(REVISIONS, (at("0:02"), NOW - timedelta(days=3)), strict=True)
)
LIVE = [msgspec.structs.replace(row, revision_hash=row.name.split("-")[2]) for row in PODS]
LIVE = [msgspec.structs.replace(row, owner=f"ReplicaSet/payment-service-{row.revision_hash}") for row in LIVE]
AROUND = Around(
    (
        Reference("config map", "payment-config", "known", at("6:00"), "kubectl-edit"),
        Reference("config map", "payment-flags", "missing"),
        Reference("secret", "payment-api", "known", NOW - timedelta(days=41), "external-secrets"),
        Reference("secret", "payment-db", "forbidden"),
    ),
    "payment-service: 2–10 pods",
)


def revision(number: int, release: str, days: float, made: dict[str, Any], **more: Any) -> RevisionView:
    """A revision as it was read."""
    name = {43: "7599565f95", 42: "5dc9b45b44"}.get(number, f"66b7{number}c9f")
    given = {"current": number == 43, "template": made, "change_cause": f"release {release}"} | more
    return RevisionView(
        number, release, NOW - timedelta(days=days), replica_set=f"payment-service-{name}", revision_hash=name, **given
    )


READ = (
    revision(43, "1.4.2", 0.0075, BAD, by="kubectl-set"),
    revision(42, "1.4.1", 3, OLD, by="helm"),
    *(revision(number, f"1.3.{number - 33}", 50 - number, OLD) for number in range(41, 35, -1)),
)

NEVER, ONCE = READ[2], replace(READ[3], rolled_out="01:12:40Z")
NEXT = RevisionView(0, "1.4.3", None, "", "", "", True, "helm", "", template("1.4.3", LOG_LEVEL="debug"))


def view(row: Any = ROLLING, sets: Any = SETS, pods: Any = LIVE, **more: Any) -> RolloutView:
    """The deployment on the stage."""
    seen = PodsView(source("pods", "k8s"), pods, row, sets)
    given = {"where": "prod-eu/production", "name": "payment-service", "around": AROUND} | more
    return RolloutView(source("rollout", ""), seen, **given)


@dataclass(frozen=True)
class Scene:
    """One picture: what is on the stage, the keys after `c`, and what must be seen."""

    shows: str
    rollout: RolloutView
    keys: tuple[str, ...] = ()
    revisions: tuple[RevisionView, ...] = READ
    size: tuple[int, int] = (80, 24)


DONE = (msgspec.structs.replace(SETS[0], wanted=5, replicas=5, ready=5, available=5),
        msgspec.structs.replace(SETS[1], wanted=0, replicas=0, ready=0, available=0))  # fmt: skip
OWNED = [
    *(pod(f"payment-db-{number}", "16", owner="StatefulSet/payment-db") for number in range(2)),
    pod("agent-x", "2", owner="DaemonSet/agent"),
]  # fmt: skip
FORBIDDEN = source(
    "rollout", "", "forbidden", detail='prod-eu answered 403: deployments.apps is forbidden: User "viewer" cannot list',
    mend="run `kubectl --context prod-eu auth can-i --list` and ask for what is missing",
)  # fmt: skip
STALE = source("rollout", "", "stale", as_of=NOW - timedelta(minutes=4), detail="prod-eu does not answer")
LOST = replace(view(), source=STALE, changes=STALE)
SCENES = {
    "rolling": Scene("Changed from rev 42", view()),
    "rolling_wide": Scene("Changed from rev 42", view(), size=(120, 40)),
    "rolling_narrow": Scene("CrashLoopBackOff", view(), size=(62, 18)),
    "difference": Scene("nodeSelector", view(), ("G",)),
    "complete": Scene("complete: 5/5", view(COMPLETE, DONE, WELL)),
    "stalled": Scene("exceeded", view(STALLED)),
    "paused": Scene("paused", view(PAUSED)),
    "older": Scene("1.3.3", view(), ("j", "j", "j", "j", "enter")),
    "chosen": Scene("Changed from rev 41 (1.3.8) to rev 42", view(), ("j", "greater_than_sign", "j", "less_than_sign")),
    "healthy": Scene("Changed from rev 42", view(), ("h",)),
    "never_healthy": Scene("no earlier revision", view(), ("h",), (READ[0], *READ[2:])),
    "healthy_once": Scene("rolled out 01:12:40Z", view(), ("h",), (READ[0], NEVER, ONCE, *READ[4:])),
    "unreleased": Scene("not released yet", view(PAUSED), revisions=(NEXT, replace(READ[0], current=False), *READ[1:])),
    "first": Scene("no other revision", view(sets=SETS[:1]), revisions=READ[:1]),
    "lost": Scene("as of", replace(LOST, pods=replace(LOST.pods, source=LOST.source))),
    "lost_end": Scene("of its pods, as of 02:07:00Z", replace(LOST, pods=replace(LOST.pods, source=STALE)), ("G",)),
    "no_deployment": Scene("StatefulSet", replace(view(None, (), OWNED, name=""), source=source("rollout", "", "off"))),
    "forbidden": Scene("forbidden", replace(view(None, (), LIVE), source=FORBIDDEN)),
    "loading": Scene("loading", replace(view(None, (), ()), source=source("rollout", "", "loading", since=NOW))),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    live = stage(rollout_view=scene.rollout, revision_views=scene.revisions)
    war = asyncio.run(open_staged(tmp_path, live, entries=story()))

    async def fly(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, CockpitApp)
        await drawn(pilot, "1 Pods")
        await pilot.press("c")
        await eventually(lambda: " Rollout" in picture(app)[0], 20)
        if scene.rollout.deployment:
            await eventually(lambda: "current ·" in "\n".join(picture(app)), 20)  # the revisions were read
        await pilot.pause()
        for key in scene.keys:
            await pilot.press(key)
        await drawn(pilot, scene.shows)

    looks(snap_compare, war, fly, size=scene.size)


def test_when_a_template_was_set_is_not_taken_from_a_replica_set_that_was_woken_again() -> None:
    bare = msgspec.structs.replace(ROLLING, detail=DeploymentDetail())
    assert view().began == at("0:02")
    assert view(bare).began == at("0:02")  # the newest replica set is the youngest: it was made for this rollout
    undone = msgspec.structs.replace(bare, revision=42)
    assert view(undone).began is None


@pytest.mark.anyio
@pytest.mark.parametrize(("count", "offered"), [(1, False), (2, True)])
async def test_a_way_back_is_offered_where_there_is_one(tmp_path: Path, count: int, offered: bool) -> None:
    live = stage(rollout_view=view(sets=SETS[:count]), revision_views=READ[:count])
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("c")
        await cockpit.sees("current ·")
        assert ("enter rolls back" in cockpit.lines[-1]) is offered
        assert ("one before" in cockpit.lines[-1]) is offered


@pytest.mark.anyio
async def test_why_a_key_did_nothing_outlives_what_is_drawn_next(tmp_path: Path) -> None:
    """The page draws each second, and at each new size: a refusal that goes with that is never read."""
    live = stage(rollout_view=view(), revision_views=READ)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("c")
        await cockpit.sees("current ·")
        await cockpit.press("g", "enter")
        why = "this revision is the current one: choose another to roll back to"
        await cockpit.sees(why)
        await cockpit.pilot.resize_terminal(100, 30)
        await cockpit.sees(why)
        await cockpit.press("c")
        assert why not in cockpit.text


@pytest.mark.anyio
async def test_what_changed_is_one_key_and_the_way_back_is_there(own_outage: Path, tmp_path: Path) -> None:
    """`c` shows what changed; enter on the revision before previews the rollback, `y` does it, the page goes on."""
    async with flying(tmp_path, own_outage) as cockpit:
        await cockpit.sees("ready")
        await cockpit.press("c")
        await cockpit.goes_to("RolloutPage")
        await cockpit.sees("Changed from rev 42 (1.4.1) to rev 43 (1.4.2)", "- registry.example/payment-service:1.4.1")
        await cockpit.records("run-result")
        await cockpit.press("enter")
        await cockpit.sees("this revision is the current one: choose another to roll back to")
        await cockpit.press("j", "enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("Roll back to rev 42", "yes, change it")
        await cockpit.press("y")
        await cockpit.records("run-result", 2)
        await cockpit.press("escape")
        await cockpit.goes_to("RolloutPage")
        await cockpit.sees("Changed from rev 43 (1.4.2) to rev 44 (1.4.1)")
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.press("1", "G", "enter")  # the releases stand below the pods
        await cockpit.goes_to("RolloutPage")


@pytest.mark.anyio
async def test_what_somebody_else_changes_is_in_the_record(own_outage: Path, tmp_path: Path) -> None:
    """A scaling and a config map from elsewhere become entries that name the program."""
    access = await Access.open("prod-eu", own_outage.with_name("kubeconfig"), SystemClock())
    deployment = resource_path("apps/v1", "deployments", "production", "payment-service")
    settings = resource_path("v1", "configmaps", "production", "payment-service-config")
    try:
        async with flying(tmp_path, own_outage) as cockpit:
            await eventually(
                lambda: [each for each in cockpit.war.sources() if each.name == "changes" and each.trusted]
            )
            job = Job("Scale", Scale("payment-service", "production", 6))
            flight = cockpit.war.launch(await cockpit.war.prepare(job), Confirmation(yes=True))
            await cockpit.sees("/6 ready")  # our own doing
            query, body = {"fieldManager": "kubectl-scale"}, {"spec": {"replicas": 7}}
            await access.call("PATCH", deployment, query=query, body=body, content_type=MERGE_PATCH)
            entry = await cockpit.records("change")
            told = [entry.payload[each] for each in ("object", "matter", "to", "by")]
            assert told == ["deployment/payment-service", "scale", "7", "kubectl-scale"]
            assert flight.task is not None
            await flight.task
            query, edited = {"fieldManager": "kubectl-edit"}, {"data": {"LOG_LEVEL": "debug"}}
            await access.call("PATCH", settings, query=query, body=edited, content_type=MERGE_PATCH)
            entry = await cockpit.records("change", 2)
            assert (entry.payload["matter"], entry.payload["by"]) == ("data", "kubectl-edit")
            assert "LOG_LEVEL" in entry.payload["detail"]
            await cockpit.sees("config map")
    finally:
        await access.close()
