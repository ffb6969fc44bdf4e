"""Keys that come all at once, as over a slow line: each takes effect in its turn, on what those before it left."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import Flown, flown
from screen.staged import stage, staged, story
from scribe.story import at
from textual.events import Key

from cockpit.screen.widgets.prompt import Prompt

pytestmark = pytest.mark.anyio

NAMES = {" ": "space", "\r": "enter", "\t": "tab", "\x1b": "escape", "/": "slash"}


def burst(cockpit: Flown, keys: str) -> None:
    """All of `keys` before the first of them is looked at."""
    for each in keys:
        cockpit.app.post_message(Key(NAMES.get(each, each), each))


def typed(cockpit: Flown) -> str:
    """What stands in the prompt."""
    return str(cockpit.app.screen.query_one(Prompt).query_one("#prompt-line").value)  # type: ignore[attr-defined]


async def test_what_came_before_a_note_is_done_before_it_and_is_not_lost(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("3 Checklist ─ ")
        burst(cockpit, "zzzzzzznzz top")
        await cockpit.sees("zz top")
        assert typed(cockpit) == "zz top"
        assert cockpit.app.screen.has_class("-zoomed")


async def test_a_reason_is_for_the_item_that_was_gone_to(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story(), now=at("11:00")) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("3 Checklist ─ ")
        await cockpit.press("3", "g", "j", "j", "j", "j")
        gone_to = cockpit.app.screen.focused.selected  # type: ignore[union-attr]
        await cockpit.press("g", "1")
        burst(cockpit, "3gjjjjNno customers\r")
        recorded = await cockpit.records("checklist", len([e for e in cockpit.entries if e.kind == "checklist"]) + 1)
        assert (recorded.payload["item"], recorded.payload["state"]) == (gone_to, "not-applicable")


async def test_a_filter_is_for_the_pane_that_was_gone_to(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods ─ ")
        burst(cockpit, "4\tfweb\r")
        await cockpit.sees("“web”")
        assert "“web”" in next(line for line in cockpit.lines if "1 Pods ─ " in line)


async def test_keys_that_come_after_the_end_do_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods ─ ")
        cockpit.app.exit()
        burst(cockpit, "jjjjzzzn")
        await cockpit.app._close_all()
        burst(cockpit, "jjjjzzzn")
    assert cockpit.app.return_code == 0
