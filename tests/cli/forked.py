"""The process that commands of tests are forked from: it loads all that commands load, and then is asked for them."""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import random
import selectors
import signal
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from pydantic import BaseModel

LOADED = ("cockpit.action.catalog", "cockpit.kube.access", "cockpit.kube.transport", "cockpit.message.jira.channel",
          "cockpit.message.mail.channel", "cockpit.message.pagerduty.channel", "cockpit.message.templates.sandbox",
          "cockpit.message.slack.bot", "cockpit.message.slack.webhook", "cockpit.message.statuspage",
          "cockpit.record.shared.replicator", "cockpit.room.listening.app", "cockpit.room.listening.serving",
          "cockpit.room.messages.teller", "cockpit.room.war_room",
          "cockpit.runbook.library", "cockpit.runbook.markdown.importer", "cockpit.runbook.risk.sql",
          "cockpit.signal.board", "cockpit.simulator.scenarios", "cockpit.simulator.server",
          "sqlglot.dialects.postgres", "httpx", "httpcore", "anyio._backends._asyncio", "anyio.abc",
          "anyio.streams.tls")  # fmt: skip
"""What commands load late, beside the command line itself; at its end what httpx loads with its first request."""


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
