"""Up to where somebody has seen an incident's record, for their other machines: beside the record, and none of it."""

from __future__ import annotations

from datetime import UTC, datetime

from cockpit.record.seen import Seen
from cockpit.record.shared.record import SharedRecord

SINCE = 4
"""The version of the tables that has this one."""

_MARK = """
INSERT INTO cockpit.seen (handle, incident, writer, seq, at)
SELECT %s, %s, writer, seq, %s FROM unnest(%s::text[], %s::bigint[]) AS upto (writer, seq)
ON CONFLICT (handle, incident, writer) DO UPDATE
SET seq = greatest(seen.seq, excluded.seq), at = greatest(seen.at, excluded.at)
"""
_MARKS = "SELECT writer, seq, at FROM cockpit.seen WHERE handle = %s AND incident = %s"


async def mark(shared: SharedRecord, handle: str, incident: str, seen: Seen) -> None:
    """Tell what `handle` has seen; what was told before stays. Raises SharedError."""
    writers = sorted(seen.upto)
    async with shared.connection() as connection:
        values = (handle, incident, seen.at, writers, [seen.upto[each] for each in writers])
        await connection.execute(_MARK, values)


async def marked(shared: SharedRecord, handle: str, incident: str) -> Seen | None:
    """What `handle` has seen, wherever that was; None where nothing is known of it. Raises SharedError."""
    async with shared.connection() as connection:
        rows = await (await connection.execute(_MARKS, (handle, incident))).fetchall()
    times = [at.astimezone(UTC) for _, _, at in rows if isinstance(at, datetime)]
    return Seen(max(times), {str(writer): int(str(seq)) for writer, seq, _ in rows}) if times else None
