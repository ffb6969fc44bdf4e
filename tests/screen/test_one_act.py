"""One act on the screen: what comes along is shown first, what the public should not read is asked by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flying
from screen.telling import configure, say, told

pytestmark = pytest.mark.anyio

HOOK = "channels:\n  hook: {type: slack, webhook: {command: [printf, 'http://127.0.0.1:9/hook']}}\n"


def offering(folder: Path) -> Path:
    """A configuration with more than files, so that more is offered, and everybody told by a file all the same."""
    config = configure(folder)
    text = config.read_text().replace("channels:\n", HOOK, 1)
    config.write_text(f'{text}  on-call: {{channels: [paper], handles: ["@oncall"]}}\n')
    return config


async def test_a_declaration_shows_what_comes_along_and_can_do_less(tmp_path: Path) -> None:
    async with flying(tmp_path, offering(tmp_path)) as cockpit:
        await cockpit.press("D")
        await cockpit.goes_to("DeclareDialog")
        await cockpit.sees("enter shows all that it does, and asks")
        await cockpit.press("enter")
        await cockpit.goes_to("ConfirmDialog")
        await cockpit.sees("pages on-call by paper", "tells customers by paper", "opens no incident channel")
        await cockpit.press("n")
        await cockpit.goes_to("DeclareDialog")
        assert cockpit.war.room.state.declared is None
        await cockpit.press("enter")
        await cockpit.goes_to("ConfirmDialog")
        await cockpit.press("o")
        await cockpit.records("declared")
        await cockpit.goes_to("CockpitScreen")
        assert "message" not in cockpit.kinds
        assert told(tmp_path) == ""


async def test_where_nothing_comes_along_enter_declares_and_says_so(tmp_path: Path) -> None:
    async with flying(tmp_path, configure(tmp_path)) as cockpit:
        await cockpit.press("D")
        await cockpit.goes_to("DeclareDialog")
        await cockpit.sees("enter declares")
        await cockpit.press("enter")
        await cockpit.records("declared")
        await cockpit.goes_to("CockpitScreen")


async def test_yes_does_all_of_it(tmp_path: Path) -> None:
    async with flying(tmp_path, offering(tmp_path)) as cockpit:
        await cockpit.press("D")
        await cockpit.goes_to("DeclareDialog")
        await cockpit.press("enter")
        await cockpit.goes_to("ConfirmDialog")
        await cockpit.press("y")
        await cockpit.records("delivery", 2)
        assert "on-call is paged" in told(tmp_path)
        assert "investigating reports" in told(tmp_path)


async def test_what_is_not_for_the_public_is_asked_by_itself(tmp_path: Path) -> None:
    async with flying(tmp_path, offering(tmp_path)) as cockpit:
        await say(cockpit, "start payment-failure p1 --alone")
        line = "resolve --alone --tell customers --set explanation=db7.internal"
        for answers, published in ((("y", "n"), False), (("y", "y"), True)):
            await cockpit.press("slash")
            await cockpit.type(line)
            await cockpit.press("enter")
            for number, answer in enumerate(answers):
                await cockpit.goes_to("ConfirmDialog")
                await cockpit.sees("Not for the public" if number else "tells customers")
                await cockpit.press(answer)
            await cockpit.goes_to("CockpitScreen")
            if published:
                await cockpit.records("delivery")
            assert ("db7.internal" in told(tmp_path)) is published


async def test_the_blanks_of_a_resolution_are_asked_before_its_preview(tmp_path: Path) -> None:
    async with flying(tmp_path, offering(tmp_path)) as cockpit:
        await say(cockpit, "start payment-failure p1 --alone", "status --to monitoring all is well")
        await cockpit.press("slash")
        await cockpit.type("resolve")
        await cockpit.press("enter")
        await cockpit.goes_to("BlanksDialog")
        await cockpit.sees("explanation: a brief explanation of what happened")
        await cockpit.type("A release was taken back")
        await cockpit.press("enter")
        await cockpit.goes_to("ConfirmDialog")
        await cockpit.sees("tells customers by paper")
        await cockpit.press("y")
        await cockpit.records("delivery")
        assert "A release was taken back" in told(tmp_path)


async def test_leaving_the_blanks_does_nothing_and_empty_ones_tell_nobody(tmp_path: Path) -> None:
    async with flying(tmp_path, offering(tmp_path)) as cockpit:
        await say(cockpit, "start payment-failure p1 --alone", "status --to monitoring all is well")
        for key, screen in (("escape", "CockpitScreen"), ("enter", "ConfirmDialog")):
            await cockpit.press("slash")
            await cockpit.press("ctrl+u")
            await cockpit.type("resolve")
            await cockpit.press("enter")
            await cockpit.goes_to("BlanksDialog")
            await cockpit.press(key)
            await cockpit.goes_to(screen)
            assert not cockpit.war.room.state.over
            await cockpit.press("escape")
        assert told(tmp_path) == ""
