"""An entry as a row of the journal, and back."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from cockpit.incident.entry import Entry, Recorded, instant, stamp
from cockpit.record.errors import JournalError
from cockpit.record.schema import COLUMNS

_FIELDS = tuple(name.strip().replace("payload", "body") for name in COLUMNS.split(","))
"""An entry's fields in the order of COLUMNS."""

_TEXT, _NUMBER, _BYTES, _NOTHING = (str,), (int,), (bytes,), (type(None),)
_TYPES: dict[str, tuple[type, ...]] = {
    "schema": _NUMBER,
    "seq": _NUMBER,
    "digest": _BYTES,
    "previous": _BYTES,
    "hash": _BYTES,
}
_TYPES |= {"role": _TEXT + _NOTHING, "supersedes": _TEXT + _NOTHING}
_TYPES |= {"body": _BYTES + _NOTHING, "salt": _BYTES + _NOTHING}
_SHAPES = frozenset(product(*(_TYPES.get(name, _TEXT) for name in _FIELDS)))
"""The types that a row's values can have; SQLite checks them when a row is written, not when it is read."""


def row_of(entry: Entry) -> tuple[object, ...]:
    """An entry in the order of COLUMNS."""
    head = (entry.id, entry.incident, entry.kind, entry.schema, stamp(entry.occurred), str(entry.recorded))
    middle = (entry.writer, entry.seq, entry.actor, entry.role, entry.supersedes)
    return (*head, *middle, entry.body, entry.salt, entry.digest, entry.previous, entry.hash)


def read_row(row: tuple[Any, ...]) -> Entry:
    """A row of COLUMNS as an entry; raises ValueError saying why it cannot be one."""
    if tuple(map(type, row)) not in _SHAPES:
        raise ValueError("a value in it is of another type")
    # By place, in which COLUMNS and Entry agree: a long record is read in little more than half the time.
    id, incident, kind, schema, occurred, recorded, *rest = row
    return Entry(id, incident, kind, schema, instant(occurred), Recorded.parse(recorded), *rest)


def entry_of(row: tuple[Any, ...], path: Path) -> Entry:
    """As `read_row`, of a row of the journal at `path`; raises JournalError naming the entry."""
    try:
        return read_row(row)
    except (ValueError, TypeError) as error:
        raise damaged(row, path, str(error)) from error


def exact_entry_of(row: tuple[Any, ...], path: Path) -> Entry:
    """As `entry_of`, of a row that must be to the letter what was written; raises JournalError.

    A time can be written in several ways, and only what it means is hashed; text that is no UTF-8 is in no hash.
    """
    for text in filter(lambda value: isinstance(value, str), row):
        if not encodable(text):
            raise damaged(row, path, "a text in it is not UTF-8")
    entry = entry_of(row, path)
    if (stamp(entry.occurred), str(entry.recorded)) != (row[4], row[5]):
        raise damaged(row, path, "a time in it is not in the record's form")
    return entry


def encodable(text: str) -> bool:
    """Whether a text can be written as UTF-8: it has no half of a character pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def damaged(row: tuple[Any, ...], path: Path, why: str) -> JournalError:
    """The error that names the entry of `row`."""
    id, writer, seq = (str(row[n]).encode(errors="backslashreplace").decode() for n in (0, 6, 7))
    text = f"{path}: entry {id} (writer {writer}, seq {seq}) is damaged: {why}; run `cockpit incident verify`"
    return JournalError("corrupt", text)
