"""What an acknowledgement costs: a durable append beside a plain write with fsync, and beside a long record."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from tests.benchmarks.measure import quantile, row, seconds
from tests.benchmarks.records import filled
from tests.record.test_journal import INCIDENT, note

APPENDS = 500
SHORT, LONG = 100, 20_000


def report(folder: Path) -> None:
    """Print what appending costs on the disk of `folder`."""
    print(f"durable append, {APPENDS} times, interleaved")
    with (folder / "plain").open("ab", buffering=0) as plain:

        def write() -> None:
            plain.write(b"x" * 512)
            os.fsync(plain.fileno())

        journal = Journal.open(folder / "append.db", SystemClock())
        pairs = [(seconds(write), seconds(lambda: journal.append([note("a note")]))) for _ in range(APPENDS)]
        journal.close()
    for name, values in zip(("write + fsync", "Journal.append"), zip(*pairs, strict=True), strict=True):
        row(f"{name}, p50", quantile(values, 0.5))
        row(f"{name}, p99", quantile(values, 0.99))
    long_record(folder)


def long_record(folder: Path) -> None:
    """Print the cost of a record's length: appending to it, and folding one more entry."""
    print(f"with {SHORT} and with {LONG} entries in the incident")
    few, many = filled(folder / "few.db", SHORT), filled(folder / "many.db", LONG)
    taken = [[seconds(lambda j=j: j.append([note("one more")])) for j in (few, many)] for _ in range(200)]
    for size, values in zip((SHORT, LONG), zip(*taken, strict=True), strict=True):
        row(f"append to {size} entries, p50", quantile(values, 0.5))
    for size, journal in ((SHORT, few), (LONG, many)):
        timeline = Timeline(journal.read(INCIDENT))
        fresh = [journal.append([note("to fold")]).entries[0] for _ in range(200)]
        folded = [seconds(partial(timeline.add, entry)) for entry in fresh]
        row(f"fold one more into {size} entries, p50", quantile(folded, 0.5))
    few.close()
    many.close()
