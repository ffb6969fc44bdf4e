"""Places in writers' chains that are known to hold entries of other incidents, which did not come along.

A file brings one incident of its writers, and so leaves gaps that are none: what is not here was never promised. A
shared record passes on what is known of them. What has come since is elsewhere no more, in each copy by itself.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from cockpit.incident.entry import Entry
from cockpit.record.errors import explain

if TYPE_CHECKING:
    from cockpit.record.journal import Journal

Spans = Sequence[tuple[int, int]]
"""Numbers of entries from and to, both included; sorted, and apart."""
Place = tuple[str, int, int]
"""A writer, and the numbers of its entries from and to."""

_NAME = "elsewhere:"
"""How the rows of `meta` begin that have them, one for each writer."""
_TOLD = "elsewhere-told:"
_HEARD = "elsewhere-heard:"


def elsewhere(journal: Journal) -> Mapping[str, Spans]:
    """The spans of each writer whose entries are not all here."""
    rows = journal.select("SELECT name, value FROM meta WHERE name GLOB ?", (f"{_NAME}*",))
    return {name.removeprefix(_NAME): spans for name, value in rows if (spans := _read(value))}


def note_elsewhere(connection: sqlite3.Connection, places: Iterable[Place]) -> None:
    """Take note that what is in `places`, and is not here, is elsewhere. Inside the caller's transaction."""
    query = "SELECT seq FROM entries WHERE writer = ? AND seq BETWEEN ? AND ? ORDER BY seq"
    for writer, group in groupby(sorted(places), key=lambda place: place[0]):
        spans = united([*_kept(connection, writer), *((first, last) for _, first, last in group)])
        if spans:
            here = [seq for (seq,) in connection.execute(query, (writer, spans[0][0], spans[-1][1]))]
            _keep(connection, writer, list(_without(spans, here)))


def forget_arrived(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Take note that `entries`, by writer and seq, have come. Inside the caller's transaction."""
    if connection.execute("SELECT 1 FROM meta WHERE name GLOB ? LIMIT 1", (f"{_NAME}*",)).fetchone():
        for writer, group in groupby(entries, key=lambda entry: entry.writer):
            if spans := _kept(connection, writer):
                _keep(connection, writer, list(_without(spans, [entry.seq for entry in group])))


def untold(journal: Journal, record: str) -> tuple[Sequence[Place], str]:
    """All that is known here, unless the shared record `record` was told; and what it is recognised by then."""
    rows = journal.select("SELECT name, value FROM meta WHERE name GLOB ? ORDER BY name", (f"{_NAME}*",))
    known = hashlib.sha256(json.dumps(rows).encode()).hexdigest() if rows else ""
    if not rows or [(known,)] == journal.select("SELECT value FROM meta WHERE name = ?", (_TOLD + record,)):
        return (), known
    return [(name.removeprefix(_NAME), *span) for name, value in rows for span in _read(value)], known


def told(journal: Journal, record: str, known: str) -> None:
    """Take note that the shared record has what `untold` gave; raises JournalError."""
    _note(journal, _TOLD + record, known)


def heard_upto(journal: Journal, record: str) -> int:
    """How far was heard what the shared record `record` knows."""
    rows = journal.select("SELECT value FROM meta WHERE name = ?", (_HEARD + record,))
    return int(rows[0][0]) if rows else 0


def hear(journal: Journal, record: str, places: Iterable[Place], upto: int) -> None:
    """Take note of what the shared record knows, heard up to a position of it; raises JournalError."""
    _note(journal, _HEARD + record, str(upto), places)


def covered(spans: Spans, first: int, last: int) -> bool:
    """Whether all of that lies in one of `spans`."""
    return any(begin <= first and last <= end for begin, end in spans)


def united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same, sorted, with what overlaps or touches made one."""
    united: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if united and first <= united[-1][1] + 1:
            united[-1] = united[-1][0], max(last, united[-1][1])
        else:
            united.append((first, last))
    return united


def _note(journal: Journal, name: str, value: str, places: Iterable[Place] = ()) -> None:
    try:
        with journal.transaction() as connection:
            note_elsewhere(connection, places)
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
    except sqlite3.Error as error:
        raise explain(error, journal.path) from error


def _without(spans: Spans, seqs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The parts of `spans` in which none of `seqs` is; both are sorted."""
    for first, last in spans:
        begin = first
        for seq in seqs[bisect_left(seqs, first) : bisect_right(seqs, last)]:
            if begin < seq:
                yield begin, seq - 1
            begin = seq + 1
        if begin <= last:
            yield begin, last


def _kept(connection: sqlite3.Connection, writer: str) -> list[tuple[int, int]]:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (f"{_NAME}{writer}",)).fetchone()
    return _read(row[0]) if row else []


def _keep(connection: sqlite3.Connection, writer: str, spans: Spans) -> None:
    connection.execute("DELETE FROM meta WHERE name = ?", (f"{_NAME}{writer}",))
    if spans:
        connection.execute("INSERT INTO meta VALUES (?, ?)", (f"{_NAME}{writer}", json.dumps(spans)))


def _read(text: str) -> list[tuple[int, int]]:
    """What was noted; nothing where somebody made it unreadable, so that each gap is named again."""
    with suppress(ValueError, TypeError):
        return [(int(first), int(last)) for first, last in json.loads(text)]
    return []
