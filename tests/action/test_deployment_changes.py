"""Restart, pause, resume, scale, set env, set image: previewed, done, verified and undone over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import eventually

from cockpit.action.errors import NotConfirmedError, RefusedError
from cockpit.action.kubernetes.deployments.environment import SetEnv
from cockpit.action.kubernetes.deployments.images import SetImage
from cockpit.action.kubernetes.deployments.pausing import Pause, Resume
from cockpit.action.kubernetes.deployments.restart import RESTARTED, Restart
from cockpit.action.kubernetes.deployments.rollback import Rollback
from cockpit.action.kubernetes.deployments.scale import Scale
from cockpit.action.kubernetes.undo import undo_of
from cockpit.action.model import Action, Confirmation, Plan
from cockpit.incident.kinds import RunIntent, RunVerified
from tests.action.breaking import Proxy
from tests.action.stand import NAME, NAMESPACE, REPOSITORY, Stand, stand

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)


async def done(here: Stand, action: Action, given: Confirmation = YES) -> tuple[Plan, RunVerified]:
    """Prepare, execute and verify; it must succeed."""
    plan = await here.runner.prepare(action)
    assert plan.refusals == ()
    result = await here.runner.execute(plan, given)
    assert (result.outcome, result.exit, result.error) == ("succeeded", 0, "")
    return plan, await here.runner.verify(plan)


async def undone(here: Stand) -> RunVerified:
    """Undo the latest run of the record."""
    latest = [entry for entry in here.notebook.entries if isinstance(entry, RunIntent)][-1]
    action = undo_of(here.notebook.runs()[latest.run])
    assert action is not None
    plan, verified = await done(here, action, Confirmation(yes=True, again=True))
    assert (plan.undo_of, plan.mitigates) == (latest.run, False)
    return verified


def container(here: Stand) -> dict[str, Any]:
    """The deployment's one container."""
    found: dict[str, Any] = here.deployment()["spec"]["template"]["spec"]["containers"][0]
    return found


async def test_restart_makes_new_pods(tmp_path: Path) -> None:
    """The annotation that kubectl sets, stamped with the time that the preview pinned; nothing to undo."""
    async with stand(tmp_path) as here:
        before = {pod["metadata"]["uid"] for pod in here.cluster.list("pods", NAMESPACE)}
        plan, verified = await done(here, Restart(NAME, NAMESPACE))
        assert plan.command.endswith("-n production rollout restart deployment/payment-service")
        assert plan.dry_run == "accepted by the server"
        assert any(RESTARTED in line for line in plan.change)
        assert plan.undo.startswith("nothing to undo")
        assert verified.verdict == "verified"
        ready = [pod for pod in here.cluster.list("pods", NAMESPACE) if "deletionTimestamp" not in pod["metadata"]]
        assert not before & {pod["metadata"]["uid"] for pod in ready}
        assert undo_of(here.notebook.runs()[plan.run]) is None


async def test_a_preview_of_a_change_changes_nothing(tmp_path: Path) -> None:
    """Each is tried as a dry run only."""
    async with stand(tmp_path) as here:
        before = here.deployment()["spec"]
        for action in (
            Restart(NAME, NAMESPACE),
            Pause(NAME, NAMESPACE),
            Scale(NAME, NAMESPACE, 5),
            SetEnv(NAME, NAMESPACE, {"MODE": "slow"}),
            SetImage(NAME, NAMESPACE, {"payment": f"{REPOSITORY}:1.4.0"}),
        ):
            plan = await here.runner.prepare(action)
            assert (plan.dry_run, plan.refusals, plan.risk) == ("accepted by the server", (), "changing")
            assert "resourceVersion" in plan.request
            with pytest.raises(NotConfirmedError):
                await here.runner.execute(plan)
        assert here.deployment()["spec"] == before


async def test_scale_and_back(tmp_path: Path) -> None:
    """The replicas are reached, and the undo brings the captured number back."""
    async with stand(tmp_path) as here:
        plan, verified = await done(here, Scale(NAME, NAMESPACE, 5))
        assert (plan.before, plan.after, plan.change) == ("3 pods, 3 ready", "5 pods", ("replicas: 3 → 5",))
        assert plan.request.startswith("PATCH /apis/apps/v1/namespaces/production/deployments/payment-service/scale ")
        assert (verified.verdict, verified.checks) == ("verified", ("5 pods ready, 5 wanted",))
        assert (await undone(here)).checks == ("3 pods ready, 3 wanted",)
        assert here.deployment()["spec"]["replicas"] == 3


