"""Leaving by habit: what ends other programs does not end this one, and says what does."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import stage, staged, story

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("before", [(), ("n", "x"), ("question_mark",)])
async def test_ctrl_c_says_what_leaves(tmp_path: Path, before: tuple[str, ...]) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press(*before, "ctrl+c")
        seen = await cockpit.sees("q leaves the cockpit")
        assert "[b]" not in seen
        assert cockpit.app.is_running
