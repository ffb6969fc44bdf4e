"""A command in a container: its output, its exit status, and the truth about one that was cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually

from cockpit.action.errors import NotConfirmedError
from cockpit.action.kubernetes.pods.execution import Exec
from cockpit.action.kubernetes.pods.podlist import as_selector
from cockpit.action.live import Progress
from cockpit.action.masking import Masking
from cockpit.action.model import Confirmation
from cockpit.incident.kinds import RunResult
from cockpit.kube.inside.remote import output_of
from cockpit.simulator.cluster import CommandResult
from tests.action.breaking import Wire
from tests.action.stand import NAME, NAMESPACE, Payments, Stand, stand

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)
calls: list[tuple[str, ...]] = []

ANSWERS = {
    "date": CommandResult("Sat Mar 14 02:00:00 UTC 2026\n"),
    "both": CommandResult("to standard output\n", "to standard error\n", 3),
    "binary": CommandResult("\x00\x01\x1b[31mred\x1b[0m\x9b2J\x07 token=abcdef123456\n"),
    "flood": CommandResult("x" * 99 + "\n", lasts=0.0),
    "slow": CommandResult("begun\n", lasts=10_000.0),
}


def answer(self: Payments, pod: Any, container: Any, words: Sequence[str]) -> CommandResult | None:
    """What the image's programs do."""
    calls.append(tuple(words))
    found = ANSWERS.get(words[0])
    return found._replace(out=found.out * 60_000) if found and words[0] == "flood" else found


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.clear()
    monkeypatch.setattr(Payments, "command", answer, raising=False)


async def ran(here: Stand, *command: str, **how: Any) -> RunResult:
    """A command of the deployment's pods, read-only unless told."""
    how = {"risk": "read-only", "deployment": NAME, **how}
    plan = await here.runner.prepare(Exec(NAMESPACE, command, **how))
    assert plan.refusals == ()
    return await here.runner.execute(plan, YES)


async def test_its_output_and_exit_status(tmp_path: Path) -> None:
    """Both outputs are captured; the exit status is the command's own."""
    async with stand(tmp_path) as here:
        result = await ran(here, "date")
        assert (result.outcome, result.exit, result.output) == ("succeeded", 0, "Sat Mar 14 02:00:00 UTC 2026")
        result = await ran(here, "both")
        assert (result.outcome, result.exit) == ("failed", 3)
        assert result.output.splitlines() == ["to standard output", "to standard error"]
        result = await ran(here, "absent")
        assert (result.outcome, result.exit) == ("failed", 127)
        assert "executable file not found" in result.error


async def test_the_words_arrive_as_they_are(tmp_path: Path) -> None:
    """No shell reads them: what looks like one's syntax is a word."""
    words = ("date", "a b", "$(reboot)", "; rm -rf /", "'\"", "ü", "&x=1", "")
    async with stand(tmp_path) as here:
        await ran(here, *words)
        assert calls == [words]


async def test_the_plan_pins_pod_and_container(tmp_path: Path) -> None:
    """By name, by selector, of the deployment; what it can do comes from the command."""
    async with stand(tmp_path) as here:
        first = min(pod["metadata"]["name"] for pod in here.cluster.list("pods", NAMESPACE))
        for how in ({"pod": first}, {"selector": f"app={NAME}"}, {"deployment": NAME}):
            plan = await here.runner.prepare(Exec(NAMESPACE, ("date", "-u"), risk="changing", **how))  # type: ignore[arg-type]
            assert plan.command == f"kubectl --context prod-eu -n production exec {first} -c payment -- date -u"
            assert (plan.object, plan.risk, plan.confirm.kind) == (f"pod/{first}", "changing", "yes")
            with pytest.raises(NotConfirmedError):
                await here.runner.execute(plan)
        plan = await here.runner.prepare(Exec(NAMESPACE, ("rm", "x"), deployment=NAME, risk="destructive"))
        assert (plan.confirm.kind, plan.confirm.name) == ("name", first)
        assert calls == []


async def test_binary_output_is_cleaned(tmp_path: Path) -> None:
    """Nothing reaches the terminal that it would act on, and no secret the record."""
    async with stand(tmp_path) as here:
        result = await ran(here, "binary")
        assert "red" in result.output
        assert "abcdef123456" not in result.output
        assert not any(ord(character) < 32 for character in result.output)


async def test_a_flood_is_bounded(tmp_path: Path) -> None:
    """The record keeps the beginning and the end of 6 MB, and says what is left out."""
    async with stand(tmp_path) as here:
        result = await ran(here, "flood")
        assert result.outcome == "succeeded"
        assert "bytes left out" in result.output
        assert len(result.output) < 70_000


