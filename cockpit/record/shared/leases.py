"""A lease: what only one cockpit may do at a time. A cockpit that died frees it by saying nothing more."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from cockpit.record.shared.record import SharedRecord
from cockpit.text import clean

LASTS = 30
"""Seconds that a lease holds when it is not taken anew."""

# The database's own clock decides, not those of the machines.
_TAKE = """
INSERT INTO cockpit.leases AS held (name, holder, handle, what, until)
VALUES (%(name)s, %(holder)s, %(handle)s, %(what)s, now() + make_interval(secs => %(lasts)s))
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, handle = excluded.handle, what = excluded.what, until = excluded.until
WHERE held.holder = excluded.holder OR held.until < now()
RETURNING name
"""
_HOLDER = "SELECT handle, what, until FROM cockpit.leases WHERE name = %s"
_FREE = "DELETE FROM cockpit.leases WHERE name = %s AND holder = %s"


class Held(Struct, frozen=True):
    """Who holds a lease, for what, and until when if nothing more is heard of him."""

    handle: str
    what: str
    until: datetime


async def take(shared: SharedRecord, name: str, holder: str, handle: str, what: str) -> Held | None:
    """Take a lease, or take it anew; gives who else holds it, and None when it is ours. Raises SharedError."""
    values = {"name": name[:400], "holder": holder, "handle": handle, "what": what[:400], "lasts": LASTS}
    async with shared.connection() as connection:
        if await (await connection.execute(_TAKE, values)).fetchone():
            return None
        row = await (await connection.execute(_HOLDER, (name[:400],))).fetchone()
    if row is None:  # freed between the two
        return await take(shared, name, holder, handle, what)
    return Held(clean(str(row[0])), clean(str(row[1])), row[2].astimezone(UTC))


async def free(shared: SharedRecord, name: str, holder: str) -> None:
    """Give a lease back; raises SharedError."""
    async with shared.connection() as connection:
        await connection.execute(_FREE, (name[:400], holder))
