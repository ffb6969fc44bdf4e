"""What moving an incident costs: written as a bundle, checked, rehearsed, taken in, taken in again; and how large."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cockpit.clock import SystemClock
from cockpit.record.bundle.check import check
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import import_bundle, rehearse
from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from tests.benchmarks.measure import row, seconds
from tests.benchmarks.records import filled
from tests.stories import INCIDENT

LONG = 20_000
T = TypeVar("T")


def report(folder: Path) -> None:
    """Print what a bundle of LONG entries costs; `folder` is for the files."""
    print(f"a bundle of {LONG} entries")
    journal = filled(folder / "moved" / "record.db", LONG)
    file = folder / "moved.bundle"
    told("writing it", lambda: write_bundle(journal, INCIDENT, file))
    journal.close()
    size(file)
    clock, there = SystemClock(), folder / "there" / "record.db"
    with told("reading it", lambda: Bundle.open(file)) as bundle:
        told("checking every hash", lambda: check(bundle))
        told("rehearsing the import", lambda: rehearse(bundle, there, clock))
        into = Journal.open(there, clock)
        assert told("importing it, one transaction", lambda: import_bundle(bundle, into, clock)).added == LONG
        assert told("importing it again", lambda: import_bundle(bundle, into, clock)).present == LONG
        into.close()


def told(name: str, work: Callable[[], T]) -> T:
    """What `work` gives, after a row that says how long it took."""
    given: list[T] = []
    row(name, seconds(lambda: given.append(work())))
    return given[0]


def size(file: Path) -> None:
    """Print the bytes of the file, of what is in it, and of each entry."""
    with zipfile.ZipFile(file) as archive:
        whole = sum(info.file_size for info in archive.infolist())
    packed = file.stat().st_size
    for name, value in (("the file", packed), ("unpacked", whole)):
        print(f"  {f'bytes, {name}':<46} {value:>9}     {value / LONG:.0f} an entry", flush=True)
