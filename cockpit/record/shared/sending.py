"""Sending entries to the shared record: in one statement where it takes all, else each that it takes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import psycopg
from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.record.rows import row_of
from cockpit.record.schema import COLUMNS
from cockpit.record.shared.connection import Connection
from cockpit.record.shared.errors import HERE, SharedError

_MARKS = f"({', '.join(['%s'] * 16)})"
_KNOWN = "SELECT id, hash FROM cockpit.entries WHERE id = ANY(%s)"
REFUSALS = (
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
    UnicodeEncodeError,
)
"""How the database, or the way to it, says that an entry is none: the others may be."""
AHEAD = "recorded_is_past"
"""The rule that an entry breaks only for now: the record's clock comes to where this one's is."""


class Sent(Struct, frozen=True):
    """What came of sending entries: how many the record has now, and those that it refuses for good, with why."""

    there: int
    refused: tuple[tuple[Entry, str], ...] = ()


async def send(connection: Connection, entries: Sequence[Entry]) -> Sent:
    """Write entries that the record does not have yet; raises SharedError, psycopg.Error.

    What is there is asked for afterwards: an answer that was lost, or an entry that somebody else sent, is no second
    one.
    """
    refused: list[tuple[Entry, str]] = []
    try:
        await _write(connection, entries)
    except REFUSALS:
        refused = await _in_parts(connection, entries)
    known = dict(await (await connection.execute(_KNOWN, ([entry.id for entry in entries],))).fetchall())
    said = {entry.id for entry, _ in refused}
    for entry in entries:
        if entry.id not in said and known.get(entry.id) != entry.hash:
            refused.append((entry, "another entry there has its id"))
    return Sent(len(entries) - len(refused), tuple(refused))


async def _write(connection: Connection, entries: Sequence[Entry]) -> None:
    """All or none, in one statement: no cockpit is ever waited for by the others while they could go on."""
    rows = ", ".join([_MARKS] * len(entries))
    query = f"INSERT INTO cockpit.entries ({COLUMNS}) VALUES {rows} ON CONFLICT (id) DO NOTHING"
    await connection.execute(query.encode(), [value for entry in entries for value in row_of(entry)])


async def _in_parts(connection: Connection, entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Write all that the record takes, and tell why it does not take the others; raises SharedError, psycopg.Error."""
    refused: list[tuple[Entry, str]] = []
    for part in _parts(entries):
        try:
            await _write(connection, part)
        except REFUSALS as error:
            said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
            if isinstance(error, psycopg.Error) and error.diag.constraint_name == AHEAD:
                raise SharedError("ahead", f"{said}; {HERE}; set this machine's clock") from error
            refused += ((entry, f"the shared record refuses it: {said or error}") for entry in part)
    return refused


def _parts(entries: Sequence[Entry]) -> Collection[list[Entry]]:
    """Each entry alone, but what is erased with what says so: the record takes neither without the other."""
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        parts.setdefault(_about(entry), []).append(entry)
    return parts.values()


def _about(entry: Entry) -> str:
    """The id of what it redacts, else its own."""
    redaction = kinds.read(entry)
    return redaction.entry if isinstance(redaction, kinds.Redaction) else entry.id
