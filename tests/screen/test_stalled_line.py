"""A line that takes nothing any more, and one that is gone: the cockpit goes on, or ends."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from tests.conftest import eventually
from tests.terminals import Terminal, environment
from tests.test_crash_cockpit import cockpit

pytestmark = pytest.mark.anyio


def notes(folder: Path) -> list[str]:
    """The notes that the record has."""
    journal = Journal.open(folder / "cockpit" / "record.db", SystemClock(), read_only=True)
    found = [entry for each in journal.incidents() for entry in journal.read(each)]
    journal.close()
    return [str(entry.payload["text"]) for entry in found if entry.kind == "note"]


async def test_a_line_that_hangs_holds_up_neither_keys_nor_record(tmp_path: Path) -> None:
    env = environment(tmp_path, PYTHONPATH=str(Path(__file__).parents[2]))
    with Terminal(cockpit(tmp_path), env=env, cwd=tmp_path, size=(200, 60)) as terminal:
        terminal.shows("Timeline")
        terminal.stall()
        for _ in range(80):  # pictures enough to fill the line and what waits behind it
            terminal.send("z")
            await asyncio.sleep(0.05)
        terminal.send("nwritten while the line hung\r")
        await eventually(lambda: notes(tmp_path) == ["written while the line hung"], timeout=30)
        terminal.go_on()
        terminal.shows("written while the line hung")


async def test_who_ends_it_does_not_wait_for_a_line_that_hangs(tmp_path: Path) -> None:
    env = environment(tmp_path, PYTHONPATH=str(Path(__file__).parents[2]))
    with Terminal(cockpit(tmp_path), env=env, cwd=tmp_path, size=(200, 60)) as terminal:
        terminal.shows("Timeline")
        terminal.stall()
        for _ in range(80):
            terminal.send("z")
            await asyncio.sleep(0.05)
        terminal.process.send_signal(signal.SIGTERM)
        await eventually(lambda: terminal.process.poll() is not None, timeout=30)
        assert terminal.process.returncode == 128 + signal.SIGTERM


async def test_a_line_that_is_gone_ends_the_cockpit(tmp_path: Path) -> None:
    env = environment(tmp_path, PYTHONPATH=str(Path(__file__).parents[2]))
    with Terminal(cockpit(tmp_path), env=env, cwd=tmp_path) as terminal:
        terminal.shows("Timeline")
        terminal.hang_up()
        await eventually(lambda: terminal.process.poll() is not None, timeout=30)


async def test_a_line_that_is_gone_ends_one_that_is_told_to_continue(tmp_path: Path) -> None:
    """A kernel that takes a session's terminal away sends SIGHUP and then SIGCONT, and so does tmux."""
    env = environment(tmp_path, PYTHONPATH=str(Path(__file__).parents[2]))
    with Terminal(cockpit(tmp_path), env=env, cwd=tmp_path) as terminal:
        terminal.shows("Timeline")
        terminal.hang_up()
        for number in (signal.SIGHUP, signal.SIGCONT, signal.SIGHUP, signal.SIGCONT):
            terminal.process.send_signal(number)
            await asyncio.sleep(0.01)
        await eventually(lambda: terminal.process.poll() is not None, timeout=30)
        assert terminal.process.returncode == 128 + signal.SIGHUP


async def test_told_to_continue_without_having_stopped_it_goes_on(tmp_path: Path) -> None:
    """Also one that was stopped by SIGSTOP, which nobody hears: it takes the terminal anew, once."""
    env = environment(tmp_path, PYTHONPATH=str(Path(__file__).parents[2]))
    with Terminal(cockpit(tmp_path), env=env, cwd=tmp_path) as terminal:
        terminal.shows("Timeline")
        for number in (signal.SIGCONT, signal.SIGSTOP, signal.SIGCONT):
            since = terminal.written
            terminal.process.send_signal(number)
            if number == signal.SIGCONT:
                terminal.expect("Timeline", since=since)
        terminal.send("nwritten after it\r")
        await eventually(lambda: notes(tmp_path) == ["written after it"], timeout=30)
        terminal.hang_up()
        await eventually(lambda: terminal.process.poll() is not None, timeout=30)
