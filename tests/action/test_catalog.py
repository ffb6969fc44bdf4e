"""From a runbook's step to an action: everything the payment service's runbook can run can be prepared here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from pydantic import TypeAdapter

from cockpit.action.catalog import action_of
from cockpit.action.kubernetes.configmaps import EditConfigMap
from cockpit.action.kubernetes.deployments.environment import SetEnv
from cockpit.action.kubernetes.deployments.images import SetImage
from cockpit.action.kubernetes.deployments.pausing import Pause, Resume
from cockpit.action.kubernetes.deployments.restart import Restart
from cockpit.action.kubernetes.deployments.rollback import Rollback
from cockpit.action.kubernetes.deployments.scale import Scale
from cockpit.action.kubernetes.logs.durations import LogDurations
from cockpit.action.kubernetes.logs.logs import Logs
from cockpit.action.kubernetes.logs.patterns import LogPatterns
from cockpit.action.kubernetes.objects.description import Describe
from cockpit.action.kubernetes.objects.get import Get
from cockpit.action.kubernetes.objects.top import Top
from cockpit.action.kubernetes.pods.deletion import DeletePods
from cockpit.action.kubernetes.pods.execution import Exec
from cockpit.action.kubernetes.pods.forward import PortForward
from cockpit.action.means import Means
from cockpit.config import ServiceKubernetes
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import values
from cockpit.runbook.library import Library
from cockpit.runbook.model import Step
from cockpit.runbook.parameters import Values
from tests.action.stand import NAME, NAMESPACE, stand

pytestmark = pytest.mark.anyio
SERVICE = ServiceKubernetes(cluster="prod", namespace=NAMESPACE, selector=f"app={NAME}", deployment=NAME)


def step(action: dict[str, Any] | None, **fields: Any) -> Step:
    """A step as a reader would make it."""
    given = {"id": "a-step", "title": "A step", "source": {"file": "book.yaml", "line": 1}, **fields}
    if action is not None:
        given["action"] = {"kind": "kubernetes", **action}
    return TypeAdapter(Step).validate_python(given)


async def test_every_step_of_the_shipped_runbook_can_be_prepared(tmp_path: Path) -> None:
    """Each plan comes from its step, goes to the configured namespace or the one that the step names, and may run."""
    book = Library().runbook(NAME)
    elsewhere = ("exec", "edit-config-map", "port-forward")  # about pods and maps that this cluster does not have
    steps = [each for each in book.steps() if getattr(each.action, "verb", "port-forward") not in elsewhere]
    assert len(steps) >= 20
    async with stand(tmp_path) as here:
        pod = here.cluster.list("pods", NAMESPACE)[0]["metadata"]["name"]
        here.release("1.4.3")
        await eventually(lambda: here.revision() == "2")
        for each in steps:
            declared = book.parameters_of(each)
            given = {parameter.name: parameter.default or "" for parameter in declared}
            means = Means.at(SERVICE, pod).knowing(Values(values(SERVICE, pod) | given), declared)
            plan = await here.runner.prepare(action_of(each, means))
            assert plan.refusals == (), each.id
            assert (plan.step, plan.title, plan.risk) == (each.id, each.title, each.risk)
            assert not plan.context or plan.namespace in (NAMESPACE, "database")
            assert "$" not in plan.command


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ({"verb": "get", "resource": "svc", "name": NAME}, Get),
        ({"verb": "events", "name": NAME}, Get),
        ({"verb": "logs", "selector": "$selector"}, Logs),
        ({"verb": "describe", "resource": "pod", "name": "$pod"}, Describe),
        ({"verb": "describe", "resource": "deployment", "name": "$deployment"}, Describe),
        ({"verb": "describe", "resource": "svc", "name": "x"}, Describe),
        ({"verb": "describe", "resource": "widget", "name": "x"}, Describe),
        ({"verb": "top", "selector": "$selector"}, Top),
        ({"verb": "log-patterns", "selector": "$selector"}, LogPatterns),
        ({"verb": "log-durations", "selector": "$selector"}, LogDurations),
        ({"verb": "rollout-undo", "revision": 3}, Rollback),
        ({"verb": "rollout-restart"}, Restart),
        ({"verb": "rollout-pause"}, Pause),
        ({"verb": "rollout-resume"}, Resume),
        ({"verb": "scale", "replicas": 5}, Scale),
        ({"verb": "set-env", "env": {"A": True}}, SetEnv),
        ({"verb": "set-image", "images": {"payment": "x:1"}}, SetImage),
        ({"verb": "delete-pods", "selector": "$selector"}, DeletePods),
        ({"verb": "exec", "deployment": "$deployment", "command": ["date"]}, Exec),
        ({"verb": "port-forward", "resource": "svc/x", "port": 80}, PortForward),
        ({"verb": "edit-config-map", "name": "settings", "data": {"a": "b"}}, EditConfigMap),
    ],
)
def test_each_verb(action: dict[str, Any], kind: type) -> None:
    """The verb decides the action."""
    assert isinstance(action_of(step(action), Means.at(SERVICE, "a-pod")), kind)


def test_a_mitigating_step_makes_a_mitigating_rollback() -> None:
    """A revision that the runbook names is pinned; its checks and time are the step's."""
    made = action_of(
        step({"verb": "rollout-undo", "revision": 3}, kind="mitigate", verify=["rollout-complete"], timeout="2m"),
        Means.at(SERVICE),
    )
    assert isinstance(made, Rollback)
    assert (made.revision, made.mitigates, made.heading.timeout) == (3, True, 120.0)
    assert made.heading.checks == ("rollout-complete",)


async def test_a_risk_that_the_step_raises_is_asked_for(tmp_path: Path) -> None:
    """Destructive asks for the target's name, whatever the verb."""
    async with stand(tmp_path) as here:
        here.release("1.4.3")
        await eventually(lambda: here.revision() == "2")
        made = action_of(step({"verb": "rollout-undo", "revision": 1}, risk="destructive"), Means.at(SERVICE))
        plan = await here.runner.prepare(made)
        assert (plan.risk, plan.confirm.kind, plan.confirm.name) == ("destructive", "name", NAME)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (step(None, manual="Call the vendor"), "done by hand"),
        (step({"verb": "describe", "resource": "pod", "name": "$pod"}), "select a pod first"),
        (step({"verb": "logs"}), "neither a pod nor a selector"),
    ],
)
def test_what_cannot_run_says_why(made: Step, why: str) -> None:
    """For people, in one line."""
    with pytest.raises(RunbookError, match=why):
        action_of(made, Means.at(SERVICE))
