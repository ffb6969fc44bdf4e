"""A journal that refuses while somebody must act: loud, an explicit choice, and recorded when the journal is back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import Flown, flying

from cockpit.incident.kinds import RunResult
from cockpit.incident.wording import late_tag
from cockpit.room.runs.recorder import RoomRecorder
from tests.simulated import simulated

pytestmark = pytest.mark.anyio

REFUSE = "CREATE TRIGGER refuse BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"


def disk(folder: Path, statement: str) -> None:
    """Break or mend the journal in `folder`, from outside, as a disk does."""
    with sqlite3.connect(folder / "record.db", timeout=10) as journal:
        journal.execute(statement)
    journal.close()


async def rollback(cockpit: Flown) -> None:
    """Come to the question of the rollback's run screen."""
    await eventually(lambda: any(e.scenario.id == "crash-loop" for e in cockpit.war.suggestions()), 90)
    await cockpit.press("a")
    await cockpit.goes_to("ActPage")
    await cockpit.sees("now: ", "Roll back")
    await cockpit.press("enter")
    await cockpit.goes_to("RunScreen")
    await cockpit.sees("yes, change it")


async def test_a_change_is_made_unrecorded_only_by_the_word_and_recorded_when_the_journal_is_back(
    tmp_path: Path,
) -> None:
    (tmp_path / "sim").mkdir()
    with simulated(tmp_path / "sim") as config:
        async with flying(tmp_path, config, size=(120, 40)) as cockpit:
            await rollback(cockpit)
            disk(tmp_path, REFUSE)
            await cockpit.press("y")
            await cockpit.sees("NOT DONE", "type UNRECORDED")
            await cockpit.type("yes")
            await cockpit.press("enter")
            assert cockpit.war.flight is None or cockpit.war.flight.result is None
            await cockpit.type("UNRECORDED")
            await cockpit.press("enter")
            await eventually(lambda: (f := cockpit.war.flight) and f.result and f.result.outcome == "succeeded")
            await cockpit.press("escape")
            await cockpit.sees("ACTED UNRECORDED")
            assert "run-intent" not in cockpit.kinds
            disk(tmp_path, "DROP TRIGGER refuse")
            await cockpit.records("run-result")
            await eventually(lambda: not cockpit.war.recorder.waiting)
            await eventually(lambda: "UNRECORDED" not in cockpit.text)
            kinds = [kind for kind in cockpit.kinds if kind.startswith("run-")]
            assert kinds[:2] == ["run-intent", "run-result"]


async def test_a_result_that_the_journal_refuses_waits_and_the_run_is_not_called_refused(tmp_path: Path) -> None:
    async with flying(tmp_path) as cockpit:
        await cockpit.press("D")
        await cockpit.goes_to("DeclareDialog")
        await cockpit.press("enter")
        await cockpit.records("declared")
        disk(tmp_path, REFUSE)
        recorder: RoomRecorder = cockpit.war.recorder
        await recorder.result(RunResult(run="r1", outcome="succeeded", exit=0))
        assert len(recorder.waiting) == 1
        await cockpit.sees("ACTED UNRECORDED", "1 entry waits")
        disk(tmp_path, "DROP TRIGGER refuse")
        entry = await cockpit.records("run-result")
        assert entry.payload["outcome"] == "succeeded"
        assert not late_tag(entry.late)
