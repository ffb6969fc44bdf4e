"""What the runbook's page opens on: something that can be done as things are."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import stage, staged, story

from cockpit.room.views.signals import Suggestion
from cockpit.screen.act import first_to_do
from tests.shop import Step as Written
from tests.shop import program, script, shop, step

pytestmark = pytest.mark.anyio

LOOK = step("look", script("true"))
JUDGE = step("judge", manual="Is it ours?")
UNDER = step("under", program("true"), kind="mitigate", condition="If it is ours")
FREE = step("free", program("true"), kind="mitigate")


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        ((LOOK, FREE), "free"),
        ((LOOK, UNDER, FREE), "look"),
        ((JUDGE, UNDER), "judge"),
        ((JUDGE, LOOK, UNDER), "look"),
        ((UNDER,), "under"),
        ((UNDER, JUDGE), "judge"),
        ((JUDGE,), "judge"),
    ],
)
async def test_what_a_document_ties_to_a_condition_is_judged_first(
    tmp_path: Path, steps: tuple[Written, ...], first: str
) -> None:
    """Enter on the page that just opened opens what holds whatever the condition is."""
    configuration = shop(tmp_path / "written", *steps).read_text()
    async with staged(tmp_path, stage(), entries=story(), configuration=configuration) as war:
        assert war.house.runbook is not None
        scenario = war.house.runbook.scenarios[0]
        assert first_to_do(scenario.steps).id == first
        war.live.suggested = (Suggestion(scenario, "it is broken", 9),)
        async with flown(war, tmp_path) as cockpit:
            await cockpit.press("a")
            await cockpit.goes_to("ActPage")
            await cockpit.sees("now: it is broken")
            assert cockpit.app.screen.query_one("#page").selected == first  # type: ignore[attr-defined]
