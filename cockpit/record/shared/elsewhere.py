"""What is known to be elsewhere, passed on: else each copy but one would miss what a file left out.

It is told before the entries that came with it, and heard whenever entries came: who has these has heard of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cockpit.record import elsewhere
from cockpit.record.elsewhere import Place, covered, united
from cockpit.record.rules import GREATEST, ID
from cockpit.record.shared.record import SharedRecord
from cockpit.record.store import Store

SINCE = 5
"""The version of the tables that has this one."""

_NEWS = "SELECT position, writer, first, last FROM cockpit.elsewhere WHERE position > %s ORDER BY position"
_KNOWN = "SELECT writer, first, last FROM cockpit.elsewhere WHERE writer = ANY(%s)"
_TELL = """
INSERT INTO cockpit.elsewhere (writer, first, last)
SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING
"""


async def hear(shared: SharedRecord, store: Store, record: str) -> None:
    """Take note of what others have told since; raises SharedError, JournalError.

    Args:
        record: what the journal calls the shared record.
    """
    if shared.version < SINCE:
        return
    since = await store.call(partial(elsewhere.heard_upto, record=record))
    async with shared.connection() as connection:
        rows = await (await connection.execute(_NEWS, (since,))).fetchall()
    if rows:
        places = _sound([(str(writer), int(first), int(last)) for _, writer, first, last in rows])
        await store.call(partial(elsewhere.hear, record=record, places=places, upto=int(rows[-1][0])))


async def tell(shared: SharedRecord, store: Store, record: str) -> None:
    """Tell what is known here and not there; raises SharedError, JournalError. As `hear`."""
    places, known = await store.call(partial(elsewhere.untold, record=record))
    if not places or shared.version < SINCE:
        return
    async with shared.connection() as connection:
        writers = sorted({writer for writer, _, _ in places})
        rows = await (await connection.execute(_KNOWN, (writers,))).fetchall()
        there = {each: united((first, last) for writer, first, last in rows if writer == each) for each in writers}
        news = [place for place in _sound(places) if not covered(there[place[0]], place[1], place[2])]
        if news:
            await connection.execute(_TELL, tuple(map(list, zip(*news, strict=True))))
    await store.call(partial(elsewhere.told, record=record, known=known))


def _sound(places: Sequence[Place]) -> list[Place]:
    """Those that the tables take: a journal is a file that can be written to, and a superuser passes every rule."""
    return [place for place in places if ID.fullmatch(place[0]) and 0 < place[1] <= place[2] < GREATEST]
