"""Receivers for tests: the simulated providers on free ports of this machine.

async with receiving("slack") as receivers:
    receivers.slack.api, receivers.slack.token      # what a channel's configuration names
    receivers.slack.trouble.not_ok("is_archived", next=1)
    receivers.arrived.of("slack", "message")        # what was taken, in its order
"""

from __future__ import annotations

from cockpit.simulator.receivers import Arrival, Fault, Receivers, Trouble, receiving

__all__ = ["Arrival", "Fault", "Receivers", "Trouble", "receiving"]
