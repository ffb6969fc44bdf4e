"""One session of a PostgreSQL as it is now, with those that wait for it, and whether this user may end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cockpit.text import safe

if TYPE_CHECKING:
    from cockpit.action.sql.server import Connection

APPLICATIONS = ("cockpit", "incident-cockpit")
"""What a cockpit's own sessions call themselves: those of its signals, and those of its actions."""
_LONGEST, _GLANCE = 400, 60
"""Characters that are shown of a session's query, and of those that wait for it."""

_LOOK = """
SELECT pid, coalesce(backend_start::text, ''), coalesce(usename, ''), coalesce(application_name, ''),
    coalesce(client_addr::text, ''), coalesce(backend_type, ''), coalesce(state, ''), left(query, 2000),
    extract(epoch FROM clock_timestamp() - backend_start), extract(epoch FROM clock_timestamp() - xact_start),
    coalesce(query_start::text, ''), current_user::text,
    pg_has_role(current_user, 'pg_signal_backend', 'usage') AND NOT coalesce((SELECT rolsuper FROM pg_roles r
            WHERE r.oid = usesysid), usesysid IS NULL)
        OR coalesce(pg_has_role(current_user, usesysid, 'usage'), false)
        OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
    pg_has_role(current_user, 'pg_signal_backend', 'usage')
        AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
FROM pg_stat_activity WHERE pid = %s
"""
_WAITING = """
SELECT pid, coalesce(backend_start::text, ''), coalesce(usename, ''), coalesce(application_name, ''), left(query, 2000),
    array_to_string(pg_blocking_pids(pid), ' ')
FROM pg_stat_activity WHERE pid IN (SELECT pid FROM pg_locks WHERE NOT granted) ORDER BY xact_start NULLS LAST LIMIT 200
"""
_ZONE = "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true)"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A session that waits for another."""

    pid: int
    started: str
    who: str
    query: str


@dataclass(frozen=True, slots=True)
class Backend:
    """A session; texts are cleaned and redacted.

    Attributes:
        started: when it began, as the server writes it in UTC; `statement` when what it runs, or ran last, began.
        kind: its backend_type; empty when that is hidden from `asker`, who is asking.
        connected, transaction: seconds that it has been there, and in a transaction.
        permitted: whether `asker` may end it.
        granted: whether `asker` was let end sessions: has pg_signal_backend, and not because a superuser has all roles.
        blocked: who waits for it, directly or behind others that do.
    """

    pid: int
    started: str
    user: str
    application: str
    client: str
    kind: str
    state: str
    query: str
    connected: float | None
    transaction: float | None
    statement: str
    asker: str
    permitted: bool
    granted: bool
    blocked: Sequence[Blocked] = ()

    @property
    def who(self) -> str:
        """The user, and what it calls itself."""
        return " ".join(part for part in (self.user, self.application) if part) or self.kind


async def found(connection: Connection, pid: int) -> Backend | None:
    """The session that has `pid` now; None when none has. Raises psycopg.Error."""
    await connection.execute(_ZONE)
    row = await (await connection.execute(_LOOK, (str(pid),))).fetchone()
    if row is None:
        return None
    waiting = await (await connection.execute(_WAITING)).fetchall()
    blocked = _behind(pid, waiting)
    number, started, user, application, client, kind, state, query, connected, inside, statement, asker = row[:12]
    permitted, granted = (each == "t" for each in row[12:])
    return Backend(
        int(number or 0), started or "", safe(user or ""), safe(application or ""), client or "", kind or "",
        state or "", _cut(query), _seconds(connected), _seconds(inside), statement or "", asker or "",
        permitted, granted, blocked,
    )  # fmt: skip


def _behind(pid: int, waiting: Sequence[Sequence[str | None]]) -> tuple[Blocked, ...]:
    """Those of all that wait that wait for `pid`, or for one that does."""
    near, found = [str(pid)], dict[str, Blocked]()
    while near:
        holding = near.pop(0)
        for number, started, user, application, query, blockers in waiting:
            waits = str(number)
            if waits not in found and waits != str(pid) and holding in (blockers or "").split():
                found[waits] = Blocked(int(waits), started or "", _who(user, application), _cut(query, _GLANCE))
                near.append(waits)
    return tuple(found.values())


def _who(user: str | None, application: str | None) -> str:
    return " ".join(safe(part) for part in (user, application) if part)


def _cut(query: str | None, most: int = _LONGEST) -> str:
    text = " ".join(safe(query or "").split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _seconds(text: str | None) -> float | None:
    return float(text) if text else None
