"""Taking in entries that other journals wrote: each is checked by hash and chain, and comes in once however often."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby

from msgspec import Struct, field

from cockpit.incident.entry import GENESIS, Entry, stamp
from cockpit.record.elsewhere import forget_arrived
from cockpit.record.labels import give_label, take_labels
from cockpit.record.rows import row_of
from cockpit.record.rules import breach
from cockpit.record.schema import COLUMNS

AHEAD = timedelta(hours=25)
"""How far an entry may be recorded ahead of the shared record's clock: more drags every later entry along."""
AHEAD_IN_A_FILE = timedelta(hours=12)
"""The same for a file and this machine's clock: less, so that the shared record takes it though this one is ahead."""
_KNOWN = "SELECT entries.id, entries.hash FROM temp.coming JOIN entries ON entries.id = coming.id"
_STAGE = f"INSERT INTO temp.coming (rowid, {COLUMNS}) VALUES ({','.join('?' * 17)})"
_INSERT = f"INSERT INTO entries ({COLUMNS}, source) SELECT {COLUMNS}, ? FROM temp.coming ORDER BY rowid"


class Refused(Struct, frozen=True):
    """An entry that was not taken in, and why."""

    writer: str
    seq: int
    entry: str
    why: str

    @classmethod
    def of(cls, entry: Entry, why: str) -> Refused:
        """An entry as it is known."""
        return cls(entry.writer, entry.seq, entry.id, why)

    def __str__(self) -> str:
        return f"entry {self.entry} (writer {self.writer}, seq {self.seq}): {self.why}"


class Adopted(Struct, frozen=True):
    """What came of it. `present` were there already, the same."""

    added: tuple[Entry, ...] = ()
    present: int = 0
    refused: tuple[Refused, ...] = ()
    position: int = 0


class Origin(Struct, frozen=True):
    """The shared record that entries come from: its id, how far it was read with them, and the labels it gives."""

    id: str
    read: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)


class Sifted(Struct, frozen=True):
    """Entries that are sound in themselves, by writer and seq, and those that are not. Made by `sift`."""

    sound: tuple[Entry, ...]
    refused: tuple[Refused, ...]


def sift(entries: Iterable[Entry], now: datetime, origin: Origin | None) -> Sifted:
    """Check all that can be said of entries without any journal: the most work by far, and done before it is locked.

    Args:
        now: the machine's clock, which limits how far ahead an entry of a file may be. A shared record has its own.
    """
    sound: list[Entry] = []
    refused: list[Refused] = []
    for entry in entries:
        if why := breach(entry) or _untrue(entry) or ("" if origin else _ahead(entry, now)):
            refused.append(Refused.of(entry, why))
        else:
            sound.append(entry)
    return Sifted(tuple(sorted(sound, key=lambda entry: (entry.writer, entry.seq))), tuple(refused))


@contextmanager
def ready(connection: sqlite3.Connection, sifted: Sifted) -> Iterator[None]:
    """Have what is sound at hand, in memory, for `take_in`: one statement then inserts it all, five times as fast.

    Before the caller's transaction, so that other cockpits on the journal go on meanwhile.
    """
    connection.execute("PRAGMA temp_store = MEMORY")  # no copy of the record in a folder that others share
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS coming ({COLUMNS})")
    try:
        connection.executemany(_STAGE, ((n, *row_of(entry)) for n, entry in enumerate(sifted.sound)))
        yield
    finally:
        connection.execute("DELETE FROM temp.coming")


def take_in(connection: sqlite3.Connection, sifted: Sifted, now: datetime, origin: Origin | None) -> Adopted:
    """Take entries of any writers in, which are `ready`: all that are sound, and none twice.

    Inside the caller's transaction.

    A redaction among them erases what it names, and what is already redacted here comes in erased (by the journal's
    triggers). Entries of one writer may come in any order and with gaps; a gap that stays is named by `verify`.
    """
    added: list[Entry] = []
    refused = list(sifted.refused)
    left: list[tuple[int]] = []
    known: dict[str, bytes] = dict(connection.execute(_KNOWN))
    for writer, group in groupby(enumerate(sifted.sound), key=lambda each: each[1].writer):
        own = list(group)
        chain = _Chain(connection, writer, own[0][1].seq, own[-1][1].seq)
        for number, entry in own:
            there = known.get(entry.id)
            why = chain.fault(entry) if there is None else "another entry here has its id" * (there != entry.hash)
            if why:
                refused.append(Refused.of(entry, why))
            if why or there is not None:
                left.append((number,))
            else:
                known[entry.id] = entry.hash
                chain.take(entry)
                added.append(entry)
    if added:
        connection.executemany("DELETE FROM temp.coming WHERE rowid = ?", left)
        connection.execute(_INSERT, (origin.id if origin else None,))
    forget_arrived(connection, added)
    _note(connection, added, refused, now, origin)
    present = len(sifted.sound) + len(sifted.refused) - len(added) - len(refused)
    return Adopted(tuple(added), present, tuple(refused), _position(connection))


def _untrue(entry: Entry) -> str:
    """Whether it is another than its hash says, in words."""
    true = entry.digest == entry.true_digest() and entry.hash == entry.true_hash()
    return "" if true else "it is not what its hash says"


def _ahead(entry: Entry, now: datetime) -> str:
    """Whether an entry of a file is recorded too far ahead of this machine's clock, in words."""
    far = entry.recorded.at > now + AHEAD_IN_A_FILE
    return f"it was recorded at {stamp(entry.recorded.at)}, far ahead of this machine's clock" if far else ""


class _Chain:
    """A part of a writer's chain as it is here: each entry's previous hash and its own, by its number."""

    def __init__(self, connection: sqlite3.Connection, writer: str, first: int, last: int) -> None:
        query = "SELECT seq, previous, hash FROM entries WHERE writer = ? AND seq BETWEEN ? AND ?"
        rows = connection.execute(query, (writer, first - 1, last + 1))
        self._writer = writer
        self._links: dict[int, tuple[bytes, bytes]] = {seq: (previous, hash) for seq, previous, hash in rows}

    def take(self, entry: Entry) -> None:
        """Take note that it has come in."""
        self._links[entry.seq] = entry.previous, entry.hash

    def fault(self, entry: Entry) -> str:
        """Why an entry has no place in it; empty when it has."""
        if entry.seq in self._links:
            return (
                f"another entry here has its place in the chain of {self._writer}:"
                " a journal that was copied went on twice"
            )
        before, after = self._links.get(entry.seq - 1), self._links.get(entry.seq + 1)
        previous = GENESIS if entry.seq == 1 else before[1] if before else entry.previous
        if previous != entry.previous or (after and after[0] != entry.hash):
            return "it does not continue its writer's chain as it is here"
        return ""


def _note(
    connection: sqlite3.Connection, added: list[Entry], refused: list[Refused], now: datetime, origin: Origin | None
) -> None:
    """Labels, how far the origin was read, and what it has that was refused."""
    labels = origin.labels if origin else {}
    for entry in added:
        if entry.kind == "declared" and entry.incident not in labels:
            give_label(connection, entry.incident, entry.occurred.year, provisional=origin is not None)
    if origin is None:
        return
    take_labels(connection, origin.labels)
    rows = [(each.writer, each.seq, each.entry, each.why, stamp(now)) for each in refused]
    connection.executemany("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"read:{origin.id}", str(origin.read)))


def _position(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(position), 0) FROM entries").fetchone()[0])
