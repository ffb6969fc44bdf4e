"""The receivers of a round, a process: `python -m tests.campaign.outbox.receivers FOLDER SEED [BASE SPEED]`.

Writes FOLDER/cockpit.yaml, prints the address of the receivers' page, and serves until its input ends. With a BASE and
a SPEED they limit how often they are asked, as the providers do, by a clock that runs so much faster.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import yaml

from cockpit.clock import SystemClock
from cockpit.simulator.receivers import receiving
from cockpit.simulator.receivers.configured import channel_of
from tests.campaign.outbox.clocks import FastClock

CHANNELS = {"incidents": "slack", "pager": "pagerduty", "status": "statuspage", "letters": "mail", "tickets": "jira"}
"""Each channel, and the receiver behind it."""


async def main(folder: Path, seed: int, clock: FastClock | None) -> None:
    """Serve."""

    def keep(name: str, secret: str) -> dict[str, str]:
        path = folder / f"{name}.secret"
        path.write_text(secret)
        path.chmod(0o600)
        return {"file": str(path)}

    now = (clock or SystemClock()).now
    async with receiving(*CHANNELS.values(), rated=clock is not None, seed=seed, now=now) as receivers:
        channels = {name: channel_of(receivers, receiver, keep) for name, receiver in CHANNELS.items()}
        channels["paper"] = {"type": "file", "path": str(folder / "paper.txt")}
        (folder / "cockpit.yaml").write_text(yaml.safe_dump({"version": 1, "channels": channels}))
        print(receivers.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    scaled = FastClock(*map(float, sys.argv[3:])) if len(sys.argv) > 3 else None
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), scaled))
