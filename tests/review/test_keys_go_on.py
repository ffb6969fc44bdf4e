"""A journal that another program holds never holds up the keys, and one line is recorded once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from screen.flying import Flown, flying

from cockpit.room.requests import Start

pytestmark = pytest.mark.anyio


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Another program holds the journal's write lock."""
    journal = sqlite3.connect(folder / "record.db", isolation_level=None)
    journal.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        journal.execute("ROLLBACK")
        journal.close()


async def declared(cockpit: Flown) -> None:
    """An incident to write to."""
    await cockpit.war.room.perform(Start("payment-failure"))
    await cockpit.settles()


def front(cockpit: Flown) -> str:
    """The id of what has the focus."""
    return (cockpit.app.focused.id or "") if cockpit.app.focused else ""


async def test_panes_are_gone_to_while_a_tick_waits_for_the_journal(tmp_path: Path) -> None:
    async with flying(tmp_path) as cockpit:
        await declared(cockpit)
        await cockpit.press("3")
        with held(tmp_path):
            await cockpit.press("space", "2")
            await cockpit.settles()
            assert front(cockpit) == "pane-signals"
            assert "checklist" not in cockpit.kinds
        await cockpit.records("checklist")


async def test_enter_twice_while_the_journal_is_slow_records_one_note(tmp_path: Path) -> None:
    async with flying(tmp_path) as cockpit:
        await declared(cockpit)
        await cockpit.press("n")
        await cockpit.type("once")
        with held(tmp_path):
            await cockpit.press("enter", "enter")
            await cockpit.settles()
        await cockpit.records("note")
        await cockpit.press("n")
        await cockpit.type("more")
        await cockpit.press("enter")
        await cockpit.records("note", 2)
        assert [e.payload["text"] for e in cockpit.entries if e.kind == "note"] == ["once", "more"]


async def test_what_is_typed_while_a_line_is_being_recorded_stays(tmp_path: Path) -> None:
    async with flying(tmp_path) as cockpit:
        await declared(cockpit)
        await cockpit.press("n")
        await cockpit.type("first")
        with held(tmp_path):
            await cockpit.press("enter")
            await cockpit.type(" second")
        note = await cockpit.records("note")
        assert note.payload["text"] == "first"
        await cockpit.sees("second")
        await cockpit.press("enter")
        assert (await cockpit.records("note", 2)).payload["text"] == "second"


async def test_a_dialog_is_left_while_it_waits_for_the_journal(tmp_path: Path) -> None:
    async with flying(tmp_path) as cockpit:
        await declared(cockpit)
        await cockpit.press("r")
        await cockpit.goes_to("PeoplePage")
        with held(tmp_path):
            await cockpit.press("enter", "enter", "escape")
            await cockpit.goes_to("CockpitScreen")
        await cockpit.records("role")
        await cockpit.settles()
        assert cockpit.kinds.count("role") == 1
