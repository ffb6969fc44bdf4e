"""The software in the order service's namespace: starts, what it uses, and what one can run in its pods."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from cockpit.simulator.cluster.execution import CommandResult
from cockpit.simulator.orders.manifests import DEPENDENCIES
from cockpit.simulator.program import Execution, LogLine, Usage

MEBIBYTE = 1024 * 1024


class OrderProgram:
    """The order service; its pods' sessions in the database are traffic.py's.

    Args:
        reachable: whether a dependency takes connections now, by its name.
    """

    def __init__(self, reachable: Callable[[str], bool]) -> None:
        self._reachable = reachable

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        """One start."""
        log = [
            LogLine(0.3, "INFO starting order-service"),
            LogLine(1.2, "INFO connected to tickettoken-postgres duration=41ms"),
            LogLine(1.4, "INFO connected to tickettoken-rabbitmq duration=18ms"),
            LogLine(1.8, "INFO listening on 3000"),
        ]
        chatter = [
            "INFO order created duration=84ms", "INFO stripe webhook payment_intent.succeeded duration=37ms",
            "INFO order paid duration=112ms", "WARN stripe webhook retried duration=240ms",
        ]  # fmt: skip
        return Execution(ready_after=random.uniform(2.0, 3.0), log=log, chatter=chatter, chatter_every=4.0)

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        """A steady service."""
        return Usage(0.12, 190 * MEBIBYTE)

    def command(self, pod: dict[str, Any], container: dict[str, Any], words: Sequence[str]) -> CommandResult | None:
        """`nc -zv HOST PORT`, for what it depends on."""
        if not words or words[0] != "nc" or len(words) < 4:
            return None
        host, port = words[-2], words[-1]
        if DEPENDENCIES.get(host) == int(port) and self._reachable(host):
            return CommandResult("", f"Connection to {host} {port} port [tcp] succeeded!\n")
        return CommandResult("", f"nc: connect to {host} port {port} (tcp) failed: Connection refused\n", 1)


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
