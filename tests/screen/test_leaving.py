"""Leaving by habit: what ends other programs does not end this one, and says what does."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import stage, staged, story

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
@pytest.mark.parametrize("before", [(), ("n", "x"), ("question_mark",)])
async def test_what_ends_other_programs_says_what_leaves(tmp_path: Path, before: tuple[str, ...], key: str) -> None:
    """ctrl+q too, which hands press after ctrl+s so that a terminal goes on."""
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press(*before, key)
        seen = await cockpit.sees("q leaves the cockpit")
        assert "[b]" not in seen
        assert cockpit.app.is_running
