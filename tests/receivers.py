"""Receivers for tests: the simulated providers on free ports of this machine, in the test's own loop or elsewhere.

async with receiving("slack") as receivers:
    receivers.slack.api, receivers.slack.token      # what a channel's configuration names
    receivers.slack.trouble.not_ok("is_archived", next=1)
    receivers.arrived.of("slack", "message")        # what was taken, in its order

with elsewhere(folder, "slack", "mail") as company:  # in a process of its own
    company.channels                                 # the `channels:` of a configuration, secrets in files
    company.trouble(slack={"kind": "silence", "takes": True, "every": 3}, mail=None)
    company.arrived("slack", "message")
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cockpit.simulator.receivers import NAMES, Arrival, Fault, Receivers, Trouble, receiving
from cockpit.simulator.receivers.configured import channel_of

__all__ = ["Arrival", "Company", "Fault", "Receivers", "Trouble", "channels_of", "elsewhere", "receiving"]

_ROOT = Path(__file__).resolve().parent.parent
_ENDS = 20.0


def channels_of(receivers: Receivers, folder: Path) -> dict[str, Any]:
    """A channel for each receiver that has one, by the receiver's name, as `channels:` has it; secrets in `folder`."""

    def keep(name: str, text: str) -> dict[str, str]:
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return {"file": str(path)}

    return {name: channel_of(receivers, name, keep) for name in receivers.each if name != "alertmanager"}


@dataclass(frozen=True, slots=True)
class Company:
    """Receivers in a process of their own.

    Attributes:
        url: their common page.
        channels: the `channels:` of a configuration, by the receivers' names.
    """

    url: str
    channels: dict[str, Any]

    def arrived(self, receiver: str = "", what: str = "") -> list[dict[str, Any]]:
        """What was taken, in its order."""
        answer = httpx.get(f"{self.url}/arrived", params={"receiver": receiver, "what": what}, timeout=30)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    def trouble(self, **faults: Any) -> None:
        """What is wrong from now on: for each receiver a fault, a list of them, or None."""
        httpx.put(f"{self.url}/trouble", json=faults, timeout=30).raise_for_status()


@contextmanager
def elsewhere(folder: Path, *names: str, rated: bool = True, seed: int = 1) -> Iterator[Company]:
    """Receivers in a process of their own, which ends with the block; their secrets are files in `folder`."""
    argv = [sys.executable, "-m", "tests.receivers", json.dumps([str(folder), names or NAMES, rated, seed])]
    with subprocess.Popen(argv, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Company(**json.loads(process.stdout.readline()))
        finally:
            process.communicate(timeout=_ENDS)  # it ends with its input


async def _serve(folder: Path, names: list[str], rated: bool, seed: int) -> None:
    """Serve until standard input ends."""
    async with receiving(*names, rated=rated, seed=seed) as receivers:
        print(json.dumps({"url": receivers.url, "channels": channels_of(receivers, folder)}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    asyncio.run(_serve(Path(given[0]), *given[1:]))
