"""A program in a pseudo-terminal of its own: what it writes and when, keys sent to it, and its end."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.grid import Grid

ESCAPES = re.compile(rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^][^\x1b]*\x1b\\|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])")
"""Control sequences as ECMA-48 forms them: operating-system commands, strings, CSI, and the short ones."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The caller's environment with a colour terminal, a state folder under `folder` and no settings of the cockpit."""
    strange = ("NO_COLOR", "COLUMNS", "LINES")  # a test's worker process has the two of the terminal of the tests
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COCKPIT_", "TEXTUAL")) and k not in strange}
    return kept | {"TERM": "xterm-256color", "XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)} | more


class Terminal:
    """Runs `argv` until it ends or the `with` block is left, which kills it.

    Args:
        argv: program and arguments.
        env: its whole environment; see `environment`.
        cwd: its folder.
        size: columns and rows.
    """

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, size: tuple[int, int] = (80, 24)
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.heard = 0.0
        """When what it last wrote was read, on the monotonic clock: what it shows is worked out after that."""
        self._output = b""
        self._grid, self._decoder = Grid(*size), codecs.getincrementaldecoder("utf-8")("replace")
        self._news = threading.Condition()
        self._reads = threading.Event()
        self._reads.set()
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=dict(env), cwd=cwd, start_new_session=True
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read(self) -> None:
        with suppress(OSError):  # the other side was closed: the program has ended
            while self._reads.wait() and (data := os.read(self._master, 65536)):
                at = time.monotonic()
                with self._news:
                    self.heard = at
                    self._output += data
                    self._grid.feed(self._decoder.decode(data))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def written(self) -> int:
        """How many bytes it has written."""
        return len(self._output)

    @property
    def output(self) -> bytes:
        """All that it has written."""
        return self._output

    def text(self, since: int = 0) -> str:
        """What it wrote after the first `since` bytes, without control sequences."""
        return ESCAPES.sub(b"", self._output[since:]).decode(errors="replace")

    def expect(self, pattern: str, *, since: int = 0, timeout: float = 30.0) -> float:
        """Wait until `pattern` is in its text.

        Returns:
            Seconds from its start until then.

        Raises:
            AssertionError: it ended, or `timeout` seconds passed, without; with the text that was there.
        """
        deadline, wanted = time.perf_counter() + timeout, re.compile(pattern)
        with self._news:
            while not wanted.search(self.text(since)):
                left = deadline - time.perf_counter()
                if left <= 0 or not self._reader.is_alive():
                    raise AssertionError(f"{pattern!r} never came; the last text was: {self.text(since)[-2000:]}")
                self._news.wait(min(left, 0.5))
            return time.perf_counter() - self.began

    @property
    def picture(self) -> str:
        """What it shows now, line by line."""
        with self._news:
            return self._grid.picture

    def shows(self, pattern: str, *, timeout: float = 30.0) -> str:
        """Wait until `pattern` is in its picture, of which a program may send only what changed; gives the picture.

        Raises:
            AssertionError: it ended, or `timeout` seconds passed, without; with the picture that was there.
        """
        return self.comes(lambda picture: bool(re.search(pattern, picture)), f"{pattern!r} never came", timeout)

    def hides(self, pattern: str, *, timeout: float = 30.0) -> str:
        """Wait until `pattern` is not in its picture any more; gives the picture. Raises as `shows` does."""
        return self.comes(lambda picture: not re.search(pattern, picture), f"{pattern!r} never went", timeout)

    def comes(self, fact: Callable[[str], bool], why: str, timeout: float = 30.0) -> str:
        """Wait until `fact` holds of its picture; gives the picture. Raises as `shows` does, with `why`."""
        deadline = time.perf_counter() + timeout
        with self._news:
            while not fact(self._grid.picture):
                left = deadline - time.perf_counter()
                if left <= 0 or not self._reader.is_alive():
                    raise AssertionError(f"{why}; it shows:\n{self._grid.picture}")
                self._news.wait(min(left, 0.5))
            return self._grid.picture

    def send(self, keys: str) -> None:
        """Type `keys`."""
        os.write(self._master, keys.encode())

    def resize(self, size: tuple[int, int]) -> None:
        """Give it another size, columns and rows, and say so."""
        with self._news:
            self._grid = Grid(*size)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def stall(self) -> None:
        """Read nothing more of what it writes, as a link that hangs; keys still reach it."""
        self._reads.clear()

    def go_on(self) -> None:
        """Read again."""
        self._reads.set()

    def hang_up(self) -> None:
        """Close the line: the terminal is gone."""
        self.go_on()
        os.close(self._master)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send it a signal, wait for its end, and give its return code as `subprocess` does."""
        self.go_on()
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        code = self.process.wait(30)
        self._reader.join(5)
        with suppress(OSError):
            os.close(self._master)
        self._master = -1
        return code
