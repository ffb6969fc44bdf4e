"""What a shared record costs: how soon an entry is in every room, and what an append costs while the database hangs."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.record.shared.replicator import Replicator
from cockpit.record.store import Store
from tests.benchmarks.measure import quantile, row
from tests.campaign.shared.checking import Found, check, together
from tests.conftest import eventually
from tests.postgres import Server, running
from tests.record.crashing import note

ROOMS, PROCESSES = 23, 3
EVERY = 0.2
"""Seconds between two entries of all rooms together."""
SECONDS = 15
"""How long they write, where nothing is said: two minutes are told by `--seconds 120`."""
SETTLING = 3.0
"""Seconds from the start of the processes to the first entry."""
APPENDS = 300


def report(folder: Path, seconds: float = SECONDS) -> None:
    """Print what a record that rooms share costs; `folder` is for the journals."""
    with running() as server:
        print(f"a shared record: {ROOMS} rooms in {PROCESSES} processes, {1 / EVERY:.0f} entries/s for {seconds:.0f} s")
        (folder / "rooms").mkdir()
        spreading(server, folder / "rooms", int(seconds / EVERY))
        print(f"durable append, {APPENDS} times, in turn with a journal that nobody shares")
        asyncio.run(appending(server, folder))


def spreading(server: Server, folder: Path, turns: int) -> None:
    """How long after it was acknowledged an entry is in every other room, and whether all have the same."""
    dsn = server.database()
    with _rooms(folder, dsn, turns):
        time.sleep(SETTLING + turns * EVERY)
        asyncio.run(eventually(lambda: together(dsn, folder), 60))
    seen = [each for path in sorted(folder.glob("seen*.json")) for each in json.loads(path.read_text())]
    appended = {id: (at, each["room"]) for each in seen for id, at in each["appended"].items()}
    taken = {
        id: [each["arrived"][id] - at for each in seen if each["room"] != room] for id, (at, room) in appended.items()
    }
    each_way = [value for values in taken.values() for value in values]
    last = [max(values) for values in taken.values()]
    for name, values in (("in another room", each_way), ("in every room", last)):
        row(f"{name}, p50", quantile(values, 0.5))
        row(f"{name}, p95", quantile(values, 0.95), "aim 500 ms")
        row(f"{name}, the longest", max(values))
    print(f"  {_told(check(folder, dsn), turns)}", flush=True)


@contextmanager
def _rooms(folder: Path, dsn: str, turns: int) -> Iterator[None]:
    """The rooms, in processes that are asked to end with the block."""
    start, each = time.monotonic() + SETTLING, -(-ROOMS // PROCESSES)
    spans = [(first, min(each, ROOMS - first)) for first in range(0, ROOMS, each)]
    argv = [sys.executable, "-m", "tests.benchmarks.rooms", str(folder)]
    more = (ROOMS, dsn, EVERY, turns, start)
    going = [subprocess.Popen([*argv, *map(str, (*span, *more))]) for span in spans]
    try:
        yield
    finally:
        for process in going:
            process.terminate()
        codes = [process.wait(30) for process in going]
    assert not any(codes), f"the rooms ended with {codes}"


def _told(found: Found, turns: int) -> str:
    alike = "all equal" if not found.problems else "; ".join(found.problems[:5])
    return f"{turns} entries written, {found.entries} there, {found.lost} lost, {found.doubled} doubled, {alike}"


async def appending(server: Server, folder: Path) -> None:
    """What an acknowledgement costs with the database at work, and with every process of it stopped."""
    async with _journal(folder / "alone.db") as alone, _journal(folder / "shared.db", server.database()) as shared:
        store, replicator = shared
        assert replicator is not None
        await eventually(lambda: replicator.standing.state == "together")
        for name in ("PostgreSQL at work", "PostgreSQL stopped (SIGSTOP)"):
            if "stopped" in name:
                server.pause()
            try:
                pairs = [(await _append(alone[0]), await _append(store, replicator)) for _ in range(APPENDS)]
            finally:
                server.resume()
            for who, values in zip(("alone, ", "shared, "), zip(*pairs, strict=True), strict=True):
                _row(f"{who}{name}", values)


def _row(name: str, values: Sequence[float]) -> None:
    row(f"{name}, p50", quantile(values, 0.5))
    row(f"{name}, p99", quantile(values, 0.99))


async def _append(store: Store, replicator: Replicator | None = None) -> float:
    began = time.perf_counter()
    await store.append([note("a note")])
    taken = time.perf_counter() - began
    if replicator is not None:
        replicator.wake()
    await asyncio.sleep(0.01)  # a key press, not a flood: what was written is on its way meanwhile
    return taken


@asynccontextmanager
async def _journal(path: Path, dsn: str = "") -> AsyncIterator[tuple[Store, Replicator | None]]:
    """A journal, and its replicator at work where it has one."""
    store = await Store.open(path, SystemClock(), shared=bool(dsn))
    replicator = Replicator(store, lambda: dsn, SystemClock()) if dsn else None
    task = asyncio.create_task(replicator.run()) if replicator else None
    try:
        yield store, replicator
    finally:
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await store.close()
