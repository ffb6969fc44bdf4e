"""The prompt and the keys around it: what is typed is never lost, never late, and never taken for a command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from screen.flying import Flown, flown, housed, options, paste

from cockpit.clock import ManualClock
from cockpit.room import grammar
from cockpit.room.requests import Refusal, SetSeverity, Start
from cockpit.room.war_room import WarRoom
from cockpit.screen.keys import named
from cockpit.screen.widgets.prompt import Prompt

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)


class Still(WarRoom):
    """A war room whose sources are never opened."""

    async def go_live(self) -> None:
        """Nothing is opened."""


@asynccontextmanager
async def still(folder: Path, clock: ManualClock | None = None, **more: object) -> AsyncIterator[Flown]:
    """A cockpit without a cluster, at a time that the test moves."""
    clock = clock or ManualClock(START)
    async with housed(options(folder, **more), clock) as house, flown(Still(house, clock), folder) as cockpit:
        yield cockpit


async def declared(cockpit: Flown, severity: str = "P1") -> None:
    """An incident, declared at the clock's time."""
    await cockpit.war.room.perform(Start("payment-failure", severity))
    await cockpit.settles()


def prompt(cockpit: Flown) -> str:
    """What stands in the prompt; `None` while it is closed."""
    found = cockpit.app.screen.query_one(Prompt)
    return str(found.query_one("#prompt-line").value) if found.is_open else "None"  # type: ignore[attr-defined]


