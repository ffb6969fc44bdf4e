"""Who is at the shared record now: each cockpit says so every few seconds, and is gone when it no longer does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from cockpit.record.shared.record import SharedRecord
from cockpit.text import clean

GONE = 20
"""Seconds after which a cockpit that has said nothing counts as gone."""
OBSERVING = "cockpit observing"
"""How the connections of a cockpit that only reads are called: the server knows it by that, since it cannot write."""

_HERE = """
INSERT INTO cockpit.presence (cockpit, handle, role, incident, looking, machine, keyed, skew, seen)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now())
ON CONFLICT (cockpit) DO UPDATE SET handle = excluded.handle, role = excluded.role, incident = excluded.incident,
    looking = excluded.looking, machine = excluded.machine, keyed = excluded.keyed, skew = excluded.skew, seen = now()
"""
_OTHERS = """
SELECT cockpit, handle, role, incident, looking, machine, keyed, skew, seen FROM cockpit.presence
WHERE seen > now() - make_interval(secs => %s) ORDER BY handle, cockpit
"""
_OBSERVERS = """
SELECT DISTINCT substr(application_name, length(%s) + 2) FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, %s)
"""


class Present(Struct, frozen=True):
    """A cockpit that is there: whose, in which role, at what; when its last key was pressed.

    Args:
        cockpit: its id, of this one run of the program.
        incident: the id of the incident that is open there; empty when none is.
        looking: the screen or pane, in a word or two.
        skew: seconds by which its machine's clock is ahead of the record's.
        observer: it only reads.
    """

    cockpit: str
    handle: str
    role: str = ""
    incident: str = ""
    looking: str = ""
    machine: str = ""
    keyed: datetime | None = None
    skew: float | None = None
    observer: bool = False


async def tell(shared: SharedRecord, me: Present) -> None:
    """Say that this cockpit is here; raises SharedError."""
    values = (me.cockpit, me.handle, me.role or None, me.incident or None, me.looking[:200], me.machine[:200])
    async with shared.connection() as connection:
        await connection.execute(_HERE, (*values, me.keyed, me.skew))


async def leave(shared: SharedRecord, cockpit: str) -> None:
    """Say that it goes, and let what it holds go; raises SharedError."""
    async with shared.connection() as connection:
        await connection.execute("DELETE FROM cockpit.presence WHERE cockpit = %s", (cockpit,))
        await connection.execute("DELETE FROM cockpit.leases WHERE holder = %s", (cockpit,))


async def present(shared: SharedRecord) -> Sequence[Present]:
    """Everybody who is there, this cockpit too; those who only read without what they look at. Raises SharedError."""
    async with shared.connection() as connection:
        rows = await (await connection.execute(_OTHERS, (GONE,))).fetchall()
        named = await (await connection.execute(_OBSERVERS, (OBSERVING, OBSERVING))).fetchall()
    found = [_present(row) for row in rows]
    return [*found, *(Present("", clean(str(handle)), observer=True) for (handle,) in sorted(named) if handle)]


def _present(row: tuple[object, ...]) -> Present:
    cockpit, handle, role, incident, looking, machine = (clean(str(each or "")) for each in row[:6])
    keyed = row[6].astimezone(UTC) if isinstance(row[6], datetime) else None
    return Present(cockpit, handle, role, incident, looking, machine, keyed, float(str(row[7])) if row[7] else None)
