"""Whatever cuts a change off, the record says what became of it: it happened, it did not, or nobody knows."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import eventually

from cockpit.action.kubernetes.deployments.rollback import Rollback
from cockpit.action.kubernetes.objects.get import Get
from cockpit.action.kubernetes.patience import WAITING
from cockpit.action.live import Live, Progress
from cockpit.action.model import Confirmation, Outcome, Plan, ReadOnly
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import RunIntent, RunResult, RunVerified
from cockpit.incident.state import Run
from cockpit.values import replace
from tests.action.breaking import Proxy
from tests.action.stand import NAME, NAMESPACE, Reading, Stand, stand

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)


@asynccontextmanager
async def ready_to_roll_back(folder: Path, proxy: Proxy) -> AsyncIterator[tuple[Stand, Plan]]:
    """A cluster behind `proxy` with 1.4.2 crashing, and the plan that takes it back."""
    async with stand(folder, before=proxy.before) as here:
        here.release("1.4.2")
        await eventually(lambda: here.revision() == "2")
        plan = await here.runner.prepare(Rollback(NAME, NAMESPACE))
        assert plan.refusals == ()
        yield here, plan


def recorded(here: Stand) -> RunResult:
    """The one result in the record, after its intent."""
    assert here.notebook.kinds == ["run-intent", "run-result"]
    result = here.notebook.entries[1]
    assert isinstance(result, RunResult)
    return result


async def test_a_lost_answer_is_found_out_to_be_a_success(tmp_path: Path) -> None:
    """The connection broke after the cluster had taken the change."""
    async with ready_to_roll_back(tmp_path, Proxy("lose-answer")) as (here, plan):
        result = await here.runner.execute(plan, YES)
        assert (result.outcome, result.exit) == ("succeeded", 0)
        assert "broke off" in result.error
        assert here.image == "1.4.1"


async def test_a_server_that_takes_half_a_minute_for_each_answer_is_waited_for(tmp_path: Path) -> None:
    """And it is said that it is the server who is slow."""
    proxy = Proxy()
    async with ready_to_roll_back(tmp_path, proxy) as (here, plan):
        signs: list[Progress] = []
        running = asyncio.create_task(here.runner.execute(plan, YES, signs.append))
        for _ in range(2):  # it looks, then it patches
            proxy.gate, before = asyncio.Event(), proxy.asked
            await eventually(lambda before=before: proxy.asked > before)  # type: ignore[misc]
            here.clock.skip(30)
            await eventually(lambda: signs and signs[-1].text == WAITING)
            await asyncio.sleep(0.1)
            assert not running.done()
            gate, proxy.gate = proxy.gate, asyncio.Event()
            gate.set()
        proxy.gate.set()
        result = await running
        assert (result.outcome, here.image) == ("succeeded", "1.4.1")


async def test_a_lost_request_is_found_out_to_be_a_failure(tmp_path: Path) -> None:
    """The deployment moved on without it, so the guarded change can no longer be taken."""
    async with ready_to_roll_back(tmp_path, Proxy("lose-request")) as (here, plan):
        here.patch({"spec": {"paused": False}})
        running = asyncio.create_task(here.runner.execute(plan, YES))
        await eventually(lambda: here.notebook.entries)
        await asyncio.sleep(0.2)
        here.patch({"metadata": {"labels": {"touched": "yes"}}})
        result = await running
        assert result.outcome == "failed"
        assert "did not take it" in result.error
        assert here.image == "1.4.2"


async def test_what_cannot_be_found_out_is_unknown(tmp_path: Path) -> None:
    """The network is gone with the answer: the record does not guess."""
    async with ready_to_roll_back(tmp_path, Proxy("lose-answer", then_dead=True)) as (here, plan):
        result = await here.runner.execute(plan, YES)
        assert (result.outcome, result.exit) == ("unknown", None)


async def test_a_race_with_a_status_change_is_run_again(tmp_path: Path) -> None:
    """Somebody touched the deployment between reading and patching, but not what the preview showed."""
    proxy, touched = Proxy(), iter(("once", "twice"))
    async with ready_to_roll_back(tmp_path, proxy) as (here, plan):

        def touch() -> None:
            if value := next(touched, ""):
                here.patch({"metadata": {"labels": {"touched": value}}})

        proxy.overtake = touch
        result = await here.runner.execute(plan, YES)
        assert (result.outcome, result.error) == ("succeeded", "")
        assert (here.image, here.deployment()["metadata"]["labels"]["touched"]) == ("1.4.1", "twice")


async def test_a_race_with_another_release_is_lost(tmp_path: Path) -> None:
    """The server's guard holds at the last moment: nobody else's release is rolled back unseen."""
    proxy = Proxy()
    async with ready_to_roll_back(tmp_path, proxy) as (here, plan):
        proxy.overtake = lambda: here.release("1.4.3")
        result = await here.runner.execute(plan, YES)
        assert (result.outcome, result.exit) == ("failed", 1)
        assert "changed since the preview" in result.error
        assert here.image == "1.4.3"


async def test_a_deployment_that_never_stands_still_is_given_up(tmp_path: Path) -> None:
    """It ends, and says why."""
    proxy = Proxy()
    async with ready_to_roll_back(tmp_path, proxy) as (here, plan):
        counter = iter(range(100))
        proxy.overtake = lambda: here.patch({"metadata": {"labels": {"touched": f"n{next(counter)}"}}})
        result = await here.runner.execute(plan, YES)
        assert result.outcome == "failed"
        assert "changed 6 times" in result.error
        assert here.image == "1.4.2"


async def test_a_server_error_is_a_failure_when_nothing_changed(tmp_path: Path) -> None:
    """It answered, so nothing is on its way any more."""
    async with ready_to_roll_back(tmp_path, Proxy()) as (here, plan):
        access, calls = here.access, here.access.call

        async def trouble_with_the_change(method: str, *args: object, **kwargs: object) -> object:
            here.cluster.trouble.answer = 500 if method == "PATCH" else None
            try:
                return await calls(method, *args, **kwargs)  # type: ignore[arg-type]
            finally:
                here.cluster.trouble.answer = None

        access.call = trouble_with_the_change  # type: ignore[method-assign, assignment]
        result = await here.runner.execute(plan, YES)
        assert (result.outcome, result.exit) == ("failed", 1)
        assert "500" in result.error


async def test_cancelled_while_the_answer_is_awaited(tmp_path: Path) -> None:
    """The change had been taken: the record says so, and then the cancellation goes on."""
    proxy = Proxy("hold")
    async with ready_to_roll_back(tmp_path, proxy) as (here, plan):
        running = asyncio.create_task(here.runner.execute(plan, YES))
        await proxy.taken.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        result = recorded(here)
        assert (result.outcome, result.error) == ("succeeded", "cancelled after the request was sent")
        assert here.image == "1.4.1"
        assert here.runner.changing is None


async def test_a_time_limit_does_not_hide_what_happened(tmp_path: Path) -> None:
    """Nor does an execution that takes too long."""
    async with ready_to_roll_back(tmp_path, Proxy("hold")) as (here, plan):
        result = await here.runner.execute(replace(plan, timeout=0.5), YES)
        assert (result.outcome, result.error) == ("succeeded", "not done within 0.5 s after the request was sent")


async def test_cancelled_before_anything_was_sent(tmp_path: Path) -> None:
    """The intent stands in the record, so its result does too: cancelled."""
    async with ready_to_roll_back(tmp_path, Proxy()) as (here, plan):
        begun = asyncio.Event()

        async def hold() -> None:
            begun.set()
            await asyncio.sleep(0.2)

        here.notebook.on_intent = hold
        running = asyncio.create_task(here.runner.execute(plan, YES))
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert recorded(here).outcome == "cancelled"
        assert here.image == "1.4.2"


CHILD = """
import asyncio, sys
from pathlib import Path
from cockpit.action.kubernetes.deployments.rollback import Rollback
from cockpit.action.model import Confirmation, Situation
from cockpit.action.ports import NoBoard
from cockpit.action.runner import Runner
from cockpit.clock import SystemClock
from cockpit.incident.kinds import Target
from cockpit.kube.access import Access

