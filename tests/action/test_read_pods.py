"""Logs and descriptions of pods: bounded, cleaned, redacted, and what cannot be read says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually

from cockpit.action.kubernetes.deployments.history import History
from cockpit.action.kubernetes.logs.logs import Logs
from cockpit.action.kubernetes.objects.describe import DescribeDeployment, DescribePod
from cockpit.action.live import Progress
from tests.action.stand import NAME, NAMESPACE, Stand, stand

pytestmark = pytest.mark.anyio
HOSTILE = "\x1b]0;owned\x07\x1b[2J[/red] DB_PASSWORD=hunter2 \u202egnp.exe Bearer abcdef0123456789"


async def crashing_pod(here: Stand) -> str:
    """Deploy 1.4.2, and give the name of one of its pods that has restarted."""
    here.release("1.4.2")

    def restarted() -> str:
        for pod in here.cluster.list("pods", NAMESPACE, f"app={NAME}"):
            statuses = pod.get("status", {}).get("containerStatuses", [])
            if statuses and statuses[0]["restartCount"] > 0:
                return str(pod["metadata"]["name"])
        return ""

    return str(await eventually(restarted))


async def test_the_log_before_the_restart(tmp_path: Path) -> None:
    """Hostile text reaches neither screen nor record as it is; the command is kubectl's."""
    async with stand(tmp_path) as here:
        here.payments.log = ("starting 1.4.2", HOSTILE, "-----BEGIN RSA PRIVATE KEY-----", "c2VjcmV0", "panic: nil map")
        pod = await crashing_pod(here)
        plan = await here.runner.prepare(Logs(pod, NAMESPACE, previous=True))
        assert plan.command == f"kubectl --context prod-eu -n production logs {pod} --tail=100 --previous"
        shown: list[Progress] = []
        result = await here.runner.execute(plan, on_progress=shown.append)
        assert result.outcome == "succeeded"
        assert result.output.startswith("starting 1.4.2\n[/red] DB_PASSWORD=")
        told = result.output + repr(shown)
        for secret in ("hunter2", "abcdef0123456789", "c2VjcmV0", "\x1b", "\u202e", "owned"):
            assert secret not in told
        assert any("starting 1.4.2" in line for sign in shown for line in sign.lines)


async def test_a_pod_that_is_gone(tmp_path: Path) -> None:
    """A failed run, with what to do."""
    async with stand(tmp_path) as here:
        result = await here.runner.execute(await here.runner.prepare(Logs("payment-service-gone", NAMESPACE)))
        assert (result.outcome, result.exit) == ("failed", 1)
        assert "choose another" in result.error


async def test_logs_of_all_pods_say_whose_line_it_is(tmp_path: Path) -> None:
    """As `kubectl logs -l` with --prefix; of one that cannot be read the reason stands there."""
    async with stand(tmp_path) as here:
        result = await here.runner.execute(
            await here.runner.prepare(Logs("", NAMESPACE, lines=5, selector=f"app={NAME}"))
        )
        names = [pod["metadata"]["name"] for pod in here.cluster.list("pods", NAMESPACE)]
        assert result.outcome == "succeeded"
        for name in names:
            assert f"[pod/{name}] payment-service starting" in result.output


async def test_logs_of_nobody(tmp_path: Path) -> None:
    """No pod is an answer."""
    async with stand(tmp_path) as here:
        result = await here.runner.execute(await here.runner.prepare(Logs("", NAMESPACE, selector="app=nobody")))
        assert result.output == "No resources found in production namespace."


async def test_describing_a_pod_and_a_deployment(tmp_path: Path) -> None:
    """Why it does not stay up, and which revisions there are."""
    async with stand(tmp_path) as here:
        pod = await crashing_pod(here)
        result = await here.runner.execute(await here.runner.prepare(DescribePod(pod, NAMESPACE)))
        assert result.output.startswith(pod)
        assert "exit code 1" in result.output
        result = await here.runner.execute(await here.runner.prepare(DescribeDeployment(NAME, NAMESPACE)))
        assert "rev 2 (1.4.2)" in result.output
        assert "ScalingReplicaSet" in result.output


async def test_the_history_marks_what_runs(tmp_path: Path) -> None:
    """Newest first, with release and change-cause."""
    async with stand(tmp_path) as here:
        await crashing_pod(here)
        result = await here.runner.execute(await here.runner.prepare(History(NAME, NAMESPACE)))
        header, newest, oldest = (line.split() for line in result.output.splitlines())
        assert header == ["REVISION", "RELEASE", "AGE", "READY", "CHANGE-CAUSE"]
        assert newest[:3] == ["2", "(current)", "1.4.2"]
        assert oldest[:2] == ["1", "1.4.1"]
        assert oldest[-2:] == ["release", "1.4.1"]
