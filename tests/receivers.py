"""Receivers for tests: the simulated providers on free ports of this machine, in the test's own loop.

async with receiving("slack") as receivers:
    receivers.slack.api, receivers.slack.token      # what a channel's configuration names
    receivers.slack.trouble.not_ok("is_archived", next=1)
    receivers.arrived.of("slack", "message")        # what was taken, in its order
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cockpit.simulator.receivers import Arrival, Fault, Receivers, Trouble, receiving
from cockpit.simulator.receivers.configured import channel_of

__all__ = ["Arrival", "Fault", "Receivers", "Trouble", "channels_of", "receiving"]


def channels_of(receivers: Receivers, folder: Path) -> dict[str, Any]:
    """A channel for each receiver that has one, by the receiver's name, as `channels:` has it; secrets in `folder`."""

    def keep(name: str, text: str) -> dict[str, str]:
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return {"file": str(path)}

    return {name: channel_of(receivers, name, keep) for name in receivers.each if name != "alertmanager"}
