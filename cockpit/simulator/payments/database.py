"""The database server as a program that runs: started slowly, then steady."""

from __future__ import annotations

from random import Random
from typing import Any

from cockpit.simulator.program import Execution, LogLine, Usage


class DatabaseProgram:
    """PostgreSQL as far as a kubelet sees it."""

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
