"""Permission on the screens: what is not theirs to do asks for a reason, and is done once with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from screen.flying import Flown, flying

from cockpit.room.requests import Start, TakeRole
from tests.cli.test_permission import CONFIGURATION, RUNBOOK

pytestmark = pytest.mark.anyio


@pytest.fixture
async def scribe(tmp_path: Path) -> AsyncIterator[Flown]:
    """The cockpit of @ada, the scribe of an incident that has an ops lead."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "shop.yaml").write_text(RUNBOOK)
    config = tmp_path / "cockpit.yaml"
    config.write_text(CONFIGURATION)
    async with flying(tmp_path, config) as cockpit:
        room = cockpit.war.room
        for request in (Start("checkout", "p1"), TakeRole("ops", "@bob"), TakeRole("scribe", "@ada")):
            await room.perform(request)
        yield cockpit


async def test_a_line_asks_for_a_reason_and_keeps_what_was_typed_where_none_is_given(scribe: Flown) -> None:
    await scribe.press("slash")
    await scribe.type("severity p2 --why less")
    await scribe.press("enter")
    await scribe.goes_to("BreakGlassDialog")
    await scribe.sees("as scribe you may not set the severity")
    await scribe.press("enter")
    await scribe.sees("a reason is needed")
    await scribe.press("escape")
    await scribe.sees("nothing was done", "severity p2 --why less")
    assert scribe.war.room.state.severity == "P1"
    await scribe.press("enter")
    await scribe.goes_to("BreakGlassDialog")
    await scribe.type("nobody is awake")
    await scribe.press("enter")
    await scribe.records("break-glass")
    assert scribe.kinds[-2:] == ["break-glass", "severity"]
    assert scribe.war.room.state.severity == "P2"


async def test_the_dialog_of_the_severity_asks_too(scribe: Flown) -> None:
    await scribe.press("e")
    await scribe.goes_to("SeverityDialog")
    await scribe.press("j", "tab")
    await scribe.type("less")
    await scribe.press("enter")
    await scribe.goes_to("BreakGlassDialog")
    await scribe.type("nobody")
    await scribe.press("enter")
    broken = await scribe.records("break-glass")
    assert broken.payload["why"] == "nobody"
    await scribe.goes_to("CockpitScreen")


async def test_a_step_says_before_it_is_run_that_it_is_not_theirs(scribe: Flown) -> None:
    await scribe.press("a")
    await scribe.goes_to("ActPage")
    await scribe.sees("Touch it")
    await scribe.press("G", "enter")
    await scribe.goes_to("RunScreen")
    await scribe.sees("not yours", "@bob (ops) may", "B break the glass")
    await scribe.press("y")
    assert scribe.war.flight is None
    await scribe.press("B")
    await scribe.goes_to("BreakGlassDialog")
    await scribe.type("bob sleeps")
    await scribe.press("enter")
    await scribe.sees("yes, change it")
    assert "break-glass" not in scribe.kinds
    await scribe.press("y")
    await scribe.records("run-result")
    kinds = [kind for kind in scribe.kinds if kind in ("break-glass", "run-intent", "run-result")]
    assert kinds == ["break-glass", "run-intent", "run-result"]