async def test_a_note_has_the_time_of_its_first_keystroke(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with still(tmp_path, clock) as cockpit:
        await cockpit.press("n")
        clock.advance(5)
        await cockpit.press("w")
        clock.advance(60)
        await cockpit.type("e wait")
        await cockpit.press("enter")
        note = await cockpit.records("note")
    assert note.payload["text"] == "we wait"
    assert (note.occurred - START).total_seconds() == 5
    assert (note.recorded.at - START).total_seconds() == 65


async def test_a_note_that_was_emptied_begins_anew(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with still(tmp_path, clock) as cockpit:
        await cockpit.press("n", "x", "backspace")
        clock.advance(30)
        await cockpit.type("ok")
        await cockpit.press("enter")
        note = await cockpit.records("note")
    assert (note.occurred - START).total_seconds() == 30


async def test_escape_keeps_the_draft_and_its_first_keystroke_also_over_a_crash(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with still(tmp_path, clock) as cockpit:
        await cockpit.press("n")
        await cockpit.type("half a")
        await cockpit.press("escape")
        assert prompt(cockpit) == "None"
        assert "note" not in cockpit.kinds
        await cockpit.press("slash")
        assert prompt(cockpit) == ""
        await cockpit.press("escape", "n")
        assert prompt(cockpit) == "half a"
        # the process ends here without a word, as a killed one does
    clock.advance(90)
    async with still(tmp_path, clock) as cockpit:
        await cockpit.press("n")
        assert prompt(cockpit) == "half a"
        await cockpit.type(" note")
        await cockpit.press("enter")
        note = await cockpit.records("note")
        assert note.payload["text"] == "half a note"
        assert note.occurred == START
        await cockpit.press("n")
        assert prompt(cockpit) == ""


async def test_a_refused_append_keeps_the_text_and_says_so_loudly(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await declared(cockpit)
        fill(cockpit)
        await cockpit.press("n")
        await paste(cockpit, LONG)
        before = cockpit.kinds
        await cockpit.press("enter")
        seen = await cockpit.sees("NOT RECORDING")
        assert "NOT RECORDING" in seen.splitlines()[1]
        assert prompt(cockpit) == LONG
        assert cockpit.kinds == before
        free(cockpit)
        await cockpit.press("enter")
        await cockpit.records("note")
        await cockpit.settles()
        assert "NOT RECORDING" not in cockpit.text
        assert prompt(cockpit) == "None"


LONG = "the disk is full " + "x" * 9000
"""More than what is left free on a database's last page."""


def fill(cockpit: Flown) -> None:
    """Let the journal's file grow no more, as on a full disk."""
    connection = cockpit.war.room.store._journal._connection
    cockpit.war.room.store._thread.submit(lambda: connection.execute("PRAGMA max_page_count = 1")).result()


def free(cockpit: Flown) -> None:
    """Let it grow again."""
    connection = cockpit.war.room.store._journal._connection
    cockpit.war.room.store._thread.submit(lambda: connection.execute("PRAGMA max_page_count = 1073741823")).result()


async def test_keys_are_text_while_somebody_types(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await cockpit.press("n")
        await cockpit.type("qDaluxz1234?")
        assert prompt(cockpit) == "qDaluxz1234?"
        assert cockpit.screen == "CockpitScreen"
        assert cockpit.app.is_running


async def test_nothing_that_arrives_moves_the_focus_or_the_text(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await cockpit.press("n")
        await cockpit.type("in the mid")
        await declared(cockpit)
        cockpit.war.on_signals()
        cockpit.war.on_run()
        await cockpit.war.room.perform(SetSeverity("P0", "worse"))
        await cockpit.pilot.resize_terminal(120, 40)
        await cockpit.pilot.resize_terminal(50, 14)
        await cockpit.type("dle")
        assert prompt(cockpit) == "in the middle"
        await cockpit.press("enter")
        assert (await cockpit.records("note")).payload["text"] == "in the middle"


async def test_commands_complete_and_come_back_by_the_arrows(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await cockpit.press("slash")
        await cockpit.type("start payment-failure p1")
        await cockpit.press("enter")
        await cockpit.records("severity")
        await cockpit.press("slash")
        await cockpit.type("mit")
        await cockpit.pilot.pause()
        await cockpit.press("tab")
        assert prompt(cockpit) == "mitigate"
        await cockpit.type(" traffic moved")
        await cockpit.press("enter")
        await cockpit.records("mitigation")
        await cockpit.press("slash", "up")
        assert prompt(cockpit) == "mitigate traffic moved"
        await cockpit.press("up")
        assert prompt(cockpit) == "start payment-failure p1"
        await cockpit.press("down", "down")
        assert prompt(cockpit) == ""


async def test_the_history_gives_back_the_line_that_was_being_typed(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await declared(cockpit)
        await cockpit.press("slash")
        await cockpit.type("ack")
        await cockpit.press("enter")
        await cockpit.records("acknowledged")
        await cockpit.press("slash")
        await cockpit.type("resol")
        await cockpit.press("up")
        assert prompt(cockpit) == "ack"
        await cockpit.press("down")
        assert prompt(cockpit) == "resol"


async def test_a_refused_command_stays_with_its_reason(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await cockpit.press("slash")
        await cockpit.type("severty P1")
        await cockpit.press("enter")
        await cockpit.sees("No such command")
        assert prompt(cockpit) == "severty P1"
        await cockpit.press("escape", "slash")
        await cockpit.type(" ")
        await cockpit.press("ctrl+u")
        await cockpit.type("resolve it is over")
        await cockpit.press("enter")
        await cockpit.sees("no incident is declared here")


async def test_a_toast_does_not_cover_why_a_line_was_refused(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await cockpit.press("space", "space", "space")
        await cockpit.press("slash")
        await cockpit.type("start payment-failure p9")
        await cockpit.press("enter")
        await cockpit.sees("'p9' is no severity of this policy; it has P0, P1, P2", "go to the checklist (3)")


async def test_a_note_with_line_ends_pasted_is_one_note(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await cockpit.press("n")
        await paste(cockpit, "first line\nsecond \x1b[31mred\x1b[0m line\n")
        await cockpit.press("enter")
        note = await cockpit.records("note")
    assert note.payload["text"] == "first line second red line"


async def test_q_leaves_the_cockpit_and_not_the_incident(tmp_path: Path) -> None:
    async with still(tmp_path) as cockpit:
        await declared(cockpit)
        await cockpit.press("s")
        await cockpit.goes_to("ScribePage")
        await cockpit.press("q")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.press("q")
        await cockpit.pilot.pause()
        assert cockpit.app.return_code == 0
    async with still(tmp_path) as again:
        await again.sees("payment-failure", "INVESTIGATING")


async def test_the_bell_rings_once_for_each_clock_that_becomes_overdue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(START)
    async with still(tmp_path, clock) as cockpit:
        rung: list[datetime] = []
        monkeypatch.setattr(cockpit.app, "bell", lambda: rung.append(clock.now()))
        await declared(cockpit)
        screen = cockpit.app.screen
        for _ in range(8):  # four minutes: nothing is due yet
            clock.advance(30)
            screen.draw()  # type: ignore[attr-defined]
        quiet = len(rung)
        overdue = {c.name: c.due for c in cockpit.war.room.clocks()}
        for _ in range(400):
            clock.advance(30)
            screen.draw()  # type: ignore[attr-defined]
        assert quiet == 0
        assert len(rung) == len(set(overdue.values())), overdue
        await cockpit.sees("overdue")


@pytest.mark.parametrize(
    ("line", "screen"), [("brief", "BriefPage"), (" review ", "ReviewPage"), ("list", "IncidentsPage"), ("?", "")]
)
async def test_a_word_that_names_a_deed_does_it(tmp_path: Path, line: str, screen: str) -> None:
    async with still(tmp_path) as cockpit:
        await declared(cockpit)
        await cockpit.press("slash")
        await cockpit.type(line)
        await cockpit.press("enter")
        if screen:
            await cockpit.goes_to(screen)
            await cockpit.press("escape")
            await cockpit.goes_to("CockpitScreen")
            assert not cockpit.app.screen.query_one(Prompt).is_open
        else:
            await cockpit.sees("No such command '?'")


def test_no_command_that_is_whole_in_one_word_is_taken_for_a_deed() -> None:
    for name in grammar.incident.commands:
        if named(name) is not None:
            with pytest.raises((Refusal, grammar.Answer)):
                grammar.parse(name, lambda: START)
