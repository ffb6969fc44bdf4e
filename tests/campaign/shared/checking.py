"""The checker of the campaign: looks for each acknowledged entry in each copy of the record, once, in one order."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from cockpit.clock import SystemClock
from cockpit.incident.entry import Entry, Recorded, instant
from cockpit.record.journal import Journal
from cockpit.record.schema import COLUMNS
from cockpit.record.verify import verify
from tests.record.crashing import left_on_disk, secret_of

DATABASE = "postgresql"


@dataclass(frozen=True)
class Acknowledged:
    """What the writers of a folder were told is durable: each entry's hash by its id, and the ids that were erased."""

    entries: Mapping[str, str]
    erased: frozenset[str]

    @classmethod
    def of(cls, folder: Path) -> Acknowledged:
        """Read every `*.acks`; a line that a killed writer did not end says nothing."""
        lines = [line for path in sorted(folder.glob("*.acks")) for line in path.read_bytes().split(b"\n")[:-1]]
        said = [json.loads(line) for line in lines]
        entries = {id: hash for each in said for id, hash in each["entries"].items()}
        return cls(entries, frozenset(id for each in said for id in each["erased"]))


@dataclass(frozen=True)
class Copy:
    """One copy of the record, as it lies there: its entries in the design's order, and its labels."""

    name: str
    entries: Sequence[Entry]
    labels: Mapping[str, str]
    problems: Sequence[str] = ()


@dataclass
class Found:
    """What was looked at, and what is wrong with it."""

    entries: int = 0
    acknowledged: int = 0
    redacted: int = 0
    lost: int = 0
    doubled: int = 0
    problems: list[str] = field(default_factory=list)


def together(dsn: str, folder: Path) -> bool:
    """Whether every copy has as much as every other, and all that was acknowledged."""
    found = set(counts(dsn, folder).values())
    return len(found) == 1 and next(iter(found))[0] >= len(Acknowledged.of(folder).entries)


def counts(dsn: str, folder: Path) -> dict[str, tuple[int, int, str]]:
    """How many entries each copy has, how many of them whole, and the labels that it gives."""
    found = {DATABASE: (0, 0, "")}
    # Nobody may have reached it yet, so that it has no tables.
    with psycopg.connect(dsn) as connection, suppress(psycopg.errors.UndefinedTable):
        found[DATABASE] = _counted(lambda query: connection.execute(query.encode()).fetchall(), "cockpit.")
    for path in sorted(folder.glob("*.db")):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as journal:
            found[path.stem] = _counted(lambda query, journal=journal: journal.execute(query).fetchall())  # type: ignore[misc]
    return found


def _counted(ask: Callable[[str], list[Any]], schema: str = "") -> tuple[int, int, str]:
    ((entries, whole),) = ask(f"SELECT count(*), count(payload) FROM {schema}entries")
    labels = ask(f"SELECT label FROM {schema}labels")
    return entries, whole, " ".join(sorted(label for (label,) in labels))


def check(folder: Path, dsn: str) -> Found:
    """Compare every journal of a folder with what its writers were told and with the shared record.

    The journals' files are searched to the byte for what was redacted, and so are the database's after VACUUM FULL:
    until then PostgreSQL keeps old rows in free pages. Its write-ahead log, which it overwrites in time, is not.
    """
    said = Acknowledged.of(folder)
    copies = [*(_journal(path) for path in sorted(folder.glob("*.db"))), _database(dsn)]
    found = Found(len(copies[-1].entries), len(said.entries), sum(each.redacted for each in copies[-1].entries))
    for copy in copies:
        found.problems += [f"{copy.name}: {each}" for each in copy.problems]
        found.lost += _told(found, copy, "lost", _lost(copy, said))
        found.doubled += _told(found, copy, "doubled", _doubled(copy))
        found.problems += [f"{copy.name}: {each}" for each in _different(copy, copies[-1])]
        whole = [each.id for each in copy.entries if each.id in said.erased and not each.redacted]
        found.problems += [f"{copy.name}: erased, acknowledged, and still there: {each}" for each in whole]
    erased = [secret_of(each.actor) for each in copies[-1].entries if each.redacted]
    for place in (folder, _vacuumed(dsn)):
        found.problems += [f"erased, and on the disk: {each}" for each in sorted(left_on_disk(place, erased))]
    return found


