"""A journal in which rows were damaged: the shared record gets all the others, and a person reads which it did not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.values import replace
from tests.record.redacting import redaction
from tests.record.shared.journals import ids, journal, note, refused
from tests.stories import INCIDENT

pytestmark = pytest.mark.anyio
DAMAGE = {
    "its actor was changed": "actor = '@eve'",
    "its actor is no text": "actor = CAST(x'ff' AS TEXT)",
    "its time cannot be read": "recorded = '1'",
    "its number is another": "seq = 77",
    "its payload is no JSON": "payload = x'00'",
    "its payload is no object": "payload = CAST('[]' AS BLOB)",
    "its salt is short": "salt = x'00'",
}


@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("kind", ["note", "redaction"])
async def test_the_others_are_sent(change: str, kind: str, dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await ra.once()
        erased = (await a.append([note("one"), note("a secret")])).entries[1]
        drafts = [redaction(erased)] if kind == "redaction" else [note("to be damaged")]
        victim = (await a.append([replace(each, incident=INCIDENT) for each in drafts])).entries[0]
        with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
            connection.execute("DROP TRIGGER entries_keep")
            connection.execute(f"UPDATE entries SET {change} WHERE id = ?", (victim.id,))
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await ra.once()
        await a.append([note("three")])
        await ra.once()
        assert ra.standing.waiting == 0
        assert victim.id not in ids(dsn)
        assert len(ids(dsn)) == (3 if kind == "note" else 2)  # what is erased stays away with what says so
        assert any(victim.id in each for each in await refused(a))
