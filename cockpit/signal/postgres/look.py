"""One look at a PostgreSQL's sessions: a handful of small questions in one transaction, whatever is going on there.

Views and functions: PostgreSQL's documentation, "Monitoring Database Activity" and "System Information Functions".
pg_blocking_pids holds the lock manager for a moment, so it is asked only for those who wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cockpit.signal.postgres.sessions import HIDDEN, IN_TRANSACTION, Holder, Limit, Prepared, Session, Sessions, Wait
from cockpit.text import clean, safe

if TYPE_CHECKING:
    from cockpit.signal.postgres.wire import Connection

MOST_WAITS = 100
MOST_ROWS = 150
"""Sessions that are read whole: those that wait or block, then the longest transactions, then who is idle longest."""
MOST_HOLDERS, MOST_PREPARED = 10, 100
LONGEST_QUERY = 2000
"""Characters of a query that are read."""

Rows = Sequence[Sequence[Any]]

_CLIENT = "(backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL))"
"""Of a session that is hidden the kind is not known."""

_SERVER = """
SELECT current_user::text, current_setting('server_version'), current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int,
    pg_has_role(current_user, 'pg_signal_backend', 'usage'), pg_is_in_recovery(),
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""
_COUNTS = f"""
SELECT CASE WHEN state IS NULL AND query = '<insufficient privilege>' THEN '{HIDDEN}' ELSE coalesce(state, 'starting')
    END, usename::text, datname::text, count(*)
FROM pg_stat_activity WHERE {_CLIENT} GROUP BY 1, 2, 3
"""
_LIMITS = """
SELECT 'role', rolname::text, rolconnlimit FROM pg_roles WHERE rolconnlimit >= 0 AND rolcanlogin
UNION ALL SELECT 'database', datname::text, datconnlimit FROM pg_database WHERE datconnlimit >= 0 AND datallowconn
LIMIT 500
"""
_HOLDERS = f"""
SELECT usename::text, application_name, count(*), count(*) FILTER (WHERE state LIKE '{IN_TRANSACTION}%%')
FROM pg_stat_activity WHERE {_CLIENT} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {MOST_HOLDERS}
"""
_WAITS = f"""
WITH locks AS (SELECT l.*, (to_jsonb(l) ->> 'waitstart')::timestamptz AS since FROM pg_locks l
    WHERE NOT granted OR locktype = 'tuple'),
waiting AS (SELECT pid, mode, locktype, since, count(*) OVER () AS total,
        CASE WHEN database = (SELECT oid FROM pg_database WHERE datname = current_database()) THEN relation END AS own,
        (SELECT t.relation FROM locks t WHERE t.pid = w.pid AND t.locktype = 'tuple' LIMIT 1) AS row_of
    FROM locks w WHERE NOT granted ORDER BY since NULLS LAST, pid LIMIT {MOST_WAITS})
SELECT pid, pg_blocking_pids(pid), mode, locktype,
    (SELECT relname::text FROM pg_class WHERE oid = coalesce(own, row_of)),
    extract(epoch FROM clock_timestamp() - since)::float8, total
FROM waiting ORDER BY since NULLS LAST, pid
"""
_SESSIONS = f"""
SELECT pid, backend_start::text, usename::text, application_name, datname::text, client_addr::text, backend_type,
    CASE WHEN state IS NULL AND query = '<insufficient privilege>' THEN '{HIDDEN}' ELSE state END,
    left(query, {LONGEST_QUERY}),
    extract(epoch FROM clock_timestamp() - backend_start)::float8,
    extract(epoch FROM clock_timestamp() - xact_start)::float8,
    extract(epoch FROM clock_timestamp() - query_start)::float8,
    extract(epoch FROM clock_timestamp() - state_change)::float8
FROM pg_stat_activity
WHERE pid = ANY(%(involved)s) OR (pid <> pg_backend_pid() AND (xact_start IS NOT NULL OR state = 'idle'))
ORDER BY pid = ANY(%(involved)s) DESC, xact_start NULLS LAST, state_change LIMIT {MOST_ROWS}
"""

