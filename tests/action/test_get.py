"""Reading a cluster is a run as well: intent and result, what kubectl would print, nothing asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.action.errors import RefusedError
from cockpit.action.kubernetes.deployments.rollout_status import WaitForRollout
from cockpit.action.kubernetes.objects.get import Get
from tests.action.stand import NAME, NAMESPACE, stand

pytestmark = pytest.mark.anyio


async def test_get_prints_what_the_server_prints(tmp_path: Path) -> None:
    """Columns of the server's table, and a record of what was asked."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(Get("deploy", NAMESPACE, NAME))
        assert plan.command == "kubectl --context prod-eu -n production get deploy payment-service"
        assert plan.confirm.kind == "none"
        result = await here.runner.execute(plan)
        header, row = result.output.splitlines()
        assert header.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
        assert row.split()[:2] == [NAME, "3/3"]
        assert (result.outcome, result.exit) == ("succeeded", 0)
        assert here.notebook.kinds == ["run-intent", "run-result"]


async def test_events_are_sorted_as_asked(tmp_path: Path) -> None:
    """--sort-by works on the objects, which the table alone does not hold."""
    async with stand(tmp_path) as here:
        result = await here.runner.execute(
            await here.runner.prepare(Get("events", NAMESPACE, sort_by=".lastTimestamp"))
        )
        lines = result.output.splitlines()
        assert lines[0].split()[:3] == ["LAST", "SEEN", "TYPE"]
        assert len(lines) > 3


async def test_nothing_found_is_said(tmp_path: Path) -> None:
    """No rows is an answer, not an empty screen."""
    async with stand(tmp_path) as here:
        result = await here.runner.execute(await here.runner.prepare(Get("pods", NAMESPACE, selector="app=nobody")))
        assert result.output == "No resources found in production namespace."


async def test_an_unknown_resource_is_refused(tmp_path: Path) -> None:
    """The preview says so; nothing is recorded."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(Get("widgets", NAMESPACE))
        assert "widgets" in plan.refusals[0]
        with pytest.raises(RefusedError, match="widgets"):
            await here.runner.execute(plan)
        assert here.notebook.entries == []


async def test_not_found_is_a_failed_run_with_the_reason(tmp_path: Path) -> None:
    """What the server says stands in the result."""
    async with stand(tmp_path) as here:
        result = await here.runner.execute(await here.runner.prepare(Get("svc", NAMESPACE, "nothing")))
        assert (result.outcome, result.exit) == ("failed", 1)
        assert '"nothing" not found' in result.error


async def test_rollout_status_waits_for_the_end(tmp_path: Path) -> None:
    """It says each stage, and ends with the rollout."""
    async with stand(tmp_path) as here:
        here.release("1.4.3")
        said: list[str] = []
        plan = await here.runner.prepare(WaitForRollout(NAME, NAMESPACE))
        result = await here.runner.execute(plan, on_progress=lambda progress: said.append(progress.text))
        assert result.output.splitlines()[-1] == "complete: 3/3 available"
        assert any("of 3 updated" in text for text in said)
