"""A tmux server of a test's own, terminals at it of any size, and rooms of cockpits whose cluster nobody can reach."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.terminals import Terminal, environment
from tests.test_crash_cockpit import cockpit

WAIT = 30.0
"""Seconds that anything may take."""


class Rooms:
    """Terminals of one user in front of one tmux server."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.folder = folder
        self.command = [*cockpit(folder), "--as", "@ada"]
        self.env = environment(folder, TMUX_TMPDIR=str(sockets), LANG="C.UTF-8", SHELL="/bin/sh", PS1="ready$ ", ENV="")
        for name in ("TMUX", "TMUX_PANE", "LC_ALL", "STY"):
            self.env.pop(name, None)
        self.env["HOME"] = str(folder)

    @contextmanager
    def terminal(self, *words: str, size: tuple[int, int] = (80, 24), **more: str) -> Iterator[Terminal]:
        """A terminal that runs `cockpit WORDS`, with flags for a cluster that is not there."""
        with Terminal([*self.command, *words], env=self.env | more, cwd=self.folder, size=size) as terminal:
            yield terminal

    def tmux(self, *words: str) -> str:
        """A command of tmux; gives what it printed."""
        done = subprocess.run(["tmux", *words], env=self.env, capture_output=True, text=True, timeout=WAIT)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout.strip()

    def panes(self, format: str, name: str = "war") -> list[str]:
        """A line for each pane of a room, in tmux's own format."""
        return self.tmux("list-panes", "-s", "-t", f"={name}:", "-F", format).splitlines()

    def part(self, part: str, name: str = "war") -> str:
        """The pane of a part of a room."""
        found = [line.split()[1] for line in self.panes("#{@cockpit-part} #{pane_id}", name) if line.split()[0] == part]
        return found[0] if found else ""

    def picture(self, part: str) -> str:
        """What the pane of a part shows."""
        pane = self.part(part)
        return self.tmux("capture-pane", "-p", "-t", pane) if pane else ""

    def sees(self, part: str, *words: str) -> str:
        """Wait until every one of `words` stands in the pane of `part`; gives its picture."""

        def seen() -> str:
            picture = self.picture(part)
            return picture if all(word in picture for word in words) else ""

        return str(self.waits(seen, lambda: f"never saw {words} in {part}:\n{self.picture(part)}"))

    def waits(self, fact: Callable[[], object], why: Callable[[], str]) -> object:
        """Poll until `fact` gives something true."""
        deadline, pause = time.monotonic() + WAIT, 0.02
        while True:
            try:
                if found := fact():
                    return found
            except AssertionError:  # tmux has no such session yet
                if time.monotonic() > deadline:
                    raise
            assert time.monotonic() < deadline, why()
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)  # each look is a process of tmux


@contextmanager
def rooms(folder: Path) -> Iterator[Rooms]:
    """A server, until the block ends."""
    sockets = Path(tempfile.mkdtemp(prefix="cockpit-"))  # a socket's path may have 107 bytes only
    found = Rooms(folder, sockets)
    try:
        yield found
    finally:
        subprocess.run(["tmux", "kill-server"], env=found.env, capture_output=True, timeout=WAIT)
        shutil.rmtree(sockets, ignore_errors=True)