_PREPARED = f"""
SELECT gid, owner::text, database::text, prepared::text, extract(epoch FROM clock_timestamp() - prepared)::float8
FROM pg_prepared_xacts ORDER BY prepared LIMIT {MOST_PREPARED}
"""


async def look(connection: Connection) -> Sessions:
    """Look once; raises psycopg.Error."""
    server = (await _rows(connection, _SERVER))[0]
    counts = await _rows(connection, _COUNTS)
    limits = await _rows(connection, _LIMITS)
    holders = await _rows(connection, _HOLDERS)
    waits = await _rows(connection, _WAITS)
    involved = list({pid for wait in waits for pid in (wait[0], *wait[1]) if pid})
    sessions = await _rows(connection, _SESSIONS, {"involved": involved})
    prepared = await _rows(connection, _PREPARED)
    return await asyncio.to_thread(_made, server, counts, limits, holders, waits, sessions, prepared)


async def _rows(connection: Connection, sql: str, values: Any = ()) -> Rows:
    return await (await connection.execute(sql.encode(), values)).fetchall()


def _made(
    server: Sequence[Any], counts: Rows, limits: Rows, holders: Rows, waits: Rows, rows: Rows, prepared: Rows
) -> Sessions:
    user, version, most, ends, standby, superuser = server
    states: dict[str, int] = {}
    for word, _, _, count in counts:
        state = _text(word)
        states[state] = states.get(state, 0) + count
    return Sessions(
        user=safe(user),
        version=safe(version),
        counts=dict(sorted(states.items(), key=lambda each: -each[1])),
        limits=(Limit("server", sum(states.values()), most), *_limits(counts, limits)),
        holders=tuple(Holder(_text(name), _text(application), *numbers) for name, application, *numbers in holders),
        waits=tuple(_wait(row) for row in waits),
        waiting=waits[0][-1] if waits else 0,
        rows={row[0]: _session(row) for row in rows},
        ends=ends,
        standby=standby,
        superuser=superuser,
        prepared=tuple(
            Prepared(clean(gid), safe(owner), safe(database), clean(since), seconds)
            for gid, owner, database, since, seconds in prepared
        ),
    )


def _limits(counts: Rows, limits: Rows) -> list[Limit]:
    """The limits of roles and databases, the fullest first; those that nobody uses say nothing."""
    column = {"role": 1, "database": 2}
    found = []
    for kind, name, most in limits:
        used = sum(row[3] for row in counts if row[column[kind]] == name)
        if used:
            found.append(Limit(f"{kind} {safe(name)}", used, most))
    return sorted(found, key=lambda limit: limit.used / max(limit.most, 1), reverse=True)


def _wait(row: Sequence[Any]) -> Wait:
    pid, blockers, mode, kind, relation, seconds, _ = row
    mode, kind = _text(mode), _text(kind)
    wanted = (
        kind if not relation else f"relation {safe(relation)}" if kind == "relation" else f"row of {safe(relation)}"
    )
    return Wait(pid, tuple(dict.fromkeys(blockers)), mode, wanted, seconds)


def _session(row: Sequence[Any]) -> Session:
    pid, started, user, application, database, client, kind, state, query, *ages = row
    connected, transaction, statement, standing = ages
    text = "" if state == HIDDEN else " ".join(_text(query).split())
    return Session(
        pid=pid, started=clean(started or ""), user=_text(user), application=_text(application),
        database=_text(database), client=_text(client), kind=_text(kind), state=_text(state),
        query=f"{text} …" if query and len(query) >= LONGEST_QUERY else text,
        connected=connected, transaction=transaction, statement=statement, standing=standing,
    )  # fmt: skip


def _text(value: str | None) -> str:
    return safe(value) if value else ""