def _told(found: Found, copy: Copy, what: str, ids: Sequence[str]) -> int:
    if ids:
        found.problems.append(f"{copy.name}: {what} {len(ids)}: {', '.join(ids[:5])}")
    return len(ids)


def _lost(copy: Copy, said: Acknowledged) -> list[str]:
    """The acknowledged entries that are not there, or are others."""
    there = {each.id: each.hash.hex() for each in copy.entries}
    return sorted(id for id, hash in said.entries.items() if there.get(id) != hash)


def _doubled(copy: Copy) -> list[str]:
    """The entries that are there twice: under one id, or what one actor said once under two."""
    ids, actors = Counter(each.id for each in copy.entries), Counter(each.actor for each in copy.entries)
    return [name for name, times in (ids + actors).items() if times > 1]


def _different(copy: Copy, other: Copy) -> Iterator[str]:
    """In what a copy is not what another is."""
    mine, theirs = ([(e.id, e.hash, e.redacted) for e in each.entries] for each in (copy, other))
    if mine != theirs:
        first = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), "the end")
        yield f"not the same as {other.name}: {len(mine)} entries beside {len(theirs)}, different from {first}"
    if labels := copy.labels.items() ^ other.labels.items():
        yield f"its labels are not those of {other.name}: {sorted(labels)}"


def _journal(path: Path) -> Copy:
    """A journal, opened as its cockpit would open it again: what was erased meanwhile is then scrubbed."""
    journal = Journal.open(path, SystemClock())
    try:
        verdict, refused = verify(journal.read_all()), journal.refused()
        problems = [*map(str, verdict.problems), *(f"refused: {each}" for each in refused)]
        entries = [entry for incident in journal.incidents() for entry in journal.read(incident)]
        problems += ["bytes of what was erased may be left in it"] if journal.unscrubbed else []
        return Copy(path.stem, _ordered(entries), journal.labels(), problems)
    finally:
        journal.close()


def _ordered(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda each: each.order)


def _database(dsn: str) -> Copy:
    """The shared record, in the order in which PostgreSQL itself sorts it."""
    query = f"SELECT {COLUMNS} FROM cockpit.entries ORDER BY occurred, recorded, writer, seq"
    with psycopg.connect(dsn) as connection:
        entries = [_entry(row) for row in connection.execute(query.encode()).fetchall()]
        labels = dict(connection.execute("SELECT incident, label FROM cockpit.labels").fetchall())
    chains = verify(sorted(entries, key=lambda each: (each.writer, each.seq)))
    problems = [*map(str, chains.problems)]
    problems += ["PostgreSQL sorts it otherwise"] if entries != _ordered(entries) else []
    return Copy(DATABASE, entries, labels, problems)


def _vacuumed(dsn: str) -> Path:
    """The folder with the database's tables, in which no row is that is not seen."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM FULL cockpit.entries")
        connection.execute("CHECKPOINT")
        ((data,),) = connection.execute("SHOW data_directory").fetchall()
        own = "SELECT oid FROM pg_database WHERE datname = current_database()"
        ((database,),) = connection.execute(own).fetchall()
    return Path(data) / "base" / str(database)


def _entry(row: tuple[Any, ...]) -> Entry:
    names = [name.strip().replace("payload", "body") for name in COLUMNS.split(",")]
    fields = dict(zip(names, row, strict=True))
    times = {"occurred": instant(fields["occurred"]), "recorded": Recorded.parse(fields["recorded"])}
    return Entry(**fields | times)
