"""What a thousand incidents cost whoever wants the list: in a cockpit that runs, and as a command from its start."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.terms import Status
from cockpit.record.journal import Journal
from cockpit.record.store import Store
from cockpit.room.journal.listing import find_incident, listing
from cockpit.values import replace
from tests.benchmarks.measure import ROUNDS, command, medians, row
from tests.benchmarks.records import drafts
from tests.stories import START

INCIDENTS, ENTRIES, OPEN = 1000, 40, 5
APART = timedelta(hours=6)


def report(folder: Path) -> None:
    """Print what the list of many incidents costs; `folder` is for the journal."""
    print(f"{INCIDENTS} incidents of {ENTRIES} entries, {OPEN} of them open, median of {ROUNDS}")
    path = folder / "state" / "cockpit" / "record.db"
    path.parent.mkdir(parents=True)
    filled(path)
    asyncio.run(_in_a_cockpit(path))
    (folder / "cockpit.yaml").write_text("services: {}\n", encoding="utf-8")
    state = str(folder / "state")
    commands = {name: [sys.executable, "-m", "cockpit", *name.split()[1:]]
                for name in ("cockpit incident list --help", "cockpit incident list")}  # fmt: skip
    taken = medians(*(command(argv, folder, XDG_STATE_HOME=state) for argv in commands.values()))
    for name, value in zip(commands, taken, strict=True):
        row(name, value, "" if "--help" in name else "aim 1000 ms")


def filled(path: Path) -> None:
    """A journal with many incidents, all but a few of them resolved."""
    journal = Journal.open(path, SystemClock())
    for number in range(INCIDENTS):
        incident = new_id()
        story = [replace(each, incident=incident) for each in drafts(ENTRIES - 1, START + number * APART)]
        over = kinds.StatusChange(status=Status.RESOLVED, text="the pool is as it was") if number >= OPEN else None
        ending = over or kinds.Note(text="it goes on")
        story.append(Draft(incident, ending.kind, ending.fields(), story[-1].occurred, "@alice"))
        journal.append(story)
    journal.close()


async def _in_a_cockpit(path: Path) -> None:
    store = await Store.open(path, SystemClock(), read_only=True)
    try:
        works: dict[str, Callable[[], Awaitable[object]]] = {
            "the list": lambda: listing(store, whole=False),
            "all of every incident, as --json and measures": lambda: listing(store),
            "one, by its label": lambda: find_incident(store, "INC-2026-500"),
        }
        for name, work in works.items():
            taken = sorted([await _seconds(work) for _ in range(ROUNDS)])
            row(name, taken[len(taken) // 2], "aim 1000 ms" if name == "the list" else "")
    finally:
        await store.close()


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began
