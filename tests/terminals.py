"""A program in a pseudo-terminal of its own: what it writes and when, keys sent to it, and its end."""

from __future__ import annotations

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
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ESCAPES = re.compile(rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^][^\x1b]*\x1b\\|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])")
"""Control sequences as ECMA-48 forms them: operating-system commands, strings, CSI, and the short ones."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The caller's environment with a colour terminal, a state folder under `folder` and no settings of the cockpit."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COCKPIT_", "TEXTUAL")) and k != "NO_COLOR"}
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
        self._output = b""
        self._news = threading.Condition()
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
            while data := os.read(self._master, 65536):
                with self._news:
                    self._output += data
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def written(self) -> int:
        """How many bytes it has written."""
        return len(self._output)

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

    def send(self, keys: str) -> None:
        """Type `keys`."""
        os.write(self._master, keys.encode())

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send it a signal, wait for its end, and give its return code as `subprocess` does."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        code = self.process.wait(30)
        self._reader.join(5)
        with suppress(OSError):
            os.close(self._master)
        self._master = -1
        return code
