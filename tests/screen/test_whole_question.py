"""A question with more effects than the box holds says how many lines are below, until they have been in view."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import Flown, flying, paste
from screen.telling import configure

pytestmark = pytest.mark.anyio

TARGETS = "".join(f"  team-{n}: {{channels: [paper], handles: ['@team{n}']}}\n" for n in range(30))


def crowded(folder: Path) -> Path:
    """A configuration with many whom a page can reach."""
    config = configure(folder)
    config.write_text(f"{config.read_text()}{TARGETS}")
    return config


async def asked(cockpit: Flown) -> None:
    """The question of a declaration that pages thirty teams."""
    pages = " ".join(f"--page team-{n}" for n in range(30))
    await cockpit.press("slash")
    await paste(cockpit, f"start payment-failure p1 {pages}")
    await cockpit.press("enter")
    await cockpit.goes_to("ConfirmDialog")


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
async def test_what_is_below_is_counted_and_the_keys_stay_in_view(tmp_path: Path, size: tuple[int, int]) -> None:
    async with flying(tmp_path, crowded(tmp_path), size=size) as cockpit:
        await asked(cockpit)
        await cockpit.sees("pages team-0 by paper", "more lines below · j", "y does all of this together")
        await cockpit.press("G")
        await cockpit.sees("team-29", "y does all of this together")
        assert "below" not in cockpit.text


async def test_a_short_question_has_nothing_below(tmp_path: Path) -> None:
    async with flying(tmp_path, configure(tmp_path)) as cockpit:
        await cockpit.press("slash")
        await cockpit.type("start payment-failure p1 --page database-team")
        await cockpit.press("enter")
        await cockpit.goes_to("ConfirmDialog")
        await cockpit.sees("pages database-team", "y does all of this together")
        assert "below" not in cockpit.text
