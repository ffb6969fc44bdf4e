"""What rings and what is copied: once, by the way that this terminal has, and not at all where that was asked for."""

from __future__ import annotations

import asyncio
import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import stage, staged, story

from cockpit.incident.clocks import Due
from cockpit.screen.terminal.alarms import Alarms
from cockpit.screen.terminal.clipboard import MOST, copy
from cockpit.screen.terminal.escapes import through
from tests.cli.shell import Shell
from tests.terminals import ESCAPES, Terminal

START = datetime(2026, 3, 14, 2, tzinfo=UTC)
NOTIFIED = re.compile(rb"\x1b\]9;([^\x07]*)\x07")


def due(name: str, minutes: float, *, since: float = 0.0) -> Due:
    """A clock that is overdue so many minutes after the start."""
    at = START + timedelta(minutes=minutes)
    return Due(name, name, START + timedelta(minutes=since), at, at)


def after(minutes: float) -> datetime:
    """An instant of the incident."""
    return START + timedelta(minutes=minutes)


class TestAlarms:
    """Which clocks ring."""

    def test_a_clock_rings_once_in_each_of_its_rounds(self) -> None:
        alarms, update = Alarms(), due("update:internal", 30)
        assert alarms.look("a", [update], after(0)) == []
        assert alarms.look("a", [update], after(30)) == [update]
        assert alarms.look("a", [update], after(31)) == []
        again = due("update:internal", 65, since=35)
        assert alarms.look("a", [again], after(40)) == []
        assert alarms.look("a", [again], after(65)) == [again]
        assert alarms.look("a", [again], after(66)) == []

    def test_what_was_overdue_when_one_came_does_not_ring(self) -> None:
        alarms, old, new = Alarms(), due("ack", 5), due("resolve", 60)
        assert alarms.look("a", [old, new], after(10)) == []
        assert alarms.look("a", [old, new], after(60)) == [new]
        assert alarms.look("b", [old], after(61)) == []


def rung(terminal: Terminal) -> int:
    """How often the bell was rung."""
    return ESCAPES.sub(b"", terminal.output).count(b"\a")


@pytest.mark.parametrize(("flags", "times"), [((), 1), (("--no-bell",), 0)])
def test_a_terminal_rings_once_for_what_becomes_overdue(tmp_path: Path, flags: tuple[str, ...], times: int) -> None:
    shell = Shell(tmp_path).declared("--drill")
    env = shell.env(TERM="xterm-256color", LANG="C.UTF-8")
    with Terminal(shell.argv(*flags), env=env, cwd=tmp_path) as terminal:
        terminal.shows("INVESTIGATING")
        terminal.send("/")
        terminal.shows("tab completes")
        terminal.send("ask @bob 1s is it us\r")
        terminal.shows(r"\d\d:\d\d:\d\d.*[Oo]verdue|has not answered|overdue.*ask")
        terminal.send("n")  # what rings is drawn with the next picture: wait for one that comes after it
        terminal.shows("enter records it")
        terminal.send("later\r")
        terminal.shows(r"\d\d:\d\d:\d\d\s+later")
        told = NOTIFIED.findall(terminal.output)
        assert rung(terminal) == times
        assert len(told) == times
        assert all(b"overdue" in each and b"DRILL" in each for each in told)


def in_base64(text: str) -> str:
    """As OSC 52 carries it."""
    return base64.b64encode(text.encode()).decode()


def copied(folder: Path) -> str:
    """What is in the one file that copying has left."""
    (path,) = folder.glob("cockpit-copied-*.txt")
    return path.read_text()


class TestCopying:
    """By which way a text goes, by what the environment says of the terminal."""

    def test_by_osc_52_to_a_terminal(self) -> None:
        sent, text = list[str](), "ls -l\nü"
        assert asyncio.run(copy(text, sent.append, {"TERM": "xterm-256color"})) == "copied"
        assert sent == [f"\033]52;c;{in_base64(text)}\a"]

    def test_through_gnu_screen_in_pieces(self) -> None:
        sent: list[str] = []
        assert asyncio.run(copy("x" * 500, sent.append, {"TERM": "screen", "STY": "1.a"})) == "copied"
        pieces = re.findall(r"\x1bP(.*?)\x1b\\", sent[0], re.DOTALL)
        assert "".join(pieces) == f"\033]52;c;{in_base64('x' * 500)}\a"
        assert max(map(len, pieces)) < 256

    @pytest.mark.parametrize(
        "environ",
        [
            {"TERM": "linux"},
            {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"},
            {"TERM": "xterm-256color", "VTE_VERSION": "7600"},
            {"TERM": "tmux-256color", "TMUX": "/nowhere,1,0", "PATH": "/nowhere"},
        ],
        ids=lambda environ: " ".join(environ.values()),
    )
    def test_into_a_file_where_the_terminal_takes_none(
        self, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        sent: list[str] = []
        said = asyncio.run(copy("kubectl ▲", sent.append, environ))
        path = Path(said.split(" is in ")[1])
        assert path.read_text(encoding="utf-8") == "kubectl ▲"
        assert path.stat().st_mode & 0o077 == 0
        assert sent == []

    def test_what_is_too_long_goes_into_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        sent: list[str] = []
        said = asyncio.run(copy("x" * (MOST + 1), sent.append, {"TERM": "xterm-256color"}))
        assert len(Path(said.split(" is in ")[1]).read_bytes()) == MOST + 1
        assert sent == []

    def test_where_no_file_can_be_written_it_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", "/nowhere")
        assert "no file could be written" in asyncio.run(copy("x", lambda _: None, {"TERM": "linux"}))

    @pytest.mark.anyio
    async def test_the_cockpit_says_where_it_went(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        for name in ("TMUX", "STY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("TERM", "linux")
        async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
            cockpit.app.copy_to_clipboard("kubectl get pods")
            await cockpit.sees("this terminal takes no copy")
        assert copied(tmp_path) == "kubectl get pods"


def test_a_sequence_goes_through_tmux_with_its_escapes_doubled() -> None:
    sequence = "\033]9;overdue\a"
    assert through(sequence, {}) == sequence
    assert through(sequence, {"TMUX": "/s,1,0"}) == "\033Ptmux;\033\033]9;overdue\a\033\\"
    assert through(sequence, {"TMUX": "/s,1,0", "STY": "1.a", "TERM_PROGRAM": "tmux"}).startswith("\033Ptmux;")
    assert through(sequence, {"TMUX": "/s,1,0", "STY": "1.a"}) == f"\033P{sequence}\033\\"
