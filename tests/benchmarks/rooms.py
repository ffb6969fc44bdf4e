"""Headless rooms for the benchmark of the shared record: each a journal with its replicator, and a folded timeline.

`python -m tests.benchmarks.rooms FOLDER FIRST COUNT ALL DSN EVERY TURNS START` is a process with `COUNT` of `ALL`
rooms, which write in turn, one entry every `EVERY` seconds from `START` on the monotonic clock that processes share.
SIGTERM ends it; then FOLDER has what it saw.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident.entry import Entry
from cockpit.incident.timeline import Timeline
from cockpit.record.shared.replicator import Replicator
from cockpit.record.store import Store
from tests.record.crashing import note


class Room:
    """A journal, its replicator and the timeline; notes when each entry was acknowledged or came."""

    def __init__(self, store: Store, dsn: str, number: int) -> None:
        self.store = store
        self.number = number
        self.replicator = Replicator(store, lambda: dsn, SystemClock(), f"cockpit room {number}")
        self.replicator.arrived = self._arrived
        self.appended: dict[str, float] = {}
        self.arrived: dict[str, float] = {}
        self._timeline = Timeline()

    async def write(self, turn: int) -> None:
        """One entry, as a key press writes it: shown when it is durable, and then sent."""
        (entry,) = (await self.store.append([note(f"turn {turn}", actor=f"@room-{turn}")])).entries
        self.appended[entry.id] = time.monotonic()
        self.replicator.wake()
        self._timeline.add(entry)
        said = {"entries": {entry.id: entry.hash.hex()}, "erased": []}
        with self.store.path.with_suffix(".acks").open("a", encoding="utf-8") as file:
            print(json.dumps(said), file=file)

    async def _arrived(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._timeline.add(entry)
        self.arrived |= dict.fromkeys((entry.id for entry in entries), time.monotonic())


async def work(folder: Path, numbers: range, rooms: int, dsn: str, every: float, turns: int, start: float) -> None:
    """Take part, write what was seen when it is over."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    clock = SystemClock()
    own = {n: Room(await Store.open(folder / f"room{n:02}.db", clock, shared=True), dsn, n) for n in numbers}
    replicating = [asyncio.create_task(room.replicator.run()) for room in own.values()]
    for turn in range(turns):
        if room := own.get(turn % rooms):
            await asyncio.sleep(max(0.0, start + turn * every - time.monotonic()))
            await room.write(turn)
    await ended.wait()
    for each in replicating:
        each.cancel()
    await asyncio.gather(*replicating, return_exceptions=True)
    for room in own.values():
        await room.store.close()
    seen = [{"room": room.number, "appended": room.appended, "arrived": room.arrived} for room in own.values()]
    (folder / f"seen{numbers.start}.json").write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    place, first, some, everyone, url, pause, times, begin = sys.argv[1:]
    taking_part = range(int(first), int(first) + int(some))
    asyncio.run(work(Path(place), taking_part, int(everyone), url, float(pause), int(times), float(begin)))
