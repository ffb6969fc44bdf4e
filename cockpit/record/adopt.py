"""Taking in entries that other journals wrote: each is checked by hash and chain, and comes in once however often."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cockpit.incident.entry import GENESIS, Entry, canonical, stamp
from cockpit.record.labels import give_label, take_labels
from cockpit.record.rows import row_of
from cockpit.record.schema import COLUMNS

AHEAD = timedelta(hours=25)
"""How far an entry of a file may be recorded ahead of this machine's clock: more drags every later entry along."""
MOST = 900_000
"""The greatest counter of a clock reading that leaves room for those after it."""
_INSERT = f"INSERT INTO entries ({COLUMNS}, source) VALUES ({','.join('?' * 17)})"


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that was not taken in, and why."""

    writer: str
    seq: int
    entry: str
    why: str

    def __str__(self) -> str:
        return f"entry {self.entry} (writer {self.writer}, seq {self.seq}): {self.why}"


@dataclass(frozen=True, slots=True)
class Adopted:
    """What came of it. `present` were there already, the same."""

    added: tuple[Entry, ...] = ()
    present: int = 0
    refused: tuple[Refused, ...] = ()
    position: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """The shared record that entries come from: its id, how far it was read with them, and the labels it gives."""

    id: str
    read: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)


def take_in(connection: sqlite3.Connection, entries: Sequence[Entry], now: datetime, origin: Origin | None) -> Adopted:
    """Take `entries` of any writers in, inside the caller's transaction: all that are sound, and none twice.

    A redaction among them erases what it names, and what is already redacted here comes in erased (by the journal's
    triggers). Entries of one writer may come in any order and with gaps; a gap that stays is named by `verify`.
    """
    added: list[Entry] = []
    refused: list[Refused] = []
    present = 0
    for entry in sorted(entries, key=lambda entry: (entry.writer, entry.seq)):
        found = _known(connection, entry)
        if found == entry.hash and _true(entry):
            present += 1
        elif why := _fault(connection, entry, found, None if origin else now):
            refused.append(Refused(entry.writer, entry.seq, entry.id, why))
        else:
            connection.execute(_INSERT, (*row_of(entry), origin.id if origin else None))
            added.append(entry)
    _note(connection, added, refused, now, origin)
    return Adopted(tuple(added), present, tuple(refused), _position(connection))


def _known(connection: sqlite3.Connection, entry: Entry) -> bytes | None:
    """The hash of the entry that has this one's id."""
    row = connection.execute("SELECT hash FROM entries WHERE id = ?", (entry.id,)).fetchone()
    return bytes(row[0]) if row else None


def _fault(connection: sqlite3.Connection, entry: Entry, known: bytes | None, now: datetime | None) -> str:
    """Why an entry cannot come in; empty when it can. `now` limits how far ahead of this clock it may be."""
    if not _true(entry):
        return "it is not what its hash says"
    if known is not None:
        return "another entry here has its id"
    if (entry.body is None) != (entry.salt is None):
        return "half of it is erased"
    if entry.recorded.counter > MOST or (now is not None and entry.recorded.at > now + AHEAD):
        return f"it was recorded at {stamp(entry.recorded.at)}, far ahead of this machine's clock"
    if _hash_at(connection, entry.writer, entry.seq):
        return (
            f"another entry here has its place in the chain of {entry.writer}: a journal that was copied went on twice"
        )
    before = GENESIS if entry.seq == 1 else _hash_at(connection, entry.writer, entry.seq - 1)
    after = connection.execute(
        "SELECT previous FROM entries WHERE writer = ? AND seq = ?", (entry.writer, entry.seq + 1)
    ).fetchone()
    if before not in (None, entry.previous) or (after and after[0] != entry.hash):
        return "it does not continue its writer's chain as it is here"
    return _unreadable(entry)


def _true(entry: Entry) -> bool:
    """Whether it is what its hash says."""
    return entry.seq > 0 and entry.digest == entry.true_digest() and entry.hash == entry.true_hash()


def _hash_at(connection: sqlite3.Connection, writer: str, seq: int) -> bytes | None:
    row = connection.execute("SELECT hash FROM entries WHERE writer = ? AND seq = ?", (writer, seq)).fetchone()
    return bytes(row[0]) if row else None


def _unreadable(entry: Entry) -> str:
    """Why a payload cannot be read, which its hash does not say; empty when it can."""
    try:
        payload = {} if entry.body is None else json.loads(entry.body)
        if not isinstance(payload, dict):
            return "its payload is no object"
        # Halves of characters, numbers beyond all bounds: what no journal writes, no screen has to bear.
        return "" if entry.body in (None, canonical(payload)) else "its payload is not in the record's form"
    except (ValueError, RecursionError) as error:
        return f"its payload cannot be read: {error}"


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
