"""A real tmux on a server of its own: a shell in a pane, keys sent to it, and what the pane shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PROMPT = "ready$"
ROOT = Path(__file__).resolve().parents[2]


class Tmux:
    """One session with one pane, which runs a plain shell in `folder`."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self.folder = folder
        self._home = Path(tempfile.mkdtemp(prefix="cockpit-"))  # a socket's path may have 107 bytes only
        kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START") if name in os.environ}
        place = {"HOME": str(folder), "XDG_STATE_HOME": str(folder), "TMPDIR": str(self._home), "PYTHONPATH": str(ROOT)}
        self._env = kept | place | {"LANG": "C.UTF-8", "TERM": "xterm-256color", "PS1": f"{PROMPT} ", "ENV": ""}
        sized = ("-x", str(size[0]), "-y", str(size[1]))
        self("new-session", "-d", *sized, "-c", str(folder), "env", f"PS1={PROMPT} ", "sh")
        self("set-option", "-g", "window-size", "manual")
        self("set-option", "-g", "default-terminal", "tmux-256color")
        self("set-option", "-s", "escape-time", "0")

    def __call__(self, *words: str) -> str:
        """Run a tmux command; gives what it printed."""
        argv = ["tmux", "-S", str(self._home / "socket"), "-f", os.devnull, *words]
        done = subprocess.run(argv, env=self._env, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def end(self) -> None:
        """End the server and all in it."""
        with suppress(AssertionError):
            self("kill-server")
        shutil.rmtree(self._home, ignore_errors=True)

    def keys(self, *names: str) -> None:
        """Send keys by tmux's names."""
        self("send-keys", *names)

    def type(self, text: str) -> None:
        """Send text as it stands."""
        self("send-keys", "-l", text)

    def shell(self, line: str) -> None:
        """Type a line into the shell, and enter."""
        self.type(line)
        self.keys("Enter")

    def cockpit(self, *words: str) -> None:
        """Run the cockpit from the shell, which says its exit code afterwards; its process id goes to a file."""
        command = " ".join([sys.executable, "-m", "cockpit", *words])
        self.shell(f"""sh -c 'echo $$ >pid; exec {command}'; echo "it ended with $?" """)

    @property
    def pid(self) -> int:
        """The process id of the cockpit."""
        return int((self.folder / "pid").read_text())

    @property
    def picture(self) -> str:
        """What the pane shows."""
        return self("capture-pane", "-p")

    def modes(self) -> dict[str, str]:
        """Which modes a program has left on: alternate screen, mouse reports, cursor, keypad."""
        names = ("alternate_on", "mouse_any_flag", "mouse_sgr_flag", "cursor_flag", "keypad_flag", "keypad_cursor_flag")
        return dict(
            zip(names, self("display-message", "-p", " ".join(f"#{{{n}}}" for n in names)).split(), strict=True)
        )

    def sees(self, *words: str, timeout: float = 30.0) -> str:
        """Wait until every one of `words` stands in the pane; gives the picture."""

        def seen() -> str:
            picture = self.picture
            return picture if all(word in picture for word in words) else ""

        return str(self.waits(seen, lambda: f"never saw {words}:\n{self.picture}", timeout))

    def loses(self, words: str, timeout: float = 30.0) -> None:
        """Wait until `words` do not stand in the pane any more."""
        self.waits(lambda: words not in self.picture, lambda: f"never lost {words}:\n{self.picture}", timeout)

    def waits(self, fact: Callable[[], object], why: Callable[[], str], timeout: float = 30.0) -> object:
        """Poll until `fact` gives something true."""
        deadline, pause = time.monotonic() + timeout, 0.02
        while not (found := fact()):
            assert time.monotonic() < deadline, why()
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)  # each look is a process of tmux
        return found

    def resize(self, sizes: Sequence[tuple[int, int]]) -> None:
        """Make the window these sizes, one after the other."""
        for width, height in sizes:
            self("resize-window", "-x", str(width), "-y", str(height))


@contextmanager
def session(folder: Path, size: tuple[int, int] = (80, 24)) -> Iterator[Tmux]:
    """A tmux, until the block ends."""
    tmux = Tmux(folder, size)
    try:
        tmux.sees(PROMPT)
        yield tmux
    finally:
        tmux.end()
