"""Rows of the shared record as entries: what lies there may have been written by anybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cockpit.incident.entry import Entry, Recorded, instant

_HEAD = ("id", "incident", "kind", "schema", "occurred", "recorded", "writer", "seq", "actor", "role", "supersedes")


def entries_of(rows: Sequence[tuple[Any, ...]]) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Rows as entries; those that cannot be ones, in words."""
    found: list[Entry] = []
    damaged: list[str] = []
    for _, *row in rows:
        try:
            found.append(_entry(row))
        except (ValueError, TypeError) as error:
            damaged.append(f"entry {row[0]} (writer {row[6]}, seq {row[7]}) of the shared record is damaged: {error}")
    return tuple(found), tuple(damaged)


def _entry(row: Sequence[Any]) -> Entry:
    head = dict(zip(_HEAD, row, strict=False)) | {"occurred": instant(row[4]), "recorded": Recorded.parse(row[5])}
    body, salt, digest, previous, hash = (None if each is None else bytes(each) for each in row[11:])
    assert digest is not None
    assert previous is not None
    assert hash is not None
    return Entry(**head, body=body, salt=salt, digest=digest, previous=previous, hash=hash)
