"""Rows of the shared record as entries: what lies there may have been written by anybody.

A superuser passes every rule of the tables. What slipped in so is told, and the rest is read on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cockpit.incident.entry import Entry, stamp
from cockpit.record.adopt import AHEAD, Refused
from cockpit.record.rows import read_row

_GREATEST = 2**62
"""Numbers that a journal can hold, and count on from."""


def entries_of(rows: Sequence[tuple[Any, ...]], now: datetime) -> tuple[tuple[Entry, ...], tuple[Refused, ...]]:
    """Rows as entries; and those that cannot be ones, with why.

    Args:
        rows: of `rows.COLUMNS`.
        now: the record's clock. One entry from far ahead of it would drag along all that is recorded after it.
    """
    found: list[Entry] = []
    refused: list[Refused] = []
    for row in rows:
        try:
            found.append(_sound(read_row(row), now))
        except (ValueError, TypeError) as error:
            number = row[7] if isinstance(row[7], int) and abs(row[7]) < _GREATEST else 0
            why = f"it lies damaged in the shared record: {error}"
            refused.append(Refused(str(row[6]), number, str(row[0]), why))
    return tuple(found), tuple(refused)


def _sound(entry: Entry, now: datetime) -> Entry:
    """The same; raises ValueError."""
    if not (0 < entry.seq < _GREATEST and 0 < entry.schema < _GREATEST):
        raise ValueError("a number in it is out of range")
    if entry.recorded.at - now > AHEAD:
        raise ValueError(f"recorded at {stamp(entry.recorded.at)}, far ahead of the record's clock")
    return entry