async def test_scale_to_none_is_destructive(tmp_path: Path) -> None:
    """A yes is not enough; the deployment's name is."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(Scale(NAME, NAMESPACE, 0))
        assert (plan.risk, plan.confirm.name) == ("destructive", NAME)
        with pytest.raises(NotConfirmedError):
            await here.runner.execute(plan, YES)
        await here.runner.execute(plan, Confirmation(name=NAME))
        assert (await here.runner.verify(plan)).verdict == "verified"
        assert (await undone(here)).verdict == "verified"


async def test_an_autoscaler_is_announced(tmp_path: Path) -> None:
    """It will scale back, so the preview says so; one of another deployment is none of its business."""
    async with stand(tmp_path) as here:
        for name, target in (("other", "another"), ("payments", NAME)):
            here.cluster.create(
                {
                    "apiVersion": "autoscaling/v2",
                    "kind": "HorizontalPodAutoscaler",
                    "metadata": {"name": name, "namespace": NAMESPACE},
                    "spec": {
                        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
                        "minReplicas": 2,
                        "maxReplicas": 4,
                    },
                }
            )
        plan = await here.runner.prepare(Scale(NAME, NAMESPACE, 5))
        assert any(line.startswith("autoscaler payments (2 to 4 pods) will scale it back") for line in plan.warnings)


async def test_pause_and_resume_undo_each_other(tmp_path: Path) -> None:
    """What is changed meanwhile waits, and rolls out afterwards."""
    async with stand(tmp_path) as here:
        _, verified = await done(here, Pause(NAME, NAMESPACE))
        assert verified.checks == ("paused at rev 1 (1.4.1)",)
        assert "paused already" in (await here.runner.prepare(Pause(NAME, NAMESPACE))).refusals[0]
        assert "paused" in (await here.runner.prepare(Restart(NAME, NAMESPACE))).refusals[0]
        _, verified = await done(here, SetEnv(NAME, NAMESPACE, {"MODE": "slow"}))
        assert verified.checks == ("set; it rolls out when the deployment is resumed",)
        await done(here, Resume(NAME, NAMESPACE))
        assert here.deployment()["status"]["updatedReplicas"] == 3
        assert "not paused" in (await here.runner.prepare(Resume(NAME, NAMESPACE))).refusals[0]
        assert (await undone(here)).verdict == "verified"
        assert here.deployment()["spec"]["paused"] is True


async def test_set_env_and_back(tmp_path: Path) -> None:
    """Set, replaced and removed in one change; the undo restores each, and where it stood."""
    async with stand(tmp_path) as here:
        here.release("1.4.0", MODE="fast", LIMIT="10")
        await eventually(lambda: here.revision() == "2")
        plan, verified = await done(here, SetEnv(NAME, NAMESPACE, {"MODE": "slow", "LIMIT": None, "NEW": "a b; $x"}))
        assert plan.command.endswith("set env deployment/payment-service MODE=slow LIMIT- 'NEW=a b; $x'")
        assert "payment env MODE: fast → slow" in plan.change
        assert "payment env LIMIT: 10 → none" in plan.change
        assert verified.verdict == "verified"
        assert container(here)["env"] == [{"name": "MODE", "value": "slow"}, {"name": "NEW", "value": "a b; $x"}]
        await undone(here)
        assert sorted(container(here)["env"], key=str) == [
            {"name": "LIMIT", "value": "10"},
            {"name": "MODE", "value": "fast"},
        ]


async def test_a_secret_is_put_back_without_having_been_kept(tmp_path: Path) -> None:
    """Neither value stands in plan or record; the earlier template in the cluster still has it."""
    async with stand(tmp_path) as here:
        here.release("1.4.0", DB_PASSWORD="correct-horse")
        await eventually(lambda: here.revision() == "2")
        plan, _ = await done(here, SetEnv(NAME, NAMESPACE, {"DB_PASSWORD": "battery-staple"}))
        assert container(here)["env"][0]["value"] == "battery-staple"
        told = repr(plan) + repr(here.notebook.entries)
        assert "correct-horse" not in told
        assert "battery-staple" not in told
        await undone(here)
        assert container(here)["env"][0]["value"] == "correct-horse"


async def test_set_image_and_back(tmp_path: Path) -> None:
    """The undo names the image that was left."""
    async with stand(tmp_path) as here:
        plan, verified = await done(here, SetImage(NAME, NAMESPACE, {"*": f"{REPOSITORY}:1.4.0"}))
        assert (plan.before, plan.after, plan.undo) == ("rev 1 (1.4.1)", "rev 2 (1.4.0)", "set payment to 1.4.1")
        assert (verified.verdict, here.image) == ("verified", "1.4.0")
        await undone(here)
        assert here.image == "1.4.1"


async def test_a_rollback_is_undone_through_the_same_door(tmp_path: Path) -> None:
    """Whatever was run, one function says what undoes it."""
    async with stand(tmp_path) as here:
        here.release("1.4.0")
        await eventually(lambda: here.revision() == "2")
        await done(here, Rollback(NAME, NAMESPACE))
        await undone(here)
        assert here.image == "1.4.0"


async def test_a_stalled_rollout_fails_with_what_the_pods_wait_for(tmp_path: Path) -> None:
    """The image that crashes is verified to crash."""
    async with stand(tmp_path) as here:
        here.patch({"spec": {"progressDeadlineSeconds": 11}})
        await eventually(
            lambda: here.deployment()["status"]["observedGeneration"] == here.deployment()["metadata"]["generation"]
        )
        plan, verified = await done(here, SetImage(NAME, NAMESPACE, {"payment": f"{REPOSITORY}:1.4.2"}))
        assert verified.verdict == "failed"
        assert verified.checks[0].startswith("rollout stalled")
        assert "CrashLoopBackOff" in verified.checks[1]
        assert undo_of(here.notebook.runs()[plan.run]) is not None


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (Scale("nothing", NAMESPACE, 2), '"nothing" not found'),
        (Scale(NAME, NAMESPACE, 3), "wants 3 pods already"),
        (Scale("..", NAMESPACE, 2), "does not name a resource"),
        (Scale(NAME, NAMESPACE, -1), "the dry run was refused.*422"),
        (SetEnv(NAME, NAMESPACE, {"A": "b"}, "sidecar"), "no container sidecar; it has: payment"),
        (SetEnv(NAME, NAMESPACE, {"ABSENT": None}), "has these values already"),
        (SetImage(NAME, NAMESPACE, {"payment": f"{REPOSITORY}:1.4.1"}), "has this image already"),
        (SetImage(NAME, NAMESPACE, {"payment": ""}), "the dry run was refused.*422"),
        (Restart("nothing", NAMESPACE), '"nothing" not found'),
    ],
)
async def test_what_cannot_be_done_says_why(tmp_path: Path, action: Action, why: str) -> None:
    """404, 422, and what would change nothing, each in the preview."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(action)
        with pytest.raises(RefusedError, match=why):
            await here.runner.execute(plan, Confirmation(yes=True, name=NAME))


