"""Commands in processes of their own that begin where loading ends: forked from one process that has loaded all of it.

A new Python takes over half a second to load the cockpit, which is most of what a command takes. Everything after the
loading is the command's own: arguments, environment, folder, standard streams, exit code, and what is done at the end.
Only the modules are not taken apart at last, which takes longer than most commands.
What only a start from nothing can show has tests of its own, and COCKPIT_TEST_COLD=1 starts every command from nothing.
"""

from __future__ import annotations

import atexit
import functools
import gc
import json
import os
import pkgutil
import random
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel

ROOT = Path(__file__).resolve().parents[2]

COLD = bool(os.environ.get("COCKPIT_TEST_COLD"))
"""Whether every command shall be started from nothing."""

TIMEOUT = 120.0
"""Seconds that a command may take."""

AT_START = ("PYTHON", "LANG", "LC_", "TZ")
"""Beginnings of the names of what Python reads from the environment only as it starts."""

LOADED = ("cockpit.action.catalog", "cockpit.kube.access", "cockpit.kube.transport", "cockpit.message.jira.channel",
          "cockpit.message.mail.channel", "cockpit.message.pagerduty.channel", "cockpit.message.templates.sandbox",
          "cockpit.message.slack.bot", "cockpit.message.slack.webhook", "cockpit.message.statuspage",
          "cockpit.record.shared.replicator", "cockpit.room.messages.teller", "cockpit.room.war_room",
          "cockpit.runbook.library", "cockpit.runbook.markdown.importer", "cockpit.runbook.risk.sql",
          "cockpit.signal.board", "cockpit.simulator.scenarios", "cockpit.simulator.server",
          "sqlglot.dialects.postgres", "httpx", "httpcore", "anyio._backends._asyncio", "anyio.abc",
          "anyio.streams.tls")  # fmt: skip
"""What commands load late, beside the command line itself; at its end what httpx loads with its first request."""


class Forks:
    """The process that has loaded everything, and the commands that it is asked for; it ends with this one.

    Args:
        env: what it starts with, of which every command's environment has the same names of `AT_START`.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.at_start = at_start(env)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argv = [sys.executable, "-m", "tests.cli.forking", str(theirs.fileno())]
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
            self._signal(signal.SIGKILL)
            self.wait()

    def wait(self, timeout: float = TIMEOUT) -> int:
        """Its exit code, once it has ended; raises subprocess.TimeoutExpired."""
        if self._code is None:
            self._told.settimeout(timeout)
            try:
                said = self._told.recv(32)
            except TimeoutError:
                raise subprocess.TimeoutExpired(list(self._args), timeout) from None
            assert said, "the process that commands are forked from has ended"
            self._code = os.waitstatus_to_exitcode(int(said))
        return self._code

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
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


def _load() -> None:
    """Load what commands load."""
    from cockpit import cli

    for module in pkgutil.iter_modules(cli.__path__, f"{cli.__name__}."):
        import_module(module.name)
    for name in LOADED:
        import_module(name)
    _build(BaseModel)
    gc.collect()
    gc.freeze()


def _build(model: type[BaseModel]) -> None:
    """Build the models of this kind, which else are built when first needed: by each command for itself."""
    for each in model.__subclasses__():
        each.model_rebuild()
        _build(each)


class _Commands:
    """The other side: forks what it is asked for, and tells how each ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[int, socket.socket] = {}
        self._woken, self._wakes = socket.socketpair()
        for end in (self._woken, self._wakes):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakes.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> tuple[list[str], str, dict[str, str], list[int]] | None:
        """Serve until nobody asks any more: then None. In a command's own process: what it shall do."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._woken in ready:
                    self._reap()
                if self._control in ready:
                    message, files, _, _ = socket.recv_fds(self._control, 1 << 20, 4)
                    if not message:
                        return None
                    if not self._fork(socket.socket(fileno=files.pop())):
                        return (*json.loads(message), files)
                    for file in files:
                        os.close(file)

    def close(self) -> None:
        """Close what is open."""
        for end in (self._control, self._woken, self._wakes):
            end.close()

    def _fork(self, told: socket.socket) -> int:
        pid = os.fork()
        self._running[pid] = told
        if pid:
            told.sendall(str(pid).encode())
        else:
            for end in (self._control, self._woken, self._wakes, *self._running.values()):
                end.detach()  # closed with all else that is open
        return pid

    def _reap(self) -> None:
        self._woken.recv(4096)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                with self._running.pop(ended[0]) as told:
                    told.sendall(str(ended[1]).encode())


def _become(args: list[str], cwd: str, env: dict[str, str], files: list[int]) -> NoReturn:
    """Be the command: with its streams, its folder, its environment, and nothing else that is open."""
    from cockpit.__main__ import main

    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, 1024)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, errors="backslashreplace")
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    random.seed()
    sys.argv = [sys.argv[0], *args]
    code: object = "the command line always exits"
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    _end(code)  # here nothing holds what the command had
    sys.exit(code)  # type: ignore[arg-type]


def _end(code: object) -> None:
    """What Python does at its end, but for taking the modules apart; returns where it would have something to say."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(code, int):
            os._exit(code)


def _main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    _load()
    commands = _Commands(control)
    asked = commands.serve()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if asked:
        _become(*asked)
    commands.close()


if __name__ == "__main__":
    _main()
