"""A rollback from preview to verdict, over HTTP against a cluster in which release 1.4.2 crashes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from conftest import eventually

from cockpit.action.errors import BusyError, NotConfirmedError, RefusedError
from cockpit.action.kubernetes.deployments.rollback import Rollback
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Progress
from cockpit.action.model import Confirmation
from cockpit.incident.kinds import RunIntent, RunVerified
from cockpit.values import replace
from tests.action.stand import NAME, NAMESPACE, Reading, Stand, stand

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)
ROLLBACK = Rollback(NAME, NAMESPACE)


async def broken(here: Stand, **env: str) -> None:
    """Deploy the release that crashes, and wait until the deployment controller has seen it."""
    before = here.revision()
    here.release("1.4.2", **env)
    await eventually(lambda: here.revision() != before)


async def test_from_preview_to_verdict(tmp_path: Path) -> None:
    """The preview shows what will change, the record holds intent, result and verdict, and the pods recover."""
    async with stand(tmp_path) as here:
        await broken(here, MODE="fast")
        here.board.shown = [Reading("breach"), Reading("ok", id="memory", title="memory", value=61.0, bound="> 80")]
        plan = await here.runner.prepare(ROLLBACK)
        assert plan.refusals == ()
        assert (plan.before, plan.after) == ("rev 2 (1.4.2)", "rev 1 (1.4.1)")
        assert plan.dry_run == "accepted by the server"
        assert any(
            line.endswith("payment-service:1.4.2 → registry.example/payment-service:1.4.1") for line in plan.change
        )
        assert any("MODE" in line and "fast" in line for line in plan.change)
        assert plan.command.endswith("rollout undo deployment/payment-service --to-revision=1")
        assert "context prod-eu is marked production" in plan.warnings
        assert here.image == "1.4.2", "a preview changes nothing"

        result = await here.runner.execute(plan, YES)
        assert (result.outcome, result.exit, result.error) == ("succeeded", 0, "")
        assert "rolled back" in result.output
        assert here.image == "1.4.1"

        progress: list[Progress] = []
        verifying = asyncio.create_task(here.runner.verify(plan, progress.append))
        await eventually(lambda: any("waits for error rate" in sign.text for sign in progress))
        here.board.shown[0] = Reading("ok", value=0.1)
        verified = await verifying
        assert verified.verdict == "verified"
        assert verified.checks[0].startswith("rollout complete")
        assert verified.checks[1] == "error rate: back to ok, 0.1 % (alarms over 5 %)"
        assert len(verified.checks) == 2, "a threshold that was ok before is not waited for"
        assert here.notebook.kinds == ["run-intent", "run-result", "run-verified"]


async def test_the_intent_says_exactly_what_is_executed(tmp_path: Path) -> None:
    """Request, place, from and to stand in the record before anything happens."""
    async with stand(tmp_path) as here:
        await broken(here)
        seen: list[str] = []

        async def look() -> None:
            seen.append(here.image)

        here.notebook.on_intent = look
        plan = await here.runner.prepare(ROLLBACK)
        await here.runner.execute(plan, YES)
        intent = here.notebook.entries[0]
        assert isinstance(intent, RunIntent)
        assert seen == ["1.4.2"], "the intent was durable before the change"
        assert intent.request.startswith("PATCH /apis/apps/v1/namespaces/production/deployments/payment-service")
        assert (intent.context, intent.namespace) == ("prod-eu", NAMESPACE)
        assert intent.server == here.access.server
        assert intent.prior is not None
        assert intent.prior["revision"] == "2"


async def test_secrets_in_the_template_stay_out_of_preview_and_record(tmp_path: Path) -> None:
    """What is executed is not altered: the cluster gets the true value."""
    async with stand(tmp_path) as here:
        here.release("1.4.0", DB_PASSWORD="correct-horse")
        await eventually(lambda: here.revision() == "2")
        await broken(here, DB_PASSWORD="battery-staple")
        plan = await here.runner.prepare(ROLLBACK)
        await here.runner.execute(plan, YES)
        told = repr(plan) + repr(here.notebook.entries)
        assert "correct-horse" not in told
        assert "battery-staple" not in told
        container = here.deployment()["spec"]["template"]["spec"]["containers"][0]
        assert container["env"] == [{"name": "DB_PASSWORD", "value": "correct-horse"}]


async def test_not_confirmed_is_not_executed(tmp_path: Path) -> None:
    """Without a yes nothing is recorded and nothing changes."""
    async with stand(tmp_path) as here:
        await broken(here)
        plan = await here.runner.prepare(ROLLBACK)
        with pytest.raises(NotConfirmedError):
            await here.runner.execute(plan)
        assert here.notebook.entries == []
        assert here.image == "1.4.2"


async def test_without_the_record_nothing_is_executed(tmp_path: Path) -> None:
    """A journal that cannot be written stops the change; once it can, the same plan runs."""
    async with stand(tmp_path) as here:
        await broken(here)
        plan = await here.runner.prepare(ROLLBACK)
        here.notebook.full = True
        with pytest.raises(OSError, match="no space"):
            await here.runner.execute(plan, YES)
        assert here.image == "1.4.2"
        here.notebook.full = False
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"


async def test_a_viewer_is_told_before_trying(tmp_path: Path) -> None:
    """The access review refuses the plan; the difference is shown all the same."""
    async with stand(tmp_path, token="looks") as here:
        await broken(here)
        plan = await here.runner.prepare(ROLLBACK)
        assert plan.refusals[0].startswith("you may not patch deployment/payment-service in production")
        assert any("1.4.1" in line for line in plan.change)
        with pytest.raises(RefusedError, match="may not patch"):
            await here.runner.execute(plan, YES)


async def test_a_paused_deployment_is_refused(tmp_path: Path) -> None:
    """A rollback of a paused deployment would do nothing."""
    async with stand(tmp_path) as here:
        await broken(here)
        here.patch({"spec": {"paused": True}})
        assert "paused" in (await here.runner.prepare(ROLLBACK)).refusals[0]


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (ROLLBACK, "has no earlier revision"),
        (Rollback(NAME, NAMESPACE, revision=7), "revision 7 of deployment/payment-service is no longer kept"),
        (Rollback(NAME, NAMESPACE, revision=1), "runs rev 1 .1.4.1. already"),
        (Rollback("nothing", NAMESPACE), '"nothing" not found'),
        (Rollback("..", NAMESPACE), "does not name a resource"),
    ],
)
async def test_what_cannot_be_rolled_back_says_why(tmp_path: Path, action: Rollback, why: str) -> None:
    """Each reason stands in the preview."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(action)
        with pytest.raises(RefusedError, match=why):
            await here.runner.execute(plan, YES)


