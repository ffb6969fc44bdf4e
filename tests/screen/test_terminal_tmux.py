"""The cockpit in a real tmux: stopped and gone on with, at another size, under a storm of sizes, and copied from."""

from __future__ import annotations

import asyncio
import difflib
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from screen.tmux import PROMPT, Tmux, session

from cockpit.screen.terminal.clipboard import copy
from tests.test_crash_cockpit import cockpit

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

STORM = [(40 + 23 * n % 170, 8 + 11 * n % 50) for n in range(60)]
"""Sixty sizes, from 40×8 to 209×57."""


def fly(tmux: Tmux, *more: str) -> None:
    """Start a cockpit whose cluster is not there, from a shell with job control."""
    tmux.shell("set -m")
    tmux.shell("; ".join((f"PYTHONPATH={':'.join(sys.path)}", "export PYTHONPATH")))
    tmux.shell("clear")
    tmux.cockpit(*cockpit(tmux.folder)[3:], "--as", "@ada", *more)
    tmux.sees("1 Pods", "4 Timeline", "? help")


def still(tmux: Tmux) -> str:
    """The picture, but for what counts seconds."""
    return "\n".join(line for line in tmux("capture-pane", "-p", "-e").splitlines() if " for " not in line)


def test_it_stops_for_the_shell_and_goes_on_as_it_was(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        fly(tmux)
        tmux.keys("n")
        tmux.sees("enter records it")
        tmux.type("half a note")
        tmux.sees("note half a note")
        tmux.keys("C-z")
        tmux.sees("Stopped", PROMPT)
        assert tmux.modes()["alternate_on"] == "0"
        assert tmux.modes()["mouse_any_flag"] == "0"
        tmux.shell("echo the shell works")
        tmux.sees("\nthe shell works")
        tmux.shell("fg")
        picture = tmux.sees("1 Pods", "4 Timeline", "note half a note")
        assert "the shell works" not in picture
        assert tmux.modes()["alternate_on"] == "1"
        tmux.type(", and the rest")
        tmux.keys("Enter")
        tmux.sees("half a note, and", "? help")


def test_the_program_that_started_it_stops_with_it(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        tmux.shell("set -m")
        (tmp_path / "wrapper.sh").write_text(
            f"PYTHONPATH={':'.join(sys.path)}; export PYTHONPATH\n"
            f"sh -c 'echo $$ >pid; exec {' '.join(cockpit(tmp_path))}'; echo $?\n"
        )
        tmux.shell("clear; sh wrapper.sh")
        tmux.sees("1 Pods", "? help")
        for _ in range(3):
            tmux.keys("C-z")
            tmux.sees("Stopped")
            tmux.shell("fg")  # at once: the shell waits for the wrapper alone, and the cockpit must not stop after it
            tmux.sees("1 Pods", "? help")
            tmux.keys("n")
            tmux.sees("enter records it")
            tmux.keys("Escape")
            tmux.loses("enter records it")


def test_it_is_not_left_stopped_by_a_terminal_that_goes_as_it_stops(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        fly(tmux)
        tmux.keys("C-z")
        tmux("kill-server")
        tmux.waits(lambda: not Path(f"/proc/{tmux.pid}").exists(), lambda: Path(f"/proc/{tmux.pid}/status").read_text())


def test_it_goes_on_at_the_size_that_the_terminal_has_then(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        fly(tmux)
        tmux.keys("C-z")
        tmux.sees("Stopped", PROMPT)
        tmux.resize([(132, 43)])
        tmux.shell("fg")
        tmux.waits(
            lambda: max(map(len, tmux.sees("1 Pods", "? help").splitlines())) == 132,
            lambda: tmux.picture,
        )


def test_where_there_is_no_shell_it_does_not_stop(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        path = f"PYTHONPATH={':'.join(sys.path)}"
        tmux("set-option", "-g", "remain-on-exit", "on")
        tmux("respawn-pane", "-k", "-c", str(tmp_path), "env", path, *cockpit(tmp_path))
        tmux.sees("1 Pods", "? help")
        tmux.keys("C-z")
        tmux.sees("no shell below this cockpit")
        tmux.keys("n")
        tmux.sees("enter records it")


def test_a_storm_of_sizes_leaves_the_picture_that_painting_it_again_gives(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        fly(tmux)
        tmux.resize([*STORM, (100, 30)])
        tmux.waits(
            lambda: max(map(len, tmux.sees("1 Pods", "? help").splitlines())) == 100,
            lambda: tmux.picture,
        )
        tmux.keys("n")
        tmux.sees("enter records it")
        tmux.keys("Escape")
        tmux.loses("enter records it")  # a key right behind an escape would be another key
        tmux.keys("4", "z")
        tmux.loses("1 Pods")
        differ: list[str] = []

        def the_same() -> bool:
            before = still(tmux)
            with open(tmux("display-message", "-p", "#{pane_tty}").strip(), "w") as terminal:
                terminal.write("\033[2J")  # whatever comes from now on was painted again
            tmux.loses("4 Timeline")
            tmux.keys("C-l")
            tmux.sees("4 Timeline", "? help")
            differ[:] = difflib.unified_diff(before.splitlines(), still(tmux).splitlines(), lineterm="")
            return not differ

        tmux.waits(the_same, lambda: repr(differ))


def test_signals_of_resizing_one_upon_the_other_end_nothing(tmp_path: Path) -> None:
    with session(tmp_path) as tmux:
        fly(tmux)
        for _ in range(300):
            os.kill(tmux.pid, signal.SIGWINCH)
        tmux.keys("?")
        tmux.sees("esc back")
        tmux.keys("Escape")
        tmux.sees("1 Pods", "? help")


@pytest.mark.parametrize(
    "text", ["kubectl -n production rollout undo", "ünï ▲\nzwei\n", "x" * 200_000], ids=["line", "lines", "long"]
)
def test_a_copy_comes_to_tmux_to_the_letter(tmp_path: Path, text: str) -> None:
    with session(tmp_path) as tmux:
        socket = tmux("display-message", "-p", "#{socket_path},#{pid},0").strip()
        environ = dict(os.environ) | {"TMUX": socket, "TMUX_PANE": tmux("display-message", "-p", "#{pane_id}").strip()}
        sent: list[str] = []
        said = asyncio.run(copy(text, sent.append, environ))
        assert said.startswith("copied")
        assert tmux("show-buffer").splitlines() == text.splitlines()
        assert sent == []