async def test_secret_values_stay_out_of_plan_and_record(tmp_path: Path) -> None:
    """The command gets them all the same."""
    async with stand(tmp_path) as here:
        command = ("date", "plain-looking-value")
        await ran(here, *command, masking=Masking({"api-key": "plain-looking-value"}))
        assert calls == [command]
        assert "plain-looking-value" not in repr(here.notebook.entries)


async def test_stopped_by_hand_and_by_the_time_limit(tmp_path: Path) -> None:
    """What a changing command did is not known then; one that only reads was just stopped."""
    async with stand(tmp_path) as here:
        for risk, outcome in (("changing", "unknown"), ("read-only", "cancelled")):
            plan = await here.runner.prepare(Exec(NAMESPACE, ("slow",), deployment=NAME, risk=risk))  # type: ignore[arg-type]
            signs: list[Progress] = []
            running = asyncio.create_task(here.runner.execute(plan, YES, signs.append))
            await eventually(lambda signs=signs: any("begun" in sign.lines for sign in signs))  # type: ignore[misc]
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            result = here.notebook.entries[-1]
            assert isinstance(result, RunResult)
            assert (result.outcome, result.output) == (outcome, "begun")
        plan = await here.runner.prepare(Exec(NAMESPACE, ("slow",), deployment=NAME, risk="read-only"))
        running = asyncio.create_task(here.runner.execute(plan))
        await eventually(lambda: len(calls) == 3)
        here.clock.skip(plan.timeout)
        assert (await running).error == "not done within 70 s"


@pytest.mark.parametrize(("risk", "outcome"), [("changing", "unknown"), ("read-only", "failed")])
async def test_a_connection_that_breaks_in_the_middle(tmp_path: Path, risk: Any, outcome: str) -> None:
    """Its end was not told; it is not run again."""
    wire = Wire()
    async with stand(tmp_path, before=wire.before) as here:
        plan = await here.runner.prepare(Exec(NAMESPACE, ("slow",), deployment=NAME, risk=risk))
        running = asyncio.create_task(here.runner.execute(plan, YES))
        await eventually(lambda: calls)
        wire.cut()
        result = await running
        assert result.outcome == outcome
        assert "before the command's end was told" in result.error or "broke off" in result.error
        assert len(calls) == 1


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"pod": "nothing"}, '"nothing" not found'),
        ({"selector": "app=nothing"}, "no pod in production matches app=nothing"),
        ({"deployment": "nothing"}, '"nothing" not found'),
        ({"deployment": NAME, "container": "sidecar"}, "has no container sidecar; it has: payment"),
        ({}, "neither a pod nor a selector nor a deployment"),
        ({"pod": ".."}, "does not name a resource"),
    ],
)
async def test_where_it_cannot_run(tmp_path: Path, how: dict[str, str], why: str) -> None:
    """The reason stands in the preview."""
    async with stand(tmp_path) as here:
        assert why in (await here.runner.prepare(Exec(NAMESPACE, ("date",), **how))).refusals[0]  # type: ignore[arg-type]


async def test_a_viewer_may_not(tmp_path: Path) -> None:
    """Even a command that only reads is a right of its own; refused at the door, it never ran."""
    async with stand(tmp_path, token="looks") as here:
        plan = await here.runner.prepare(Exec(NAMESPACE, ("date",), deployment=NAME, risk="read-only"))
        assert plan.refusals[0].startswith(f"you may not create {plan.object}/exec in production")


async def test_a_refusal_at_the_door_is_a_failure(tmp_path: Path) -> None:
    """The pod went between preview and execution: the command never ran, and that is known."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(Exec(NAMESPACE, ("date",), deployment=NAME))
        here.cluster.delete("pods", NAMESPACE, plan.object.removeprefix("pod/"))
        await eventually(lambda: here.cluster.get("pods", NAMESPACE, plan.object.removeprefix("pod/")) is None)
        result = await here.runner.execute(plan, YES)
        assert (result.outcome, calls) == ("failed", [])
        assert "404" in result.error


async def test_a_short_command_for_others(tmp_path: Path) -> None:
    """Exit status and output in one."""
    async with stand(tmp_path) as here:
        pod = here.cluster.list("pods", NAMESPACE)[0]["metadata"]["name"]
        assert await output_of(here.access, NAMESPACE, pod, "payment", ["both"]) == (
            3,
            "to standard output\nto standard error\n",
        )


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({}, ""),
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        (
            {
                "matchLabels": {"a": "1"},
                "matchExpressions": [
                    {"key": "t", "operator": "In", "values": ["x", "y"]},
                    {"key": "u", "operator": "NotIn", "values": ["z"]},
                    {"key": "v", "operator": "Exists"},
                    {"key": "w", "operator": "DoesNotExist"},
                ],
            },
            "a=1,t in (x,y),u notin (z),v,!w",
        ),
    ],
)
async def test_a_selector_as_text(selector: dict[str, Any], text: str) -> None:
    """Every part of it counts: without one, more pods would be meant."""
    assert as_selector(selector) == text