async def test_a_viewer_is_told_before_trying(tmp_path: Path) -> None:
    """The access review names what is missing: scaling is a right of its own."""
    async with stand(tmp_path, token="looks") as here:
        for action, what in (
            (Scale(NAME, NAMESPACE, 5), "deployment/payment-service/scale"),
            (Restart(NAME, NAMESPACE), "deployment/payment-service"),
            (SetEnv(NAME, NAMESPACE, {"A": "b"}), "deployment/payment-service"),
        ):
            plan = await here.runner.prepare(action)
            assert plan.refusals[0].startswith(f"you may not patch {what} in production")
            assert plan.after, "what it would do is shown all the same"


async def test_gitops_is_announced(tmp_path: Path) -> None:
    """Argo CD would revert it."""
    async with stand(tmp_path) as here:
        here.patch({"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "payments"}}})
        for action in (Scale(NAME, NAMESPACE, 5), Restart(NAME, NAMESPACE)):
            assert any("Argo CD manages" in line for line in (await here.runner.prepare(action)).warnings)


async def test_what_somebody_else_did_meanwhile_stops_it(tmp_path: Path) -> None:
    """Only what the change is about counts: a scaled deployment may still be restarted."""
    async with stand(tmp_path) as here:
        scale = await here.runner.prepare(Scale(NAME, NAMESPACE, 5))
        restart = await here.runner.prepare(Restart(NAME, NAMESPACE))
        pause = await here.runner.prepare(Pause(NAME, NAMESPACE))
        here.patch({"spec": {"replicas": 4, "paused": True}})
        result = await here.runner.execute(scale, YES)
        assert result.outcome == "failed"
        assert result.error.startswith("deployment payment-service was scaled since the preview: it now wants 4 pods")
        assert "was paused since the preview" in (await here.runner.execute(pause, YES)).error
        here.patch({"spec": {"paused": False}})
        assert (await here.runner.execute(restart, YES)).outcome == "succeeded"
        assert here.deployment()["spec"]["replicas"] == 4


@pytest.mark.parametrize("what", ["lose-answer", "lose-request"])
async def test_a_lost_connection_is_looked_into_and_nothing_is_sent_twice(tmp_path: Path, what: Any) -> None:
    """What the cluster shows is what the record says."""
    proxy = Proxy(what)
    async with stand(tmp_path, before=proxy.before) as here:
        plan = await here.runner.prepare(Scale(NAME, NAMESPACE, 5))
        result = await here.runner.execute(plan, YES)
        taken = what == "lose-answer"
        assert (result.outcome == "succeeded") is taken
        assert here.deployment()["spec"]["replicas"] == (5 if taken else 3)


async def test_a_race_with_another_change_is_run_again_only_when_it_does_not_matter(tmp_path: Path) -> None:
    """A label in between is nothing; another number is."""
    proxy = Proxy()
    async with stand(tmp_path, before=proxy.before) as here:
        labelled = iter([True])

        def touch() -> None:
            if next(labelled, False):
                here.patch({"metadata": {"labels": {"touched": "yes"}}})

        plan = await here.runner.prepare(Scale(NAME, NAMESPACE, 5))
        proxy.overtake = touch
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"
        plan = await here.runner.prepare(Scale(NAME, NAMESPACE, 2))
        proxy.overtake = lambda: here.patch({"spec": {"replicas": 9}})
        assert (await here.runner.execute(plan, YES)).outcome == "failed"
        assert here.deployment()["spec"]["replicas"] == 9
