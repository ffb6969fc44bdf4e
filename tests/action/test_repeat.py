"""A second rollback, and the undo of a rollback: what the record knows decides what is asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from conftest import eventually

from cockpit.action.errors import NotConfirmedError
from cockpit.action.kubernetes.deployments.rollback import Rollback, undo_of
from cockpit.action.model import Confirmation
from cockpit.values import replace
from tests.action.stand import NAME, NAMESPACE, Stand, stand

pytestmark = pytest.mark.anyio
YES, AGAIN = Confirmation(yes=True), Confirmation(yes=True, again=True)
ROLLBACK = Rollback(NAME, NAMESPACE)


async def rolled_back(here: Stand, ago: timedelta = timedelta(minutes=4)) -> None:
    """Releases 1.4.0 and 1.4.2 follow 1.4.1, and @alice rolled 1.4.2 back to 1.4.0, `ago`."""
    for revision, tag in (("2", "1.4.0"), ("3", "1.4.2")):
        here.release(tag)
        await eventually(lambda revision=revision: here.revision() == revision)
    await here.runner.execute(await here.runner.prepare(ROLLBACK), YES)
    await eventually(lambda: here.revision() == "4")
    here.situation = replace(here.situation, runs=here.notebook.runs(ago=ago))


async def test_a_second_rollback_within_ten_minutes_names_the_first_and_asks_again(tmp_path: Path) -> None:
    """A yes alone does not do."""
    async with stand(tmp_path) as here:
        await rolled_back(here)
        plan = await here.runner.prepare(ROLLBACK)
        assert plan.confirm.extra.startswith("rolled back 4m ago by @alice: rev 3 (1.4.2) → rev 2 (1.4.0)")
        with pytest.raises(NotConfirmedError, match="by @alice"):
            await here.runner.execute(plan, YES)
        assert here.image == "1.4.0"
        assert (await here.runner.execute(plan, AGAIN)).outcome == "succeeded"


async def test_it_does_not_go_back_to_the_release_that_was_just_rolled_back(tmp_path: Path) -> None:
    """A plain second undo would: kubectl takes the newest revision that is not the current one."""
    async with stand(tmp_path) as here:
        await rolled_back(here)
        plan = await here.runner.prepare(ROLLBACK)
        assert plan.after == "rev 1 (1.4.1)"
        assert plan.last == "4m ago by @alice: succeeded"


async def test_asked_for_by_its_number_it_goes_there_with_a_warning(tmp_path: Path) -> None:
    """The bad release comes back only when somebody insists."""
    async with stand(tmp_path) as here:
        await rolled_back(here)
        plan = await here.runner.prepare(Rollback(NAME, NAMESPACE, revision=3))
        assert "this brings rev 3 (1.4.2) back, which @alice rolled back" in plan.warnings
        assert "brings rev 3 (1.4.2) back" in plan.confirm.extra


async def test_after_ten_minutes_it_does_not_ask_again(tmp_path: Path) -> None:
    """Who ran it last is still shown."""
    async with stand(tmp_path) as here:
        await rolled_back(here, ago=timedelta(minutes=11))
        plan = await here.runner.prepare(ROLLBACK)
        assert plan.confirm.extra == ""
        assert plan.last == "11m ago by @alice: succeeded"


async def test_a_rollback_that_came_between_preview_and_yes_stops_it(tmp_path: Path) -> None:
    """Another cockpit's rollback, seen in the record, makes the old confirmation worthless."""
    async with stand(tmp_path) as here:
        await rolled_back(here)
        runs, here.situation = here.situation.runs, replace(here.situation, runs={})
        plan = await here.runner.prepare(ROLLBACK)
        here.situation = replace(here.situation, runs=runs)
        with pytest.raises(NotConfirmedError, match="since the preview: rolled back 4m ago by @alice"):
            await here.runner.execute(plan, AGAIN)


async def test_an_undo_goes_forward_to_what_was_there(tmp_path: Path) -> None:
    """From the record alone, it finds the captured template though revisions were renumbered; it warns."""
    async with stand(tmp_path) as here:
        await rolled_back(here)
        [run] = here.situation.runs.values()
        action = undo_of(run)
        assert action is not None
        plan = await here.runner.prepare(action)
        assert (plan.before, plan.after) == ("rev 4 (1.4.0)", "rev 3 (1.4.2)")
        assert any(warning.startswith("this brings rev 3 (1.4.2) back") for warning in plan.warnings)
        assert plan.intent().undo_of == run.intent.run
        assert not plan.mitigates
        await here.runner.execute(plan, AGAIN)
        assert here.image == "1.4.2"


async def test_what_did_not_happen_has_no_undo(tmp_path: Path) -> None:
    """Nor has what was undone already."""
    async with stand(tmp_path) as here:
        await rolled_back(here)
        [run] = here.situation.runs.values()
        assert run.result is not None
        assert undo_of(replace(run, result=run.result.model_copy(update={"outcome": "failed"}))) is None
        assert undo_of(replace(run, undone_by="another")) is None
        assert undo_of(replace(run, result=None)) is not None, "an unknown outcome may have happened"


async def test_the_undo_of_what_the_cluster_forgot_is_refused(tmp_path: Path) -> None:
    """Its replica set is gone (revisionHistoryLimit)."""
    async with stand(tmp_path) as here:
        await rolled_back(here)
        [run] = here.situation.runs.values()
        assert run.intent.prior is not None
        here.cluster.delete("replicasets", NAMESPACE, run.intent.prior["replica_set"])
        action = undo_of(run)
        assert action is not None
        assert "no longer kept" in (await here.runner.prepare(action)).refusals[0]
