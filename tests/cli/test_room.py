"""`cockpit room` in a real tmux: laid out for the terminal, joined by others, left and come back to."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.rooms import Rooms, rooms
from tests.cli.shell import Shell
from tests.terminals import Terminal

real = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

SIZES = "#{window_name} #{pane_width}x#{pane_height}"
"""tmux's format for the windows of a room."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Rooms]:
    """A tmux server and a cluster that nobody can reach."""
    with rooms(tmp_path) as found:
        yield found


class TestInTmux:
    """A room on a real tmux."""

    pytestmark = real

    def test_a_small_terminal_gets_windows_and_a_large_one_panes(self, server: Rooms) -> None:
        with (
            server.terminal("room", "small", size=(80, 24)) as little,
            server.terminal("room", "wide", size=(200, 50)) as large,
        ):
            little.expect("1 Pods")
            large.expect("1 Pods")
            for name in ("cockpit", "timeline", "shell"):  # tmux gives a window its size when somebody looks at it
                server.tmux("select-window", "-t", f"=small:{name}")
                server.waits(
                    lambda name=name: f"{name} 80x23" in server.panes(SIZES, "small"),  # type: ignore[misc]
                    lambda: f"it has {server.panes(SIZES, 'small')}",
                )
            assert len(server.panes(SIZES, "small")) == 3
            wide = server.panes("#{@cockpit-part} #{pane_width} #{window_index}", "wide")
            assert [line.split()[0] for line in wide] == ["cockpit", "timeline", "shell"]
            assert len({line.split()[2] for line in wide}) == 1
            server.waits(
                lambda: 120 <= int(server.panes("#{pane_width}", "wide")[0]) <= 140,
                lambda: f"the cockpit is as wide as {server.panes('#{pane_width}', 'wide')[0]}",
            )

    def test_a_tall_terminal_has_the_cockpit_above_the_others(self, server: Rooms) -> None:
        with server.terminal("room", "war", size=(100, 50)) as terminal:
            terminal.expect("1 Pods")
            panes = [tuple(map(int, line.split())) for line in server.panes("#{pane_top} #{pane_left} #{pane_width}")]
        (top, left, width), (below, _, _), (beside, right, _) = panes
        assert (top, left, width) == (0, 0, 100)
        assert below == beside > 25
        assert right > 40

    def test_two_terminals_of_different_sizes_share_one_keyboard_and_one_story(self, server: Rooms) -> None:
        with server.terminal("room", "war", size=(200, 50)) as large:
            server.sees("cockpit", "1 Pods", "K: who types?")
            large.expect("1 Pods")
            with server.terminal("room", "war", size=(100, 30)) as small:
                server.waits(lambda: len(server.tmux("list-clients").splitlines()) == 2, lambda: "one client only")
                server.waits(
                    lambda: server.panes("#{window_width} #{window_zoomed_flag}")[0] == "100 1",
                    lambda: str(server.panes("#{window_width} #{window_zoomed_flag}")),
                )
                server.sees("cockpit", "1 Pods", "4 Timeline")
                small.send("K")
                server.sees("cockpit", "Claim the keyboard")
                small.send("@bob")
                server.sees("cockpit", "@bob")
                small.send("\r")
                server.sees("cockpit", "@bob types")
                since = large.written
                small.send("n")
                server.sees("cockpit", "note", "enter records it")
                small.send("seen by both\r")
                server.sees("cockpit", "seen by both")
                large.expect("seen by both", since=since)
                server.sees("timeline", "y both", "@bob")  # behind the zoomed cockpit it is narrow
                small.send("\x02d")
                assert small.process.wait(30) == 0
            server.waits(
                lambda: server.panes("#{window_width} #{window_zoomed_flag}")[0] == "200 0",
                lambda: str(server.panes("#{window_width} #{window_zoomed_flag}")),
            )
            widths = [int(line) for line in server.panes("#{pane_width}")]
            assert widths[0] > 120
            assert min(widths) > 50

    def test_it_is_left_goes_on_and_fits_the_terminal_that_comes_back(self, server: Rooms) -> None:
        with server.terminal("room", "war", size=(80, 24)) as first:
            server.sees("cockpit", "1 Pods")
            first.send("\x02d")
            first.expect("detached")
            assert first.process.wait(30) == 0
        with server.terminal("room", "war", size=(132, 43)):
            server.waits(
                lambda: "132x42" in server.panes("#{pane_width}x#{pane_height}"),
                lambda: str(server.panes("#{pane_width}x#{pane_height}")),
            )
            server.waits(
                lambda: max(map(len, server.sees("cockpit", "1 Pods", "? help").splitlines())) == 132,
                lambda: server.picture("cockpit"),
            )

    def test_a_cockpit_that_was_left_is_there_again_for_who_joins(self, server: Rooms) -> None:
        with server.terminal("room", "war") as first:
            server.sees("cockpit", "1 Pods")
            first.send("q")
            server.waits(lambda: "1" in server.panes("#{pane_dead}"), lambda: server.picture("cockpit"))
            with server.terminal("room", "war"):
                server.sees("cockpit", "1 Pods", "4 Timeline")
                assert set(server.panes("#{pane_dead}")) == {"0"}

    def test_inside_tmux_it_switches_and_nests_nothing(self, server: Rooms) -> None:
        server.tmux("new-session", "-d", "-s", "mine", "-x", "100", "-y", "30", "sh", "-i")
        with server.terminal("room", "war", size=(100, 30)) as terminal:
            server.sees("cockpit", "1 Pods")
            server.tmux("switch-client", "-t", "=mine")
            line = " ".join(server.command)
            server.tmux("send-keys", "-t", "=mine:", "-l", f"{line} room other")
            server.tmux("send-keys", "-t", "=mine:", "Enter")
            server.waits(
                lambda: server.tmux("list-clients", "-F", "#{client_session}") == "other",
                lambda: server.tmux("capture-pane", "-p", "-t", "=mine:"),
            )
            assert terminal.process.poll() is None

    def test_the_shell_has_the_callers_environment_to_the_letter(self, server: Rooms) -> None:
        odd = """it's "$HOME" `id` #{pane_id} \\ ; kill-server"""
        with server.terminal("--incident", "INC-2026-001", "room", "war", ODD=odd):
            server.waits(lambda: server.part("shell"), lambda: "no shell")
            server.tmux("send-keys", "-t", server.part("shell"), "printenv ODD COCKPIT_INCIDENT COCKPIT_AS", "Enter")
            server.sees("shell", odd, "INC-2026-001", "@ada")

    def test_flags_are_handed_on(self, server: Rooms) -> None:
        (server.folder / "cockpit").mkdir()
        with server.terminal("--no-mouse", "--ascii", "--no-bell", "--role", "ops", "room", "war"):
            server.waits(lambda: server.part("shell"), lambda: "no shell")
            words = server.panes("#{pane_start_command}")[0]
        for flag in ("--no-mouse", "--ascii", "--no-bell", "--shared", "--role=ops", "--context=far", "--as=@ada"):
            assert flag in words

    def test_a_session_that_is_no_room_is_left_alone(self, server: Rooms) -> None:
        server.tmux("new-session", "-d", "-s", "war", "sleep", "600")
        with server.terminal("room", "war") as terminal:
            terminal.expect("the tmux session war is no room")
            assert terminal.process.wait(30) == 2
        assert server.panes("#{pane_start_command}") == ["sleep 600"]

    def test_a_room_is_on_one_incident(self, server: Rooms) -> None:
        with server.terminal("room", "war"):
            server.waits(lambda: server.part("shell"), lambda: "no shell")
            with server.terminal("room", "war", "INC-2026-007") as other:
                other.expect("the room war is on whichever incident is open")
                assert other.process.wait(30) == 2

    def test_without_tmux_it_says_what_to_install_and_what_to_run(self, server: Rooms) -> None:
        with server.terminal("room", "war", PATH="/nonexistent") as terminal:
            terminal.expect("tmux is not installed.*install the package tmux")
            terminal.expect("cockpit --shared")
            assert terminal.process.wait(30) == 1


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a.b", "=war", "-war", "$(id)", "a;b", "x" * 33, "wär"])
def test_a_name_that_tmux_would_read_as_something_else_is_refused(shell: Shell, name: str) -> None:
    shell("room", "--", name).wrong("letters, digits")


def test_without_a_terminal_it_says_so(shell: Shell) -> None:
    shell("room", "war").failed("no terminal")


def test_the_timeline_follows_what_others_write(shell: Shell) -> None:
    shell.declared()

    argv = shell.argv("incident", "timeline", "--follow")
    with subprocess.Popen(argv, cwd=shell.folder, env=shell.env(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert "declared P1" in process.stdout.readline()
            shell("incident", "note", "the gateway says no").ok()
            assert any("the gateway says no" in line for line in process.stdout)
        finally:
            process.terminate()


def test_a_terminal_without_utf8_is_printed_ascii_and_a_pipe_all_of_it(shell: Shell) -> None:
    shell.declared()("incident", "note", "naïve ▲ 界").ok()
    env = shell.env(TERM="xterm", LC_ALL="C")
    with Terminal(shell.argv("incident", "timeline"), env=env, cwd=shell.folder) as terminal:
        terminal.expect(r"naive ! \?\?")
        assert terminal.process.wait(30) == 0
        assert terminal.output.isascii()
    assert "naïve ▲ 界" in shell("incident", "timeline", env={"LC_ALL": "C"}).ok().out
