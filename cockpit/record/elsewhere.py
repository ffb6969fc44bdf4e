"""Places in writers' chains that are known to hold entries of other incidents, which did not come along.

A file brings one incident of its writers, and so leaves gaps that are none: what is not here was never promised.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from cockpit.record.journal import Journal

Spans = Sequence[tuple[int, int]]
"""Numbers of entries from and to, both included; sorted, and apart."""

_NAME = "elsewhere:"
"""How the rows of `meta` begin that have them, one for each writer."""


def elsewhere(journal: Journal) -> Mapping[str, Spans]:
    """The spans of each writer whose entries are not all here, as they were when its files were taken in."""
    rows = journal.select("SELECT name, value FROM meta WHERE name GLOB ?", (f"{_NAME}*",))
    return {name.removeprefix(_NAME): spans for name, value in rows if (spans := _read(value))}


def note_elsewhere(connection: sqlite3.Connection, writer: str, after: int, until: int) -> None:
    """Take note that what `writer` has between `after` and `until`, which is here, and is not here is elsewhere.

    Inside the caller's transaction.
    """
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (f"{_NAME}{writer}",)).fetchone()
    query = "SELECT seq FROM entries WHERE writer = ? AND seq > ? AND seq <= ? ORDER BY seq"
    here = (seq for (seq,) in connection.execute(query, (writer, after, until)))
    spans = _united([*_read(row[0] if row else "[]"), *_between(here, after)])
    if spans:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"{_NAME}{writer}", json.dumps(spans)))


def covered(spans: Spans, first: int, last: int) -> bool:
    """Whether all of that lies in one of `spans`."""
    return any(begin <= first and last <= end for begin, end in spans)


def _between(here: Iterable[int], after: int) -> Iterator[tuple[int, int]]:
    """The spans after `after` and between those that are here."""
    last = after
    for seq in here:
        if seq > last + 1:
            yield last + 1, seq - 1
        last = seq


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same, sorted, with what overlaps or touches made one."""
    united: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if united and first <= united[-1][1] + 1:
            united[-1] = united[-1][0], max(last, united[-1][1])
        else:
            united.append((first, last))
    return united


def _read(text: str) -> list[tuple[int, int]]:
    """What was noted; nothing where somebody made it unreadable, so that each gap is named again."""
    with suppress(ValueError, TypeError):
        return [(int(first), int(last)) for first, last in json.loads(text)]
    return []
