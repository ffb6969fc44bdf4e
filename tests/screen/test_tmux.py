"""The demo in a real tmux: flown by keys at 80×24, ended by signals, read only, resized under every dialog."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from screen.flying import housed, options
from screen.tmux import PROMPT, Tmux, session

from cockpit.incident.entry import Entry
from cockpit.record.verify import Verdict
from cockpit.room.room import Room
from tests.postgres import is_alive

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

CLEAN = {"alternate_on": "0", "mouse_any_flag": "0", "mouse_sgr_flag": "0", "cursor_flag": "1", "keypad_flag": "0",
         "keypad_cursor_flag": "0"}  # fmt: skip


def demo(tmux: Tmux, *more: str) -> None:
    """Start the demo, and wait until the service breaks before its eyes."""
    tmux.cockpit("demo", "--speed", "20", "--directory", "demo", "--as", "@ada", *more)
    tmux.sees("CrashLoop", "k8s●", "prom●")


def declared(tmux: Tmux) -> None:
    """Declare what the cockpit proposes, and nothing of what that brings along."""
    tmux.keys("D")
    tmux.sees("Declare an incident")
    tmux.keys("Enter")
    tmux.sees("does only")
    tmux.keys("o")


def record(folder: Path) -> tuple[list[Entry], Verdict]:
    """The demo's record and what its verification says."""

    async def read() -> tuple[list[Entry], Verdict]:
        asked = options(folder / "demo", folder / "demo" / "cockpit.yaml", read_only=True)
        async with housed(asked) as house:
            room: Room = house.room
            return list(room.timeline.entries), await house.store.verify()

    return asyncio.run(read())


def texts(entries: list[Entry], kind: str) -> list[str]:
    """What the entries of `kind` say."""
    return [str(entry.payload.get("text")) for entry in entries if entry.kind == kind]


