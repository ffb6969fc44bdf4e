"""A cockpit that notes how late its event loop is: `python -m tests.benchmarks.watched FILE ARGUMENTS`.

FILE gets a JSON list of pairs when it is left: when, on the clock that all processes share, and how late in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from cockpit.cli import open as opening
from cockpit.cli.look import Look
from cockpit.cli.root import run
from cockpit.room.options import Options

TICK = 0.005


async def looking(found: list[tuple[float, float]]) -> None:
    """Sleep shortly, again and again, and note how much later than it should that ends."""
    while True:
        due = time.monotonic() + TICK
        await asyncio.sleep(TICK)
        now = time.monotonic()
        found.append((now, max(0.0, now - due)))


def main(file: Path, arguments: list[str]) -> int:
    """Run the cockpit, with somebody who looks at its loop."""
    fly = opening.fly

    found: list[tuple[float, float]] = []

    async def watched(asked: Options, look: Look) -> int:
        task = asyncio.create_task(looking(found))
        try:
            return await fly(asked, look)
        finally:
            task.cancel()

    opening.fly = watched
    code = run(arguments)
    file.write_text(json.dumps(found), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
