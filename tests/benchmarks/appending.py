"""What an acknowledgement costs: a durable append beside a plain write with fsync, and beside a long record."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from tests.benchmarks.measure import ROUNDS, medians, quantile, row, seconds
from tests.record.test_journal import INCIDENT, note

APPENDS = 500
SHORT, LONG = 100, 20_000


def report(folder: Path) -> None:
    """Print what appending and opening cost on the disk of `folder`."""
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


def filled(path: Path, entries: int) -> Journal:
    """A journal with one incident of so many entries."""
    journal = Journal.open(path, SystemClock())
    for start in range(0, entries, 1000):
        journal.append([note(f"entry {n}") for n in range(start, min(start + 1000, entries))])
    return journal


def long_record(folder: Path) -> None:
    """Print the cost of a record's length: appending to it, folding one more entry, opening it."""
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
    read, fold = medians(
        lambda: seconds(lambda: many.read(INCIDENT)),
        lambda: seconds(lambda: Timeline(many.read(INCIDENT))),
    )
    row(f"read {LONG} entries, median of {ROUNDS}", read)
    row(f"open them (read and fold), median of {ROUNDS}", fold)
    few.close()
    many.close()
