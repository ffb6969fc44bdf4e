"""Taking in entries that other journals wrote: each is checked by hash and chain, and comes in once however often."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

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
_INSERT = f"INSERT INTO entries ({COLUMNS}, source) VALUES ({','.join('?' * 17)})"


@dataclass(frozen=True, slots=True)
class Refused:
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


@dataclass(frozen=True, slots=True)
class Sifted:
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


def take_in(connection: sqlite3.Connection, sifted: Sifted, now: datetime, origin: Origin | None) -> Adopted:
    """Take entries of any writers in, inside the caller's transaction: all that are sound, and none twice.

    A redaction among them erases what it names, and what is already redacted here comes in erased (by the journal's
    triggers). Entries of one writer may come in any order and with gaps; a gap that stays is named by `verify`.
    """
    added: list[Entry] = []
    refused = list(sifted.refused)
    present = 0
    known = _known(connection, [entry.id for entry in sifted.sound])
    for writer, group in groupby(sifted.sound, key=lambda entry: entry.writer):
        own = list(group)
        chain = _Chain(connection, writer, own[0].seq, own[-1].seq)
        for entry in own:
            if known.get(entry.id) == entry.hash:
                present += 1
            elif why := "another entry here has its id" if entry.id in known else chain.fault(entry):
                refused.append(Refused.of(entry, why))
            else:
                known[entry.id] = entry.hash
                chain.take(entry)
                added.append(entry)
    source = origin.id if origin else None
    connection.executemany(_INSERT, ((*row_of(entry), source) for entry in added))
    forget_arrived(connection, added)
    _note(connection, added, refused, now, origin)
    return Adopted(tuple(added), present, tuple(refused), _position(connection))


def _untrue(entry: Entry) -> str:
    """Whether it is another than its hash says, in words."""
    true = entry.digest == entry.true_digest() and entry.hash == entry.true_hash()
    return "" if true else "it is not what its hash says"


def _ahead(entry: Entry, now: datetime) -> str:
    """Whether an entry of a file is recorded too far ahead of this machine's clock, in words."""
    far = entry.recorded.at > now + AHEAD_IN_A_FILE
    return f"it was recorded at {stamp(entry.recorded.at)}, far ahead of this machine's clock" if far else ""


def _known(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, bytes]:
    """The hashes of the entries here that have these ids."""
    query = "SELECT id, hash FROM entries WHERE id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (json.dumps(ids),)))


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
