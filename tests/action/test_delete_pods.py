"""Deleting pods: which ones is shown and confirmed by name, just those go, and of each it is said what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually

from cockpit.action.errors import NotConfirmedError
from cockpit.action.kubernetes.pods.deletion import DeletePods
from cockpit.action.kubernetes.undo import undo_of
from cockpit.action.model import Confirmation
from cockpit.simulator.cluster import READING, Rule, User
from tests.action.breaking import Proxy
from tests.action.stand import NAME, NAMESPACE, TOKENS, Stand, stand

pytestmark = pytest.mark.anyio
ALL = DeletePods(NAMESPACE, selector=f"app={NAME}")
BY_NAME = Confirmation(name=NAME)


def pods(here: Stand) -> dict[str, str]:
    """The uids of the pods that are not being deleted, by name."""
    found = [pod["metadata"] for pod in here.cluster.list("pods", NAMESPACE)]
    return {meta["name"]: meta["uid"] for meta in found if "deletionTimestamp" not in meta}


async def test_by_selector_from_preview_to_verdict(tmp_path: Path) -> None:
    """The plan lists which pods go; the deployment's name confirms; others are ready in their place afterwards."""
    async with stand(tmp_path) as here:
        before = pods(here)
        plan = await here.runner.prepare(ALL)
        assert (plan.risk, plan.refusals, plan.dry_run) == ("destructive", (), "accepted by the server")
        assert plan.confirm.name == NAME
        assert sorted(line.split(":")[0] for line in plan.change) == sorted(f"pod/{name}" for name in before)
        assert (plan.before, plan.prior) == ("3 pods, 3 ready", None)
        assert all(name in plan.command for name in before)
        assert any("these are all the pods" in line for line in plan.warnings)
        with pytest.raises(NotConfirmedError):
            await here.runner.execute(plan, Confirmation(yes=True))
        assert pods(here) == before, "a preview deletes nothing"

        result = await here.runner.execute(plan, BY_NAME)
        assert (result.outcome, result.exit) == ("succeeded", 0)
        assert result.output.count("deleted") == 3
        verified = await here.runner.verify(plan)
        assert (verified.verdict, verified.checks) == ("verified", ("3 deleted, others are ready in their place",))
        assert len(pods(here)) == 3
        assert not set(before.values()) & set(pods(here).values())
        assert undo_of(here.notebook.runs()[plan.run]) is None


async def test_one_by_name(tmp_path: Path) -> None:
    """The pod's own name confirms; the others stay."""
    async with stand(tmp_path) as here:
        before = pods(here)
        name = min(before)
        plan = await here.runner.prepare(DeletePods(NAMESPACE, pod=name))
        assert (plan.object, plan.confirm.name) == (f"pod/{name}", name)
        await here.runner.execute(plan, Confirmation(name=name))
        assert (await here.runner.verify(plan)).verdict == "verified"
        assert set(before) - set(pods(here)) == {name}


