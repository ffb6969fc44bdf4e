"""What a long record costs whoever reads it: opening, one entry more at the end and late, scrolling, filtering."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cockpit.incident.entry import Entry
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from cockpit.screen.app import CockpitApp
from cockpit.screen.panes.timeline import TimelinePane
from cockpit.screen.panes.timeline_rows import TimelineRows
from cockpit.screen.terminal.glyphs import UNICODE
from cockpit.screen.widgets.lines import Rows
from cockpit.values import replace
from tests.benchmarks.measure import ROUNDS, quantile, row, seconds
from tests.benchmarks.records import drafts, filled
from tests.conftest import eventually
from tests.screen.staged import open_staged, stage
from tests.stories import INCIDENT

LONG = 20_000
AGAIN = 100

_OPEN = """\
import resource, sys, time
from pathlib import Path
from cockpit.clock import SystemClock
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from cockpit.screen.panes.timeline_rows import TimelineRows

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

before, began = resident(), time.perf_counter()
timeline = Timeline(Journal.open(Path(sys.argv[1]), SystemClock(), read_only=True).read(sys.argv[2]))
rows = TimelineRows(timeline, 80)
rows.count_on(250)
page = [rows[line] for line in range(len(rows) - 20, len(rows))]
taken, grown = time.perf_counter() - began, resident() - before
rows.count_on(len(timeline))
print(taken, grown, resident() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""
"""A process of its own, so that its memory is that of one record."""


def report(folder: Path) -> None:
    """Print what reading a record of LONG entries costs; `folder` is for the files."""
    print(f"a record of {LONG} entries")
    journal = filled(folder / "long.db", LONG)
    opening(folder / "long.db")
    growing(journal)
    entries = journal.read(INCIDENT)
    journal.close()
    asyncio.run(looking(folder, entries))


def opening(path: Path) -> None:
    """Opened in a process of its own: read, folded, the last page worded."""
    argv = [sys.executable, "-c", _OPEN, str(path), INCIDENT]
    given = [subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split() for _ in range(ROUNDS)]
    taken, grown, whole, peak = (statistics.median(map(float, column)) for column in zip(*given, strict=True))
    row(f"opening it, median of {ROUNDS}", taken, "aim 1000 ms")
    for name, value in (("opened", grown), ("every line counted", whole), ("the process at its peak", peak)):
        print(f"  {f'memory, {name}':<46} {value / 1e6:>9.1f} MB{'  aim 150 MB' if name.startswith('the') else ''}")


def growing(journal: Journal) -> None:
    """One entry more, in the timeline and in the pane's lines."""
    timeline = Timeline(journal.read(INCIDENT))
    rows = TimelineRows(timeline, 80)
    rows.count_on(LONG)
    last = timeline.entries[-1].occurred
    coming = list(drafts(3 + AGAIN))[3:]
    for name, late in (("at the end", timedelta()), ("ten minutes late", timedelta(minutes=10))):
        fresh = journal.append([replace(draft, occurred=last + n * timedelta(milliseconds=1) - late)
                                for n, draft in enumerate(coming)]).entries  # fmt: skip
        taken = [seconds(lambda entry=entry: take(entry, timeline, rows)) for entry in fresh]
        row(f"one entry more {name}, p50", quantile(taken, 0.5))
        row(f"one entry more {name}, p99", quantile(taken, 0.99))


def take(entry: Entry, timeline: Timeline, rows: TimelineRows) -> list[object]:
    """As the pane does: the entry folded and worded, and the last page made."""
    timeline.add(entry)
    rows.take_new()
    return [rows[line] for line in range(len(rows) - 20, len(rows))]


async def looking(folder: Path, entries: list[Entry]) -> None:
    """A cockpit over the record: how long the event loop, and so a key, is held at most, and what a page costs."""
    with TemporaryDirectory(dir=folder) as own:
        war = await open_staged(Path(own), stage(), entries=entries, now=entries[-1].occurred)
        app = CockpitApp(war, glyphs=UNICODE)
        try:
            async with app.run_test(size=(120, 40)) as pilot:
                pane = app.screen.query_one(TimelinePane)

                async def narrowed(needle: str) -> None:
                    pane.needle = needle
                    pane.update_from(war.room.timeline)
                    await eventually(lambda: isinstance(pane.rows, Rows) and pane.rows.complete)

                await narrowed("")
                await pilot.pause()
                held, taken = await longest_hold(lambda: narrowed("looking at the logs"))
                row("filtering it", taken)
                row("the longest that a key waits meanwhile", held)
                await narrowed("")
                pages = [seconds(lambda top=top: page(pane, top)) for top in range(0, len(pane.rows) - 40, 151)]
                row("scrolling a page, p50", quantile(pages, 0.5))
                row("scrolling a page, p99", quantile(pages, 0.99))
        finally:
            await war.close()


def page(pane: TimelinePane, top: int) -> None:
    """Go to the line `top`, and draw what is in view."""
    pane.scroll_to(y=top, animate=False, force=True)
    for y in range(pane.size.height):
        pane.render_line(y)


async def longest_hold(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """How long the loop let others wait at most while `work` went on, and how long that took; in seconds."""
    loop = asyncio.get_running_loop()
    waits = [0.0]

    async def tick() -> None:
        while True:
            began = loop.time()
            await asyncio.sleep(0)
            waits.append(loop.time() - began)

    ticking = asyncio.create_task(tick())
    began = loop.time()
    await work()
    ticking.cancel()
    return max(waits), loop.time() - began