class Paper:
    async def intent(self, plan):
        print(plan.intent().model_dump_json(), flush=True)
    async def result(self, result):
        print(result.model_dump_json(), flush=True)

async def main():
    access = await Access.open("prod-eu", Path(sys.argv[1]), SystemClock())
    target = Target(cluster="prod", context="prod-eu", namespace="production")
    runner = Runner(access, Paper(), NoBoard(), SystemClock(), lambda: Situation(target))
    plan = await runner.prepare(Rollback("payment-service", "production"))
    await runner.execute(plan, Confirmation(yes=True))

asyncio.run(main())
"""


async def test_killed_while_the_answer_is_awaited_leaves_the_intent(tmp_path: Path) -> None:
    """SIGKILL in the middle: what will be executed stands in the record, though nobody knows how it ended."""
    proxy = Proxy("hold")
    async with ready_to_roll_back(tmp_path, proxy):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(tmp_path / "kubeconfig"), stdout=asyncio.subprocess.PIPE
        )
        await proxy.taken.wait()
        child.kill()
        written, _ = await child.communicate()
        [line] = written.splitlines()
        intent = RunIntent.model_validate_json(line)
        assert intent.command.endswith("--to-revision=1")
        assert Run(intent, Fact(datetime.now(UTC), "@alice", "e")).outcome == "unknown"


async def test_watching_can_be_stopped(tmp_path: Path) -> None:
    """What was seen so far is recorded, as unknown."""
    async with ready_to_roll_back(tmp_path, Proxy()) as (here, plan):
        here.board.shown = [Reading("breach")]
        await here.runner.execute(plan, YES)
        signs: list[Progress] = []
        watching = asyncio.create_task(here.runner.verify(plan, signs.append))
        await eventually(lambda: any("waits for error rate" in sign.text for sign in signs))
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        verified = here.notebook.entries[-1]
        assert isinstance(verified, RunVerified)
        assert verified.verdict == "unknown"
        assert verified.checks[0].startswith("rollout complete")
        assert verified.checks[-1].startswith("stopped watching")


class Broken(ReadOnly):
    """An execution with a defect."""

    async def run(self, live: Live) -> Outcome:
        raise ZeroDivisionError("division by zero")


async def test_a_defect_of_ours_still_leaves_a_result(tmp_path: Path) -> None:
    """An intent without its result would read as outcome unknown, and nothing was sent."""
    async with stand(tmp_path) as here:
        plan = replace(await here.runner.prepare(Get("pods", NAMESPACE)), execution=Broken())
        assert (await here.runner.execute(plan)).outcome == "failed"
        assert recorded(here).error == "internal error: ZeroDivisionError: division by zero"
