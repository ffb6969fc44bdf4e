"""Redis, RabbitMQ or PostgreSQL as far as a cluster sees it: it starts, listens, and has its own program in its pod."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from cockpit.simulator.cluster.inside.execution import CommandResult
from cockpit.simulator.greeters import ON_PORT
from cockpit.simulator.program import Execution, LogLine, Serve, Usage

MEBIBYTE = 1024 * 1024


class Dependency:
    """PostgreSQL, Redis or RabbitMQ as far as a kubelet sees it; PostgreSQL's pod has a psql that asks the real one.

    Args:
        psql: the program and the connection string that it asks; None in pods that have none.
    """

    def __init__(self, psql: Callable[[], tuple[Path, str]] | None = None) -> None:
        self._psql = psql

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        """One start."""
        return Execution(ready_after=4.0, log=[LogLine(0.4, "starting"), LogLine(3.6, "ready to accept connections")])

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        """Little CPU, some memory."""
        return Usage(0.2, 900 * MEBIBYTE)

    def listener(self, pod: dict[str, Any], container: dict[str, Any], port: int) -> Serve | None:
        """What it answers to a greeting on its port."""
        return ON_PORT.get(port) if any(each["containerPort"] == port for each in container.get("ports", ())) else None

    def command(self, pod: dict[str, Any], container: dict[str, Any], words: Sequence[str]) -> CommandResult | None:
        """`psql … -c STATEMENT` against the real server, whoever is named as its user."""
        if self._psql is None or not words or words[0] != "psql":
            return None
        if "-c" not in words[:-1]:
            return CommandResult("", "psql: error: give a statement with -c\n", 2)
        program, dsn = self._psql()
        statement = words[list(words).index("-c") + 1]
        done = subprocess.run([program, dsn, "-c", statement], capture_output=True, text=True, timeout=10)
        return CommandResult(done.stdout, done.stderr, done.returncode)
