"""Keys that come in one burst after a line was finished or left: they are for what stands there then."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import LOG_LINES, stage, staged, story
from screen.test_bursts import burst, typed
from screen.test_pod_page import LIVE, READ
from textual.events import AppBlur, Key, Paste

from cockpit.screen.panes.pods import PodsPane
from cockpit.screen.widgets.prompt import Prompt

pytestmark = pytest.mark.anyio


async def test_after_a_filter_the_keys_are_for_what_it_found(tmp_path: Path) -> None:
    live = stage(pod_look=LIVE)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods ─ 2/5")
        burst(cockpit, "f9xw2p\rg\r")
        await cockpit.goes_to("PodPage")
        await cockpit.sees("Pod 7599565f95-9xw2p")
        await cockpit.press("escape")
        await cockpit.sees("“9xw2p” 1 of 5")
        assert not cockpit.app.screen.query_one(Prompt).is_open


async def test_after_escape_the_keys_are_for_the_panes_and_the_draft_is_whole(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods ─ ")
        burst(cockpit, "nhalf a note\x1bz2")
        await cockpit.settles()
        screen = cockpit.app.screen
        assert screen.has_class("-zoomed")
        assert screen.focused is not None
        assert screen.focused.id == "pane-signals"
        burst(cockpit, "n, and more\x1bn")
        await cockpit.settles()
        assert typed(cockpit) == "half a note, and more"
        assert "note" not in [entry.kind for entry in cockpit.entries if "half" in str(entry.payload)]


async def test_a_draft_does_not_end_in_another_line(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods ─ ")
        burst(cockpit, "nfor the note\x1b/")
        await cockpit.settles()
        assert typed(cockpit) == ""
        burst(cockpit, "ack\x1bn")
        await cockpit.settles()
        assert typed(cockpit) == "for the note"


async def test_what_was_pasted_comes_before_the_enter_behind_it(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods ─ ")
        before = cockpit.kinds.count("note")
        burst(cockpit, "nit says: ")
        cockpit.app.post_message(Paste("no route\nto host"))
        burst(cockpit, "!\r")
        note = await cockpit.records("note", before + 1)
        assert note.payload["text"] == "it says: no route to host!"
        burst(cockpit, "4f")
        cockpit.app.post_message(Paste("no route"))
        burst(cockpit, "\rz")
        await cockpit.sees("“no route”")
        assert cockpit.app.screen.has_class("-zoomed")


async def test_after_a_filter_of_a_log_its_keys_are_meant(tmp_path: Path) -> None:
    live = stage(pod_look=LIVE, log=LOG_LINES)
    async with staged(tmp_path, live, script=READ, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("l")
        await cockpit.goes_to("LogPage")
        await cockpit.press("F")
        await cockpit.sees("following", "payment")
        burst(cockpit, "fstarting\r ")
        await cockpit.sees("“starting” 1 of 4", "paused")
        burst(cockpit, "qq")
        await cockpit.goes_to("CockpitScreen")


async def test_text_is_text_also_when_the_terminal_is_looked_away_from(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("n")
        cockpit.app.post_message(AppBlur())
        await cockpit.settles()
        cockpit.app.post_message(Key("z", "z"))
        await cockpit.settles()
        assert typed(cockpit) == "z"
        assert not cockpit.app.screen.has_class("-zoomed")
        assert cockpit.app.screen.query_one(PodsPane).display
