"""The software in the order service's namespace: starts, what it uses, and what one can run in its pods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from cockpit.simulator.cluster.inside.execution import CommandResult
from cockpit.simulator.orders.manifests import DEPENDENCIES, PAYMENTS_PORT
from cockpit.simulator.payments.web import Page, serve
from cockpit.simulator.program import Execution, LogLine, Serve, Usage

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


class Payments:
    """The payment service next door, as far as the order service sees it: whether it is well."""

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        """One start."""
        return Execution(ready_after=2.5, log=[LogLine(0.3, "starting"), LogLine(2.2, f"listening on {PAYMENTS_PORT}")])

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        """A steady service."""
        return Usage(0.1, 210 * MEBIBYTE)

    def listener(self, pod: dict[str, Any], container: dict[str, Any], port: int) -> Serve | None:
        """Its health over HTTP."""
        health = Page(200, '{"status": "ok", "service": "payment-service"}\n', "application/json")
        return serve({"/health": lambda: health}) if port == PAYMENTS_PORT else None
