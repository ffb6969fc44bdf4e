"""What of a journal the shared record does not have yet, and what it said about the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from msgspec import Struct

from cockpit.incident.entry import Entry, stamp
from cockpit.record.adopt import Refused
from cockpit.record.errors import JournalError, explain
from cockpit.record.journal import Journal
from cockpit.record.rows import entry_of
from cockpit.record.schema import COLUMNS

_WAITING = "FROM entries WHERE position > ? AND source IS NOT ?"
_SENT = "sent:"
_CURSOR = "read:"
_TIMES = "restored:"
_LANDMARKS = 50


class Outgoing(Struct, frozen=True):
    """Entries to send: in the order of appending, with the redactions of those that are erased; `upto` is how far.

    `damaged` are rows among them that cannot be entries any more.
    """

    entries: tuple[Entry, ...]
    upto: int
    damaged: tuple[Refused, ...] = ()


def known_as(journal: Journal, record: str) -> str:
    """How this journal calls the shared record `record`, which is another one each time that it was set back."""
    times = _number(journal, _TIMES + record)
    return f"{record}#{times}" if times else record


def landmarks(journal: Journal, record: str) -> tuple[str, ...]:
    """The ids of the last entries that the shared record `record` had for sure; raises JournalError.

    A record that was restored from a backup, or is a standby that was promoted, lacks its end.
    """
    sent, latest = _number(journal, _SENT + record), "ORDER BY position DESC LIMIT ?"
    mine = f"position <= ? AND source IS NOT ? AND id NOT IN (SELECT id FROM refused) {latest}"
    rows = journal.select(f"SELECT id FROM entries WHERE {mine}", (sent, record, _LANDMARKS))
    rows += journal.select(f"SELECT id FROM entries WHERE source = ? {latest}", (record, _LANDMARKS))
    return tuple(str(row[0]) for row in rows)


def set_back(journal: Journal, record: str) -> None:
    """Note that the shared record `record` lost what it had: all is read and sent anew. Raises JournalError."""
    with _noting(journal) as connection:
        times = _number(journal, _TIMES + record) + 1
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_TIMES + record, str(times)))


def cursor(journal: Journal, record: str) -> int:
    """How far the shared record `record` was read into this journal."""
    return _number(journal, _CURSOR + record)


def waiting(journal: Journal, record: str) -> int:
    """How many entries the shared record `record` does not have yet. Without an id: any shared record."""
    if not record:
        return int(journal.select("SELECT count(*) FROM entries WHERE source IS NULL")[0][0])
    return int(journal.select(f"SELECT count(*) {_WAITING}", (_number(journal, _SENT + record), record))[0][0])


def outgoing(journal: Journal, record: str, limit: int) -> Outgoing:
    """The next entries that the shared record `record` does not have; raises JournalError."""
    since = _number(journal, _SENT + record)
    rows = journal.select(f"SELECT position, {COLUMNS} {_WAITING} ORDER BY position LIMIT ?", (since, record, limit))
    found, damaged = _read(journal, [row[1:] for row in rows])
    for entry in [each for each in found.values() if each.redacted]:
        query = f"SELECT {COLUMNS} FROM entries WHERE incident = ? AND erases = ?"
        for id, each in _read(journal, journal.select(query, (entry.incident, entry.id)))[0].items():
            found.setdefault(id, each)
    return Outgoing(tuple(found.values()), int(rows[-1][0]) if rows else since, damaged)


def _read(journal: Journal, rows: Sequence[tuple[Any, ...]]) -> tuple[dict[str, Entry], tuple[Refused, ...]]:
    """Rows as entries by their ids; and those that were damaged, which keep none of the others here."""
    found: dict[str, Entry] = {}
    damaged: list[Refused] = []
    for row in rows:
        try:
            found[row[0]] = entry_of(row, journal.path)
        except JournalError as error:
            damaged.append(Refused(str(row[6]), int(row[7]), str(row[0]), f"not sent, {error}"))
    return found, tuple(damaged)


def sent(journal: Journal, record: str, upto: int, refused: Sequence[tuple[Entry, str]] = ()) -> None:
    """Note that the shared record has everything up to a position, but for what it refuses; raises JournalError."""
    refuse(journal, [Refused(entry.writer, entry.seq, entry.id, why) for entry, why in refused])
    with _noting(journal) as connection:
        known = max(upto, _number(journal, _SENT + record))
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_SENT + record, str(known)))


def refuse(journal: Journal, refused: Sequence[Refused]) -> None:
    """Note what was refused, here or there, so that somebody sees it; raises JournalError."""
    now = stamp(journal.clock.now())
    with _noting(journal) as connection:
        rows = [(each.writer, each.seq, each.entry, each.why, now) for each in refused]
        connection.executemany("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)", rows)


@contextmanager
def _noting(journal: Journal) -> Iterator[sqlite3.Connection]:
    try:
        with journal.transaction() as connection:
            yield connection
    except sqlite3.Error as error:
        raise explain(error, journal.path) from error


def refusals(journal: Journal) -> tuple[Refused, ...]:
    """Entries that were refused, here or there, and why."""
    return tuple(Refused(*row) for row in journal.select("SELECT writer, seq, id, why FROM refused ORDER BY at"))


def _number(journal: Journal, name: str) -> int:
    rows = journal.select("SELECT value FROM meta WHERE name = ?", (name,))
    with suppress(IndexError, ValueError):
        return int(rows[0][0])
    return 0
