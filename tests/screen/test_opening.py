"""What is seen, typed and refused while the house is opened behind the first picture. Its configuration comes through
a pipe, so that it is not there before a test lets it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from screen.looking import Compare

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from cockpit.room.war_room import WarRoom
from cockpit.screen.app import CockpitApp
from cockpit.screen.opening import Opening
from cockpit.screen.terminal.glyphs import UNICODE
from tests.terminals import Terminal, environment
from tests.test_crash_cockpit import in_timeline

CTRL_C, CTRL_L, LEFT = "\x03", "\x0c", b"\x1b[?1049l"


class Waiting(Terminal):
    """A cockpit that waits for its configuration."""

    config: Path

    def reads(self, text: str) -> None:
        """Let it have its configuration."""
        self.config.write_text(text)  # waits until it reads

    def types_ahead(self, keys: str) -> None:
        """Type `keys`, and wait until it has seen them: it paints again for the last, and does so at once."""
        before = self.written
        self.send(keys + CTRL_L)
        self.comes(lambda _: "4 Timeline" in self.text(before), "it never painted again")

    def leaves(self) -> tuple[int, str]:
        """Wait for its end; gives its exit code, and what it said on the terminal that it gave back."""
        self.comes(lambda _: LEFT in self.output, "it never left")
        while self.process.poll() is None:  # what still waits for the configuration finds that there is none
            os.close(os.open(self.config, os.O_RDWR))
            time.sleep(0.02)
        self._reader.join(5)
        return self.process.returncode, self.text(self.output.rindex(LEFT))


@contextmanager
def waiting(folder: Path, *flags: str) -> Iterator[Waiting]:
    """A cockpit that shows its first picture and waits."""
    path = folder / "cockpit.yaml"
    os.mkfifo(path)
    argv = [sys.executable, "-m", "cockpit", "--config", str(path), "--as", "@ada", *flags]
    with Waiting(argv, env=environment(folder), cwd=folder) as terminal:
        terminal.config = path
        terminal.shows(r"1 Pods ─ loading[\s\S]*\? help")
        yield terminal


def notes(folder: Path) -> list[str]:
    """The notes of the record, in their order."""
    journal = Journal.open(folder / "cockpit" / "record.db", SystemClock(), read_only=True)
    try:
        return [entry.payload["text"] for each in journal.incidents() for entry in journal.read(each, kinds=["note"])]
    finally:
        journal.close()


class TestWhatIsTyped:
    """Before there is anything to do it."""

    def test_it_is_done_in_its_order_once_there_is(self, tmp_path: Path) -> None:
        with waiting(tmp_path) as terminal:
            terminal.types_ahead("nfirst\rnthe quick q\rn")
            terminal.send("typed while it opens")
            terminal.reads("services: {}\n")
            picture = terminal.shows("typed while it opens")
            assert re.search(rf"{in_timeline('first')}[\s\S]*{in_timeline('the quick q')}", picture)
            terminal.send("\r")
            terminal.shows(in_timeline("typed while it opens"))
        assert notes(tmp_path) == ["first", "the quick q", "typed while it opens"]

    def test_q_leaves_at_once_and_nothing_is_recorded(self, tmp_path: Path) -> None:
        with waiting(tmp_path) as terminal:
            terminal.send("q")
            assert terminal.leaves() == (0, "")
        assert not (tmp_path / "cockpit").exists()

    def test_q_after_something_else_is_done_after_it(self, tmp_path: Path) -> None:
        with waiting(tmp_path) as terminal:
            terminal.types_ahead("nlast words\rq")
            terminal.reads("services: {}\n")
            assert terminal.leaves() == (0, "")
        assert notes(tmp_path) == ["last words"]

    def test_ctrl_c_leaves_whatever_was_typed_before_it(self, tmp_path: Path) -> None:
        with waiting(tmp_path) as terminal:
            terminal.types_ahead("nwords")
            terminal.send(CTRL_C)
            assert terminal.leaves() == (130, "")


class TestAHouseThatCannotBeOpened:
    """It ends with one line, on the terminal that was given back."""

    def test_a_configuration_that_is_wrong(self, tmp_path: Path) -> None:
        with waiting(tmp_path) as terminal:
            terminal.reads("services: {}\nservice: shop\n")
            code, said = terminal.leaves()
        assert code == 2
        assert re.fullmatch(r"cockpit: \S+/cockpit.yaml:2: .*service.*\s+", said)

    def test_an_incident_that_is_not_there(self, tmp_path: Path) -> None:
        with waiting(tmp_path, "--incident", "INC-2026-077") as terminal:
            assert "opening INC-2026-077" in terminal.picture
            terminal.reads("services: {}\n")
            code, said = terminal.leaves()
        assert code == 2
        assert re.fullmatch(r"cockpit: .*INC-2026-077.*\s+", said)

    @pytest.mark.parametrize("damage", ["a folder", "no journal"])
    def test_a_journal_that_cannot_be_read(self, tmp_path: Path, damage: str) -> None:
        journal = tmp_path / "cockpit" / "record.db"
        if damage == "a folder":
            journal.mkdir(parents=True)
        else:
            journal.parent.mkdir()
            journal.write_bytes(b"no journal" * 1000)
        with waiting(tmp_path) as terminal:
            terminal.reads("services: {}\n")
            code, said = terminal.leaves()
        assert code == 1
        assert said.startswith("cockpit: ")
        assert "record.db" in said
        assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (50, 12)], ids=str)
def test_looks_opening(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    """The cockpit's frames, loading; a small terminal shows one."""

    async def never() -> WarRoom:
        await asyncio.Event().wait()
        raise AssertionError

    opening = Opening(never, SystemClock(), tmp_path, "INC-2026-001", "prod-eu-1/payments")
    assert snap_compare(CockpitApp(opening, glyphs=UNICODE), terminal_size=size)


def test_a_terminal_that_changes_its_size_meanwhile_is_filled(tmp_path: Path) -> None:
    with waiting(tmp_path) as terminal:
        terminal.resize((50, 12))
        terminal.shows(r"1 Pods ─ loading ─{20,}")
        terminal.hides("2 Signals")
        terminal.resize((130, 40))
        terminal.shows(r"2 Signals ─ loading ─{30,}")
        terminal.reads("services: {}\n")
        terminal.shows(r"no cluster is configured[\s\S]*\? help")
