"""A cockpit that notes how late its event loop is: `python -m tests.benchmarks.watched FILE ARGUMENTS`.

FILE gets a JSON list of pairs when it is left: when, on the clock that all processes share, and how late in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from array import array
from pathlib import Path

from cockpit.__main__ import main as cockpit
from cockpit.cli import open as opening
from cockpit.cli.look import Look
from cockpit.room.options import Options

TICK = 0.005


async def looking(found: array[float]) -> None:
    """Sleep shortly, again and again, and note when that ended and how much later than it should.

    In an array: a list of pairs would be more than the cockpit's memory grows by.
    """
    while True:
        due = time.monotonic() + TICK
        await asyncio.sleep(TICK)
        now = time.monotonic()
        found.extend((now, max(0.0, now - due)))


def main(file: Path, arguments: list[str]) -> None:
    """Run the cockpit, with somebody who looks at its loop."""
    fly = opening.fly

    found = array("d")

    async def watched(asked: Options, look: Look) -> int:
        task = asyncio.create_task(looking(found))
        try:
            return await fly(asked, look)
        finally:
            task.cancel()

    opening.fly = watched
    sys.argv[1:] = arguments
    try:
        cockpit()
    finally:
        file.write_text(json.dumps(list(zip(found[::2], found[1::2], strict=True))), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