async def test_an_unreachable_cluster_is_a_refusal(tmp_path: Path) -> None:
    """No traceback, no half-made plan: the reason and what to do."""
    async with stand(tmp_path) as here:
        here.cluster.trouble.answer = 503
        plan = await here.runner.prepare(ROLLBACK)
        assert "503" in plan.refusals[0]


async def test_status_changes_do_not_stop_it(tmp_path: Path) -> None:
    """Crashing pods move the resourceVersion on all the time; the template is what counts."""
    async with stand(tmp_path) as here:
        await broken(here)
        plan = await here.runner.prepare(ROLLBACK)
        here.patch({"metadata": {"labels": {"touched": "yes"}}})
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"
        assert here.deployment()["metadata"]["labels"]["touched"] == "yes"


async def test_another_release_in_between_stops_it(tmp_path: Path) -> None:
    """What changes is no longer what the preview showed."""
    async with stand(tmp_path) as here:
        await broken(here)
        plan = await here.runner.prepare(ROLLBACK)
        here.release("1.4.3")
        await eventually(lambda: here.revision() == "3")
        result = await here.runner.execute(plan, YES)
        assert result.outcome == "failed"
        assert "it is now at rev 3 (1.4.3)" in result.error
        assert here.image == "1.4.3"


async def test_gitops_is_said(tmp_path: Path) -> None:
    """Argo CD would revert it."""
    async with stand(tmp_path) as here:
        await broken(here)
        here.patch({"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "payments"}}})
        assert any("Argo CD" in warning for warning in (await here.runner.prepare(ROLLBACK)).warnings)


async def test_a_drill_changes_nothing_outside_a_drill_cluster(tmp_path: Path) -> None:
    """Nor does a cockpit that was started read-only, or one that is connected elsewhere."""
    async with stand(tmp_path) as here:
        await broken(here)
        usual = here.situation
        for situation, why in (
            (replace(usual, drill=True), "drill"),
            (replace(usual, read_only=True), "read-only"),
            (replace(usual, target=usual.target.model_copy(update={"context": "staging"})), "pinned to staging"),
        ):
            here.situation = situation
            assert why in (await here.runner.prepare(ROLLBACK)).refusals[0]
        here.situation = replace(usual, drill=True, drill_cluster=True)
        assert (await here.runner.prepare(ROLLBACK)).refusals == ()


async def test_a_plan_runs_once_and_changes_run_one_at_a_time(tmp_path: Path) -> None:
    """A second press of the key does nothing a second time."""
    async with stand(tmp_path) as here:
        await broken(here)
        first, second = await here.runner.prepare(ROLLBACK), await here.runner.prepare(ROLLBACK)
        begun, go = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            begun.set()
            await go.wait()

        here.notebook.on_intent = hold
        running = asyncio.create_task(here.runner.execute(first, YES))
        await begun.wait()
        with pytest.raises(BusyError, match="Roll back is being executed"):
            await here.runner.execute(second, YES)
        go.set()
        await running
        with pytest.raises(RefusedError, match="executed already"):
            await here.runner.execute(first, YES)


async def test_a_rollout_that_stalls_fails_the_verification(tmp_path: Path) -> None:
    """Going forward to the crashing release is seen not to work."""
    async with stand(tmp_path) as here:
        here.patch({"spec": {"progressDeadlineSeconds": 11}})
        await broken(here)
        here.release("1.4.3")
        await eventually(lambda: here.revision() == "3")
        plan = await here.runner.prepare(Rollback(NAME, NAMESPACE, revision=2))
        await here.runner.execute(plan, YES)
        verified = await here.runner.verify(plan)
        assert verified.verdict == "failed"
        assert verified.checks[0].startswith("rollout stalled")


async def verified_too_late(here: Stand, shown: Reading) -> RunVerified:
    """The verdict on a rollback after which the error rate still reads as `shown` when the time is over."""
    await broken(here)
    here.board.shown = [Reading("breach")]
    plan = await here.runner.prepare(ROLLBACK)
    await here.runner.execute(plan, YES)
    here.board.shown = [shown]
    signs: list[Progress] = []
    verifying = asyncio.create_task(here.runner.verify(plan, signs.append))
    await eventually(lambda: any("waits for error rate" in sign.text for sign in signs))
    here.clock.skip(plan.verify_timeout)
    return await verifying


async def test_a_threshold_that_stays_in_breach_fails_the_verification(tmp_path: Path) -> None:
    """The right change that does not help is not called a success; it says what is still wrong."""
    async with stand(tmp_path) as here:
        verified = await verified_too_late(here, Reading("breach"))
        assert verified.verdict == "failed"
        assert verified.checks[1] == "error rate: still in breach, 12.4 % (alarms over 5 %)"


async def test_what_only_contains_is_verified_and_says_what_it_does_not_bring_back(tmp_path: Path) -> None:
    """A step whose runbook verifies the change alone does not wait for signals until its time is over."""
    async with stand(tmp_path) as here:
        await broken(here)
        here.board.shown = [Reading("breach")]
        alone = Heading("Hold it off", checks=("rollout-complete",))
        plan = await here.runner.prepare(Rollback(NAME, NAMESPACE, heading=alone))
        await here.runner.execute(plan, YES)
        verified = await here.runner.verify(plan)
        assert verified.verdict == "verified"
        assert verified.checks[-1].startswith(
            "not waited for, this step alone does not bring it back: error rate (12.4 %"
        )


async def test_unknown_thresholds_leave_the_verdict_unknown(tmp_path: Path) -> None:
    """A missing reading is never ok."""
    async with stand(tmp_path) as here:
        reading = Reading("unknown", value=None, reason="Prometheus cannot be reached")
        verified = await verified_too_late(here, reading)
        assert verified.verdict == "unknown"
        assert verified.checks[1] == "error rate: unknown, Prometheus cannot be reached"


async def test_a_cluster_out_of_reach_leaves_the_verdict_unknown(tmp_path: Path) -> None:
    """Nor is a rollout that nobody could look at called failed."""
    async with stand(tmp_path) as here:
        await broken(here)
        plan = await here.runner.prepare(ROLLBACK)
        await here.runner.execute(plan, YES)
        here.cluster.trouble.answer = 503
        signs: list[Progress] = []
        verifying = asyncio.create_task(here.runner.verify(plan, signs.append))
        await eventually(lambda: any("503" in sign.text for sign in signs))
        here.clock.skip(plan.verify_timeout)
        verified = await verifying
        assert verified.verdict == "unknown"
        assert "503" in verified.checks[0]
