"""A file that grows with what arrives, for whoever looks on with `tail -f`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cockpit.simulator.receivers.arrived import Arrival, Arrived


@asynccontextmanager
async def written_to(path: Path, arrived: Arrived, head: str) -> AsyncIterator[None]:
    """Append what arrives to `path`, which begins anew with `head`, until the block ends. Raises OSError."""
    await asyncio.to_thread(path.write_text, f"{head}\n\n", encoding="utf-8")
    waiting: asyncio.Queue[Arrival] = asyncio.Queue()
    arrived.listen(waiting.put_nowait)
    writing = asyncio.create_task(_write(path, waiting))
    try:
        yield
    finally:
        await asyncio.wait({writing, asyncio.create_task(waiting.join())}, return_when=asyncio.FIRST_COMPLETED)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def _write(path: Path, waiting: asyncio.Queue[Arrival]) -> None:
    while True:
        arrivals = [await waiting.get()]
        while not waiting.empty():
            arrivals.append(waiting.get_nowait())
        await asyncio.to_thread(_append, path, "".join(map(_paragraph, arrivals)))
        for _ in arrivals:
            waiting.task_done()


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _paragraph(arrival: Arrival) -> str:
    """A line of what it is, and below it the words that people read."""
    where = f" {arrival.where}" if arrival.where else ""
    lines = [f"{arrival.at:%H:%M:%S} {arrival.receiver}: {arrival.what}{where}", *arrival.text.strip().splitlines()]
    return "\n    ".join(lines) + "\n\n"
