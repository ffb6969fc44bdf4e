"""What is being typed survives the incident's beginning, never waits for a disk, and is nobody else's to forget."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from screen.flying import flying

from cockpit.record.drafts import Drafts, DraftText
from cockpit.room.drafting import Drafting
from cockpit.room.requests import Start

pytestmark = pytest.mark.anyio

BEGAN = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)


async def test_a_note_that_was_begun_before_the_incident_is_there_after_it(tmp_path: Path) -> None:
    async with flying(tmp_path) as cockpit:
        await cockpit.press("n")
        await cockpit.type("first words")
        await cockpit.war.room.perform(Start("payment-failure"))
        await cockpit.press("escape", "n")
        await cockpit.sees("first words")


@contextmanager
def stuck(path: Path) -> Iterator[Callable[[], None]]:
    """A disk that takes nothing until what is given is called: a pipe that nobody reads stands where the draft goes.

    The reader stays until the end: a writer that comes to the pipe only after it went would wait for ever.
    """
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    readers: list[int] = []
    try:
        yield lambda: readers.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    finally:
        for reader in readers:
            os.close(reader)


async def test_a_disk_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts")
    desk = Drafting(drafts, read_only=False)
    with stuck(tmp_path / "drafts" / "new.note.new") as release:
        desk.keep("", "note", DraftText("typed", BEGAN))
        kept = desk.kept("", "note")
        assert kept is not None
        assert kept.text == "typed"
        release()
        await desk.close()


async def test_what_was_typed_is_there_for_the_next_cockpit(tmp_path: Path) -> None:
    desk = Drafting(Drafts(tmp_path), read_only=False)
    desk.keep("", "note", DraftText("a", BEGAN))
    desk.keep("0197-x", "note", DraftText("ab", BEGAN))
    desk.keep("0197-x", "status", DraftText("gone", BEGAN))
    desk.drop("0197-x", "status")
    await desk.close()
    assert Drafts(tmp_path).every() == {("0197-x", "note"): DraftText("ab", BEGAN)}


async def test_a_cockpit_that_only_shows_leaves_the_drafts_of_others(tmp_path: Path) -> None:
    Drafts(tmp_path).keep("", "command", DraftText("note theirs", BEGAN))
    desk = Drafting(Drafts(tmp_path), read_only=True)
    desk.keep("", "note", DraftText("mine", BEGAN))
    desk.drop("", "command")
    await desk.close()
    assert Drafts(tmp_path).every() == {("", "command"): DraftText("note theirs", BEGAN)}