def test_the_demo_is_flown_by_keys(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        demo(tmux)
        declared(tmux)
        tmux.sees("INVESTIGATING", "IC nobody")
        tmux.keys("r")
        tmux.sees("Incident commander")
        tmux.keys("Enter")
        tmux.sees("IC @ada")
        tmux.sees("suggested: Pod Crash")
        tmux.keys("a")
        tmux.sees("Roll back")
        tmux.keys("Enter")
        tmux.sees("--to-revision=42", "no (default)")
        tmux.keys("Enter")
        tmux.keys("y")
        tmux.sees("verified")
        tmux.keys("Escape")
        tmux.sees("5/5 ready")
        tmux.keys("/")
        tmux.type("resolve payments are normal")
        tmux.keys("Enter")
        tmux.sees("Still in place")
        tmux.keys("y")
        tmux.sees("What others are told")
        tmux.keys("Enter")
        tmux.sees("does only")
        tmux.keys("o")
        tmux.sees("RESOLVED")
        tmux.keys("x")
        tmux.sees("written:")
        tmux.keys("q")
        tmux.sees("it ended with 0", PROMPT)
        assert tmux.modes() == CLEAN
    (written,) = tmp_path.glob("INC-*.md")
    assert "--to-revision=42" in written.read_text(encoding="utf-8")
    entries, verdict = record(tmp_path)
    assert verdict.sound
    kinds = [entry.kind for entry in entries]
    runs = [kind for kind in kinds if kind.startswith("run-") and kind != "run-effect"]
    assert runs == ["run-intent", "run-result", "run-verified"]
    assert texts(entries, "status")[-1] == "payments are normal"


def test_a_terminal_that_is_gone_ends_the_cockpit(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        demo(tmux)
        pid = tmux.pid
        tmux("kill-server")
        tmux.waits(lambda: not is_alive(pid), lambda: f"the cockpit goes on without a terminal: {pid}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_clean_and_loses_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with session(tmp_path) as tmux:
        demo(tmux)
        assert tmux.modes()["alternate_on"] == "1"
        tmux.keys("n")
        tmux.sees("enter records it")
        tmux.type("the first note")
        tmux.keys("Enter")
        tmux.loses("enter records it")
        tmux.keys("n")
        tmux.sees("enter records it")
        tmux.type("half a note")
        tmux.sees("note half a note")
        os.kill(tmux.pid, number)
        seen = tmux.sees(f"it ended with {128 + number}", PROMPT)
        assert "Traceback" not in seen
        assert "╭" not in seen
        assert tmux.modes() == CLEAN
        tmux.shell("echo typed as ever")
        tmux.sees("\ntyped as ever")
    entries, verdict = record(tmp_path)
    assert verdict.sound
    assert texts(entries, "note") == ["the first note"]
    assert any("half a note" in path.read_text() for path in (tmp_path / "demo" / "drafts").iterdir())


def test_a_terminal_that_vanishes_leaves_nothing_running(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        demo(tmux)
        pid = tmux.pid
        tmux.keys("n")
        tmux.sees("enter records it")
        tmux.type("half a note")
        tmux.sees("note half a note")
        prometheus = yaml.safe_load((tmp_path / "demo" / "cockpit.yaml").read_text())["prometheus"]["main"]["url"]
        tmux("kill-server")
        tmux.waits(lambda: not Path(f"/proc/{pid}").exists(), lambda: f"process {pid} goes on without a terminal")
        tmux.waits(lambda: not answers(prometheus), lambda: "the simulator goes on without its cockpit")
    assert any("half a note" in path.read_text() for path in (tmp_path / "demo" / "drafts").iterdir())
    assert record(tmp_path)[1].sound


def answers(url: str) -> bool:
    """Whether something listens there."""
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname or "", address.port or 0)) == 0


def test_read_only_shows_and_never_writes(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        demo(tmux)
        declared(tmux)
        tmux.sees("INVESTIGATING")
        tmux.keys("q")
        tmux.sees("it ended with 0")
        before = record(tmp_path)[0]
        tmux("clear-history")
        tmux.shell("clear")
        demo(tmux, "--read-only")
        tmux.sees("read-only", "INVESTIGATING")
        tmux.keys("D", "e", "u", "n", "3", "Space")
        assert "[x]" not in tmux.sees("this cockpit was started with", "[ ] Acknowledge")
        tmux.keys("/")
        tmux.sees("tab completes")
        tmux.type("note never")
        tmux.keys("Enter")
        tmux.sees("it shows, and never writes")
        tmux.keys("Escape")
        tmux.loses("note never")
        tmux.keys("a")
        tmux.sees("Roll back")
        tmux.keys("Enter")
        tmux.sees("cannot run", "read-only")
        tmux.keys("y", "Escape")
        tmux.sees("enter runs or previews")
        tmux.keys("Escape")
        tmux.sees("INVESTIGATING")
        tmux.keys("q")
        tmux.sees("it ended with 0")
    assert record(tmp_path)[0] == before


def test_a_resize_to_the_same_size_paints_what_the_terminal_lost(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        demo(tmux)
        with open(tmux("display-message", "-p", "#{pane_tty}").strip(), "w") as terminal:
            terminal.write("\033[2J")
        tmux.loses("4 Timeline")
        os.kill(tmux.pid, signal.SIGWINCH)
        tmux.sees(" a act ", "1 Pods", "4 Timeline")


STORM = ((40, 10), (200, 60), (60, 16), (20, 5), (59, 15), (120, 40), (1, 1), (80, 24))

DIALOGS = {
    "declare": ("D",), "severity": ("e",), "roles": ("r",), "update": ("u",), "asked update": ("u", "x", "Enter"),
    "scribe": ("s",), "help": ("?",), "messages": ("m",), "sources": ("v",), "incidents": ("i",), "act": ("a",),
    "rollback": ("a", "Enter"), "what changed": ("c",), "describe": ("1", "d"), "log": ("1", "l"),
    "signal": ("2", "Enter"), "entry": ("4", "Enter"), "command": ("/",), "note": ("n", "x"), "filter": ("f", "5"),
    "palette": ("C-p",), "zoom": ("4", "z"),
}  # fmt: skip
OVER = {"asked update": "Record and send?"}
"""What asks a question over a dialog, which an escape of its own leaves."""


def at_home(tmux: Tmux) -> bool:
    """Whether the cockpit is on the screen, whole, drawn for its last size, and with nothing over it."""
    picture = tmux.picture
    return " a act " in picture.splitlines()[-1] and all(
        word in picture for word in ("INVESTIGATING", "1 Pods", "4 Timeline")
    )


def test_a_storm_of_sizes_breaks_no_dialog(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        demo(tmux)
        declared(tmux)
        tmux.sees("INVESTIGATING")
        for name, keys in DIALOGS.items():
            for key in keys:
                tmux.keys(key)
            # what is not open yet is not left by an escape
            tmux.waits(lambda: not at_home(tmux), lambda name=name: f"no {name}:\n{tmux.picture}")  # type: ignore[misc]
            if name in OVER:  # an escape more than there is to leave would make the next key another
                tmux.sees(OVER[name])
            tmux.resize(STORM)
            if name in OVER:
                tmux.sees(OVER[name])
                tmux.keys("Escape")
                tmux.loses(OVER[name])
            tmux.keys("Escape")
            tmux.waits(lambda: at_home(tmux), lambda name=name: f"after {name}:\n{tmux.picture}")  # type: ignore[misc]
        tmux.waits(  # right behind an escape a terminal's q is another key: then it is pressed again
            lambda: tmux.keys("q") or "it ended with 0" in tmux.picture, lambda: tmux.picture
        )
