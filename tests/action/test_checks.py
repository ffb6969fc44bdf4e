"""Health checks together: one table, each within its own time, and unknown is never ok."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import eventually

from cockpit.action.checks import AT_ONCE, Checks
from cockpit.action.command import Command
from cockpit.action.http import Http
from cockpit.action.kubernetes.objects.get import Get
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Action
from tests.action.alone import Alone, given
from tests.action.stand import NAMESPACE, stand

pytestmark = pytest.mark.anyio
LOOKS = Heading("Look", risk="read-only")


def says(text: str, status: int = 0) -> Command:
    return Command((sys.executable, "-c", f"print({text!r}); raise SystemExit({status})"), heading=LOOKS)


def together(*parts: tuple[str, Action | str]) -> Checks:
    return Checks(parts, Heading("All of it", "health"))


def rows(output: str) -> list[list[str]]:
    """The table's lines in words, up to the first empty one."""
    return [line.split() for line in output.split("\n\n")[0].splitlines()]


async def test_all_stand_in_one_table() -> None:
    result = await Alone().run(together(("web", says("fine")), ("a job", says("one\ntwo\nthree"))))
    (web, job) = rows(result.output)
    assert (web[:2], web[-1]) == (["ok", "web"], "fine")
    assert job[:3] == ["ok", "a", "job"]
    assert result.output.endswith("one (and 2 lines)")
    assert (result.outcome, result.exit) == ("succeeded", 0)


async def test_a_table_of_one_row_is_its_finding() -> None:
    result = await Alone().run(together(("db", says("count | oldest\n------+-------\n   42 | 3 min\n(1 row)"))))
    assert result.output.endswith("count 42, oldest 3 min")


async def test_what_failed_is_shown_in_full_and_fails_the_whole() -> None:
    here = Alone()
    failing = ("bad", says("the reason", 3))
    result = await here.run(together(("good", says("fine")), failing, ("nobody", "nothing is configured")))
    assert [row[0] for row in rows(result.output)] == ["ok", "failed", "unknown"]
    assert result.output.split("\n\n")[1] == "bad:\n  the reason"
    assert (result.outcome, result.exit) == ("failed", 1)
    assert result.error == "1 of 3 failed: bad; 1 could not be looked at: nobody"


async def test_what_could_not_be_looked_at_is_not_ok() -> None:
    here = Alone()
    result = await here.run(
        together(
            ("good", says("fine")),
            ("pods", Get("pods", NAMESPACE)),
            ("gone", Command(("no-such-program",), heading=LOOKS)),
        )
    )
    assert [row[0] for row in rows(result.output)] == ["ok", "unknown", "unknown"]
    assert "the cluster is not open" in result.output
    assert "not installed" in result.output
    assert (result.outcome, result.exit) == ("unknown", None)


async def test_the_plan_has_every_part_and_asks_nothing() -> None:
    plan = await Alone().plan(together(("web", Http("GET", "http://127.0.0.1:1/health")), ("job", says("x"))))
    assert (plan.risk, plan.confirm.kind, plan.object) == ("read-only", "none", "2 checks")
    assert plan.request.startswith("web: GET http://127.0.0.1:1/health\njob: ")
    assert plan.command.startswith("curl ")


async def test_what_changes_something_is_refused() -> None:
    plan = await Alone().plan(together(("pay", Http("POST", "http://127.0.0.1:1/pay"))))
    assert plan.refusals == ("pay does more than look, so it cannot be looked at with others",)
    assert "nothing to look at" in (await Alone().plan(together())).refusals[0]


async def test_one_that_hangs_is_cut_off_within_its_own_time(tmp_path: Path) -> None:
    here, mark = Alone(), tmp_path / "begun"
    hangs = f"import time; open({str(mark)!r}, 'w'); time.sleep(300)"
    slow = Command((sys.executable, "-c", hangs), timeout=5.0, heading=LOOKS)
    running = asyncio.create_task(here.run(together(("slow", slow), ("good", says("fine")))))
    await eventually(mark.exists)
    await eventually(lambda: any("1 of 2 done, slow" in each.text for each in here.told))
    here.clock.skip(6)
    result = await running
    assert [row[0] for row in rows(result.output)] == ["failed", "ok"]
    assert "not done within 5 s" in result.output


COUNTS = """
import os, sys, time
folder = os.environ["FOLDER"]
mine = os.path.join(folder, str(os.getpid()))
open(mine, "w").close()
time.sleep(0.1)
print(len([name for name in os.listdir(folder)]))
os.unlink(mine)
"""


async def test_only_a_few_run_at_once(tmp_path: Path) -> None:
    action = Command((sys.executable, "-c", COUNTS), values=given(folder=str(tmp_path)), heading=LOOKS)
    result = await Alone().run(together(*((f"part {n}", action) for n in range(9))))
    together_at_most = max(int(row[-1]) for row in rows(result.output))
    assert 2 <= together_at_most <= AT_ONCE


def still_run(marks: Sequence[Path]) -> bool:
    return any(Path(f"/proc/{mark.read_text()}").exists() for mark in marks)


async def test_cancelling_ends_all(tmp_path: Path) -> None:
    here = Alone()
    marks: Sequence[Path] = [tmp_path / "one", tmp_path / "two"]
    program = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(300)"
    parts = ((mark.name, Command((sys.executable, "-c", program, str(mark)), heading=LOOKS)) for mark in marks)
    running = asyncio.create_task(here.run(together(*parts)))
    await eventually(lambda: all(mark.exists() and mark.read_text() for mark in marks))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not still_run(marks)
    assert getattr(here.notebook.entries[-1], "outcome", "") == "cancelled"


async def test_a_cluster_is_looked_at_beside_the_rest(tmp_path: Path) -> None:
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(together(("pods", Get("pods", NAMESPACE)), ("web", says("fine"))))
        assert (plan.context, plan.namespace) == ("prod-eu", NAMESPACE)
        result = await here.runner.execute(plan)
        assert [row[:2] for row in rows(result.output)] == [["ok", "pods"], ["ok", "web"]]
