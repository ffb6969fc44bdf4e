"""One transaction, and the statements in it: each alone, its parameters bound, its answer capped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.sql.table import Row, printed
from cockpit.action.sql.text import bound, words
from cockpit.values import replace

if TYPE_CHECKING:
    from cockpit.action.sql.server import Connection

MOST_ROWS = 500
"""Rows that are fetched of one answer."""
MOST_BYTES = 256 * 1024
"""Characters that are fetched of one answer; the row that passes them is the last."""
MOST_COUNTED = 1_000_000
"""Rows that are counted behind those that were fetched."""

_BATCH = 50
_WITH_CURSOR = ("SELECT", "WITH", "VALUES", "TABLE")


async def begin(connection: Connection, *, read_only: bool, timeout: float) -> None:
    """Begin the transaction, of which each statement may take `timeout` seconds. Asking something takes its snapshot,
    from which on reading only cannot be undone."""
    await connection.set_read_only(read_only)
    await connection.execute("SELECT set_config('statement_timeout', %s, true)", (f"{timeout * 1000:.0f}ms",))
    await connection.execute("SELECT set_config('standard_conforming_strings', 'on', true)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one statement that reads.

    Attributes:
        left_out: rows that were not fetched; None when there were too many to count, or no time.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int | None = 0

    def masked(self, masking: Masking) -> Answer:
        """Without secrets, taken out before any value is cut and half of one would be left."""
        rows = tuple(tuple(None if value is None else masking.text(value) for value in row) for row in self.rows)
        return replace(self, columns=tuple(map(masking.text, self.columns)), rows=rows)

    def lines(self) -> list[str]:
        """The table, and how many rows there were."""
        count = len(self.rows)
        if self.left_out is None:
            ending = f"({count} rows, and more: they were not counted)"
        elif self.left_out:
            ending = f"({count} rows, {self.left_out} more left out)"
        else:
            ending = "(1 row)" if count == 1 else f"({count} rows)"
        return [*printed(self.columns, self.rows), ending]


async def read(connection: Connection, statement: str, values: Mapping[str, str]) -> Answer:
    """Run a statement that reads. A query has a cursor in the server, so that a huge answer is never sent."""
    if not set(words(statement, 1)) & set(_WITH_CURSOR):
        return await _streamed(connection, statement, values)
    async with connection.cursor(name="cockpit") as cursor:
        await cursor.execute(bound(statement), values)
        rows: list[Row] = []
        size = 0
        while len(rows) < MOST_ROWS and size < MOST_BYTES:
            batch = await cursor.fetchmany(min(_BATCH, MOST_ROWS - len(rows)))
            rows += batch
            size += sum(len(value or "") for row in batch for value in row)
            if len(batch) < _BATCH:
                break
        return Answer(_columns(cursor), tuple(rows), await _left_out(connection, cursor.name))


async def _left_out(connection: Connection, cursor: str) -> int | None:
    import psycopg

    try:
        moved = await connection.execute(f'MOVE FORWARD {MOST_COUNTED} IN "{cursor}"')
    except psycopg.errors.QueryCanceled:
        await connection.rollback()
        return None
    count = int((moved.statusmessage or "MOVE 0").rpartition(" ")[2])
    return count if count < MOST_COUNTED else None


async def _streamed(connection: Connection, statement: str, values: Mapping[str, str]) -> Answer:
    """SHOW, EXPLAIN and the like, which no cursor takes; row by row, so that it is one statement alone."""
    import psycopg

    rows: list[Row] = []
    async with connection.cursor() as cursor:
        try:
            async for row in cursor.stream(bound(statement), values):
                rows.append(row)
                if len(rows) == MOST_ROWS:
                    return Answer(_columns(cursor), tuple(rows), None)
        except psycopg.ProgrammingError as error:
            if error.sqlstate or cursor.statusmessage is None:
                raise
            return Answer((), ())  # it gives no rows, as SET does
        return Answer(_columns(cursor), tuple(rows))


async def change(
    connection: Connection, statement: str, values: Mapping[str, str], live: Live, masking: Masking
) -> int:
    """Run one statement that changes something, write what it gave, and give the number of its rows (-1: unknown).

    A prepared statement is one statement alone, whatever its text holds.
    """
    async with connection.cursor() as cursor:
        await cursor.execute(bound(statement), values, prepare=True)
        if cursor.description:
            rows = await cursor.fetchmany(MOST_ROWS)
            answer = Answer(_columns(cursor), tuple(rows), max(cursor.rowcount - len(rows), 0))
            await live.write(answer.masked(masking).lines())
        await live.write([cursor.statusmessage or ""])
        return cursor.rowcount


def _columns(cursor: Any) -> tuple[str, ...]:
    return tuple(column.name for column in cursor.description or ())
