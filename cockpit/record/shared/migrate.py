"""Bringing the shared record's tables to what this program knows: by itself, once, whoever comes first."""

from __future__ import annotations

from importlib import resources

import psycopg
from psycopg import AsyncConnection

from cockpit.record.shared.errors import SharedError

LOCK = 0x0C0C_4917
"""The advisory lock under which migrations run: ten cockpits that start at once wait for the first."""

_MADE = "CREATE SCHEMA IF NOT EXISTS cockpit"
_LIST = """
CREATE TABLE IF NOT EXISTS cockpit.migrations (
    version integer PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now(), by text NOT NULL
)
"""
_NOTE = "INSERT INTO cockpit.migrations (version, name, by) VALUES (%s, %s, current_user)"


def migrations() -> dict[int, tuple[str, str]]:
    """Every migration that this program knows: its name and its statements, by version."""
    folder = resources.files("cockpit.record.shared").joinpath("migrations")
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    return {int(each.name[:3]): (each.name, each.read_text(encoding="utf-8")) for each in files}


async def version(connection: AsyncConnection[tuple[object, ...]]) -> int:
    """The version of the tables; 0 where there are none. Raises psycopg.Error."""
    found = await (await connection.execute("SELECT to_regclass('cockpit.migrations') IS NOT NULL")).fetchone()
    if not found or not found[0]:
        return 0
    row = await (await connection.execute("SELECT coalesce(max(version), 0) FROM cockpit.migrations")).fetchone()
    return int(str(row[0])) if row else 0


async def migrate(connection: AsyncConnection[tuple[object, ...]]) -> int:
    """Run what is missing, all or nothing, and give the version that the tables have then, which may be a newer one.

    Raises:
        SharedError: this login may not make the tables, or the database is not in UTF-8.
        psycopg.Error: it failed; nothing was changed.
    """
    known = migrations()
    present = await version(connection)
    if present >= max(known):
        return present
    encoding = await (await connection.execute("SHOW server_encoding")).fetchone()
    if encoding and encoding[0] != "UTF8":
        raise SharedError("unusable", f"its database is in {encoding[0]}; make one in UTF8 for it")
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            await connection.execute(_MADE.encode())
            await connection.execute(_LIST.encode())
            present = await version(connection)
            for number, (name, statements) in known.items():
                if number > present:
                    await connection.execute(statements.encode())
                    await connection.execute(_NOTE, (number, name))
            return max(present, *known)
    except psycopg.errors.InsufficientPrivilege as error:
        text = "its tables are not there or old, and this login may not make them; start a cockpit once as their owner"
        raise SharedError("denied", text) from error
