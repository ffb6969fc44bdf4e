"""Values of secret parameters: they reach the cluster, and neither plan nor screen nor record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from cockpit.action.catalog import action_of
from cockpit.action.kubernetes.undo import undo_of
from cockpit.action.live import Progress
from cockpit.action.means import Means
from cockpit.action.model import Confirmation
from cockpit.config import ServiceKubernetes
from cockpit.runbook.fill import values
from cockpit.runbook.model import Step
from cockpit.runbook.parameters import Parameter, Values
from cockpit.simulator.cluster import CommandResult
from tests.action.stand import NAME, NAMESPACE, Payments, Stand, stand

pytestmark = pytest.mark.anyio
SERVICE = ServiceKubernetes(cluster="prod", namespace=NAMESPACE, deployment=NAME, selector=f"app={NAME}")
SECRET = "plain words"
PARAMETER = Parameter(name="phrase", secret=True)


def means(value: str = SECRET) -> Means:
    """A service, and one secret value."""
    return Means(SERVICE, Values({**values(SERVICE, None), "phrase": value}, frozenset({"phrase"})), (PARAMETER,))


def step(**action: Any) -> Step:
    """A step of a runbook that runs one action."""
    source = {"file": "book.yaml", "line": 1}
    given = {"id": "a-step", "title": "A step", "kind": "mitigate", "source": source}
    return TypeAdapter(Step).validate_python({**given, "action": {"kind": "kubernetes", **action}})


async def ran(here: Stand, chosen: Step, with_: Means) -> str:
    """Execute it; gives everything that anybody could see."""
    signs: list[Progress] = []
    plan = await here.runner.prepare(action_of(chosen, with_))
    assert plan.refusals == ()
    result = await here.runner.execute(plan, Confirmation(yes=True, name=plan.confirm.name), signs.append)
    assert result.outcome == "succeeded"
    await here.runner.verify(plan, signs.append)
    return repr(plan) + repr(signs) + repr(here.notebook.entries)


async def test_in_the_environment_and_in_a_config_map(tmp_path: Path) -> None:
    """Named so that nothing but the parameter says that it is secret."""
    async with stand(tmp_path) as here:
        told = await ran(here, step(verb="set-env", env={"GREETING": "$phrase"}), means())
        assert SECRET not in told
        container = here.deployment()["spec"]["template"]["spec"]["containers"][0]
        assert container["env"] == [{"name": "GREETING", "value": SECRET}]
        here.cluster.create(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": NAMESPACE}, "data": {}}
        )
        told = await ran(here, step(verb="edit-config-map", name="c", data={"greeting": "$phrase"}), means())
        assert SECRET not in told


async def test_a_prior_state_that_holds_it_is_not_kept(tmp_path: Path) -> None:
    """So the change has no undo, and says so."""
    async with stand(tmp_path) as here:
        here.release("1.4.0", GREETING=SECRET)
        plan = await here.runner.prepare(action_of(step(verb="set-env", env={"GREETING": None}), means()))
        assert plan.undo.startswith("not offered")
        await here.runner.execute(plan, Confirmation(yes=True))
        assert undo_of(here.notebook.runs()[plan.run]) is None
        assert SECRET not in repr(here.notebook.entries)


async def test_in_what_a_pod_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The output of a command, and the log."""

    def greet(self: Payments, pod: Any, container: Any, words: Sequence[str]) -> CommandResult:
        return CommandResult(f"greets with {SECRET}\n")

    monkeypatch.setattr(Payments, "command", greet, raising=False)
    monkeypatch.setattr(Payments, "log", (f"greeted with {SECRET}",))
    async with stand(tmp_path) as here:
        told = await ran(here, step(verb="exec", deployment="$deployment", command=["greet"]), means())
        assert SECRET not in told
        assert "greets with $PHRASE" in told
        told = await ran(here, step(verb="logs", selector="$selector", matching="greeted"), means())
        assert "greeted with $PHRASE" in told
        assert SECRET not in told
