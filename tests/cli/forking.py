"""Commands in processes of their own that begin where loading ends: forked from one process that has loaded all of it.

A new Python takes over half a second to load the cockpit, which is most of what a command takes. Everything after the
loading is the command's own: arguments, environment, folder, standard streams, exit code, and what is done at the end.
Only the modules are not taken apart at last, which takes longer than most commands.
What only a start from nothing can show has tests of its own, and COCKPIT_TEST_COLD=1 starts every command from nothing.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

COLD = bool(os.environ.get("COCKPIT_TEST_COLD"))
"""Whether every command shall be started from nothing."""

TIMEOUT = 120.0
"""Seconds that a command may take."""

AT_START = ("PYTHON", "LANG", "LC_", "TZ")
"""Beginnings of the names of what Python reads from the environment only as it starts."""


class Forks:
    """The process that has loaded everything, and the commands that it is asked for; it ends with this one.

    Args:
        env: what it starts with, of which every command's environment has the same names of `AT_START`.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.at_start = at_start(env)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argv = [sys.executable, "-m", "tests.cli.forked", str(theirs.fileno())]
            self._process = subprocess.Popen(
                argv, pass_fds=[theirs.fileno()], cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL
            )

    def close(self) -> None:
        """Ask for nothing more, and wait for its end."""
        self._control.close()
        self._process.wait(TIMEOUT)

    def run(
        self, args: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run `cockpit ARGS` to its end, as `subprocess.run` does; raises subprocess.TimeoutExpired."""
        with ExitStack() as stack:
            streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            streams[0].write((stdin or "").encode())
            streams[0].seek(0)
            with self.start(args, cwd, env, [stream.fileno() for stream in streams]) as running:
                code = running.wait()
            for stream in streams:
                stream.seek(0)
            _, out, err = (stream.read().decode() for stream in streams)
        return subprocess.CompletedProcess(args, code, out, err)

    def start(self, args: Sequence[str], cwd: Path, env: Mapping[str, str], streams: Sequence[int]) -> Running:
        """Begin `cockpit ARGS`, with these three files for its standard streams."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            asked = json.dumps([list(args), str(cwd), dict(env)]).encode()
            socket.send_fds(self._control, [asked], [*streams, theirs.fileno()])
        return Running(args, ours)


class Running:
    """A command that was begun; when it is left, it has ended."""

    def __init__(self, args: Sequence[str], told: socket.socket) -> None:
        self._args, self._told = args, told
        self._told.settimeout(TIMEOUT)
        self._pid = int(told.recv(32))
        self._code: int | None = None

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        with self._told:
            self.send_signal(signal.SIGKILL)
            self.wait()

    def wait(self, timeout: float = TIMEOUT) -> int:
        """Its exit code, once it has ended; raises subprocess.TimeoutExpired."""
        if self._code is None:
            self._told.settimeout(timeout)
            try:
                said = self._told.recv(32)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(list(self._args), timeout) from None
            assert said, "the process that commands are forked from has ended"
            self._code = os.waitstatus_to_exitcode(int(said))
        return self._code

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0.0)
        return self._code

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        """Send it a signal, while it runs."""
        with suppress(ProcessLookupError):
            if self._code is None:
                os.kill(self._pid, number)


def at_start(env: Mapping[str, str]) -> dict[str, str]:
    """What of an environment Python reads only as it starts."""
    return {name: value for name, value in env.items() if name.startswith(AT_START)}


@functools.cache
def _forks(started: tuple[tuple[str, str], ...]) -> Forks:
    forks = Forks({"PATH": os.environ["PATH"], **dict(started)})
    atexit.register(forks.close)
    return forks


def forks(env: Mapping[str, str]) -> Forks:
    """The process for commands with such an environment, which is started once."""
    return _forks(tuple(sorted(at_start(env).items())))


def begun(
    args: Sequence[str], cwd: Path, env: Mapping[str, str], streams: Sequence[int]
) -> Running | subprocess.Popen[bytes]:
    """`cockpit ARGS`, begun in a process of its own with these three files for its standard streams.

    A block is entered with it, at whose end it has ended.
    """
    if not COLD:
        return forks(env).start(args, cwd, env, streams)
    stdin, stdout, stderr = streams
    argv = [sys.executable, "-m", "cockpit", *args]
    return subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd, env=dict(env))
