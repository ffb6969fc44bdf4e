"""Entries as somebody writes them who knows the format and has psql: whole, with true hashes, and false where asked."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import psycopg

from cockpit.incident.entry import GENESIS, Draft, Entry, Recorded, Tail, seal
from cockpit.incident.ids import new_id
from cockpit.record.rows import row_of
from cockpit.record.schema import COLUMNS
from cockpit.values import replace
from tests.stories import INCIDENT, START

NOW = datetime.fromisoformat("2026-03-14T02:00:00Z")


def forged(*, writer: str = "", seq: int = 1, previous: bytes = GENESIS, **changes: Any) -> Entry:
    """An entry that is what its hash says, with fields and payload bytes (`body`) that nobody checked."""
    tail = Tail(writer or new_id(), seq - 1, previous)
    draft = Draft(INCIDENT, "note", {"text": "forged"}, START, "@mallory")
    return sealed(replace(seal(draft, tail, id=new_id(), now=NOW)[0], **changes))


def sealed(entry: Entry) -> Entry:
    """The same with a true digest and a true hash."""
    digest = entry.digest
    if entry.body is not None and entry.salt is not None:
        digest = hashlib.sha256(entry.salt + entry.body).digest()
    entry = replace(entry, digest=digest)
    return replace(entry, hash=entry.true_hash())


def put(connection: psycopg.Connection[Any], entry: Entry, **changed: Any) -> None:
    """Insert it by plain SQL, with columns changed afterwards; raises psycopg.Error."""
    values = dict(zip(COLUMNS.replace(" ", "").split(","), row_of(entry), strict=True)) | changed
    marks = ", ".join(["%s"] * len(values))
    query = f"INSERT INTO cockpit.entries ({', '.join(values)}) VALUES ({marks})"
    connection.execute(query.encode(), list(values.values()))


def at(text: str, counter: int = 0) -> Recorded:
    """A clock reading."""
    return Recorded(datetime.fromisoformat(text), counter)


def with_text(entry: Entry, **columns: str) -> dict[str, Any]:
    """Columns to put in place of the entry's, as texts that no entry can hold, with a hash that is true of them."""
    envelope = entry.envelope().decode()
    for name, text in columns.items():
        mine = dict(zip(COLUMNS.replace(" ", "").split(","), row_of(entry), strict=True))[name]
        envelope = envelope.replace(f'"{name}":"{mine}"', f'"{name}":"{text}"')
    return columns | {"hash": hashlib.sha256(entry.previous + envelope.encode() + entry.digest).digest()}
