"""The database server as a program that runs: started slowly, then steady; its image has psql in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from cockpit.simulator.cluster.inside.execution import CommandResult
from cockpit.simulator.greeters import ON_PORT
from cockpit.simulator.program import Execution, LogLine, Serve, Usage

_ONE = re.compile(r"select\s+1\s*;?", re.I)
_CONNECTIONS = re.compile(r"select\s+count\(\*\)\s+from\s+pg_stat_activity\s*;?", re.I)


class DatabaseProgram:
    """PostgreSQL as far as a kubelet sees it, and the two questions that the runbook asks of it.

    Args:
        connections: how many there are now.
    """

    def __init__(self, connections: Callable[[], int]) -> None:
        self._connections = connections

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        """One start, with what the server says."""
        log = [
            LogLine(0.4, "LOG:  starting PostgreSQL 16.4"),
            LogLine(0.5, 'LOG:  listening on IPv4 address "0.0.0.0", port 5432'),
            LogLine(5.0, "LOG:  database system is ready to accept connections"),
        ]
        return Execution(
            ready_after=6.0, log=log, chatter=["LOG:  checkpoint starting: time"], chatter_every=300.0, stop_after=3.0
        )

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        """Little CPU, the shared buffers in memory."""
        return Usage(0.4, 3_100_000_000)

    def listener(self, pod: dict[str, Any], container: dict[str, Any], port: int) -> Serve | None:
        """It says on its port that it speaks no TLS, and goes no further."""
        return ON_PORT.get(port) if any(each["containerPort"] == port for each in container.get("ports", ())) else None

    def command(self, pod: dict[str, Any], container: dict[str, Any], words: Sequence[str]) -> CommandResult | None:
        """`psql … -c STATEMENT`, for the statements of the runbook (payment-service-runbook.md:239 and 242)."""
        if not words or words[0] != "psql":
            return None
        statement = words[words.index("-c") + 1].strip() if "-c" in words[:-1] else ""
        if _ONE.fullmatch(statement):
            return CommandResult(_table("?column?", 1))
        if _CONNECTIONS.fullmatch(statement):
            return CommandResult(_table("count", self._connections()))
        return CommandResult("", "ERROR:  the simulated database does not answer this statement\n", 1)


def _table(name: str, value: int) -> str:
    """One number as psql prints it."""
    width = max(len(name), len(str(value)))
    return f" {name:^{width}} \n{'-' * (width + 2)}\n {value:>{width}}\n(1 row)\n\n"