async def test_what_the_preview_did_not_show_stays(tmp_path: Path) -> None:
    """A pod that came later is not deleted, and one that went already is no failure."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(ALL)
        gone = min(pods(here))
        here.cluster.delete("pods", NAMESPACE, gone)
        await eventually(lambda: gone not in pods(here) and len(pods(here)) == 3)
        later = set(pods(here))
        result = await here.runner.execute(plan, BY_NAME)
        assert result.outcome == "succeeded"
        assert len(later & set(pods(here))) == 1


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (DeletePods(NAMESPACE, selector="app=nothing"), "no pod in production matches app=nothing"),
        (DeletePods(NAMESPACE), "there is no selector, which would mean every pod of the namespace"),
        (DeletePods(NAMESPACE, selector=" "), "there is no selector"),
        (DeletePods(NAMESPACE, pod="nothing"), '"nothing" not found'),
        (DeletePods(NAMESPACE, pod=".."), "does not name a resource"),
        (DeletePods(NAMESPACE, selector="app in ("), "400"),
    ],
)
async def test_what_cannot_be_deleted_says_why(tmp_path: Path, action: DeletePods, why: str) -> None:
    """In the preview, before anything is asked."""
    async with stand(tmp_path) as here:
        assert why in (await here.runner.prepare(action)).refusals[0]


async def test_a_viewer_is_told_which_before_trying(tmp_path: Path) -> None:
    """The access review refuses each; the list is shown all the same."""
    async with stand(tmp_path, token="looks") as here:
        plan = await here.runner.prepare(ALL)
        assert len(plan.refusals) == 3
        assert plan.refusals[0].startswith("you may not delete pod/payment-service-")
        assert len(plan.change) == 3


async def test_forbidden_half_way_says_which_went_and_which_did_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right to delete was taken away for one pod after the preview; the others go."""
    rights = [READING, Rule(("delete",), ("",), ("pods",))]
    monkeypatch.setitem(TOKENS, "some", User("bob", rules=rights))
    async with stand(tmp_path, token="some") as here:
        first, second, third = sorted(pods(here))
        plan = await here.runner.prepare(ALL)
        assert plan.refusals == ()
        rights[1] = Rule(("delete",), ("",), ("pods",), names=(first, third))
        result = await here.runner.execute(plan, BY_NAME)
        assert (result.outcome, result.exit) == ("failed", 1)
        assert result.error.startswith(f"2 of 3 deleted; {second} refused: prod-eu answered 403")
        assert f'pod "{first}" deleted' in result.output
        assert f'pod "{second}" refused' in result.output
        assert second in pods(here)
        assert not {first, third} & set(pods(here))


async def test_a_lost_answer_is_looked_into(tmp_path: Path) -> None:
    """It was deleted, so it is said to be; nothing is sent a second time."""
    proxy = Proxy("lose-answer")
    async with stand(tmp_path, before=proxy.before) as here:
        plan = await here.runner.prepare(DeletePods(NAMESPACE, pod=min(pods(here))))
        result = await here.runner.execute(plan, Confirmation(name=plan.confirm.name))
        assert result.outcome == "succeeded"


async def test_a_lost_request_leaves_the_outcome_unknown_and_ends_it(tmp_path: Path) -> None:
    """Nobody knows whether it still arrives; the rest is not tried."""
    proxy = Proxy("lose-request")
    async with stand(tmp_path, before=proxy.before) as here:
        before = pods(here)
        plan = await here.runner.prepare(ALL)
        result = await here.runner.execute(plan, BY_NAME)
        assert (result.outcome, result.exit) == ("unknown", None)
        assert result.error.startswith(f"0 of 3 deleted; {min(before)} unknown")
        assert result.error.count("not tried") == 2
        assert pods(here) == before


async def test_pods_that_nothing_starts_again_are_announced(tmp_path: Path) -> None:
    """A pod without an owner is gone for good."""
    async with stand(tmp_path) as here:
        spec = {"containers": [{"name": "alone", "image": "registry.example/payment-service:1.4.1"}]}
        meta = {"name": "alone", "namespace": NAMESPACE}
        here.cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
        plan = await here.runner.prepare(DeletePods(NAMESPACE, pod="alone"))
        assert plan.warnings[-1] == "pod/alone has no owner: nothing starts another"
        await here.runner.execute(plan, Confirmation(name="alone"))
        assert (await here.runner.verify(plan)).verdict == "verified"


async def test_another_pod_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    """As a stateful set makes them: the one that was previewed is gone, and its successor was not meant."""
    async with stand(tmp_path) as here:
        spec = {"containers": [{"name": "alone", "image": "registry.example/payment-service:1.4.1"}]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "db-0", "namespace": NAMESPACE}, "spec": spec}
        here.cluster.create(pod)
        plan = await here.runner.prepare(DeletePods(NAMESPACE, pod="db-0"))
        here.cluster.delete("pods", NAMESPACE, "db-0")
        await eventually(lambda: here.cluster.get("pods", NAMESPACE, "db-0") is None)
        here.cluster.create(pod)
        result = await here.runner.execute(plan, Confirmation(name="db-0"))
        assert result.outcome == "failed"
        assert "409" in result.error
        assert "db-0" in pods(here)
