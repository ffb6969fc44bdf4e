"""A cockpit that notes how late its event loop is: `python -m tests.benchmarks.watched FILE ARGUMENTS`.

FILE gets pairs of numbers that `lateness` reads: when, on the clock that all processes share, and how late in seconds.
They are written as they come: kept until the end, they would be most of what the memory that is measured grows by.
"""

from __future__ import annotations

import asyncio
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cockpit.__main__ import main as cockpit
from cockpit.cli.fullscreen import open as opening
from cockpit.cli.fullscreen.look import Look
from cockpit.room.options import Options

TICK = 0.005
_PAIR = struct.Struct("=dd")


def lateness(file: Path) -> Iterator[tuple[float, float]]:
    """The pairs that a cockpit left in FILE."""
    return _PAIR.iter_unpack(file.read_bytes())


async def looking(found: BinaryIO) -> None:
    """Sleep shortly, again and again, and note when that ended and how much later than it should."""
    while True:
        due = time.monotonic() + TICK
        await asyncio.sleep(TICK)
        now = time.monotonic()
        found.write(_PAIR.pack(now, max(0.0, now - due)))


def main(file: Path, arguments: list[str]) -> None:
    """Run the cockpit, with somebody who looks at its loop."""
    fly = opening.fly

    async def watched(asked: Options, look: Look) -> int:
        with file.open("wb") as found:
            task = asyncio.create_task(looking(found))
            try:
                return await fly(asked, look)
            finally:
                task.cancel()
                await asyncio.wait({task})

    opening.fly = watched
    sys.argv[1:] = arguments
    cockpit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
