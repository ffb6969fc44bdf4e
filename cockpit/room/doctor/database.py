"""The doctor at the service's database: reached, how full, and what this login may see and end."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cockpit.clock import Clock
from cockpit.incident.quantities import took
from cockpit.room.doctor.finding import Finding
from cockpit.room.house import House
from cockpit.room.live.databases import Looked, look
from cockpit.signal.plan import database_plan
from cockpit.signal.postgres.source import PostgresSource
from cockpit.values import replace


async def database(house: House, clock: Clock) -> AsyncIterator[Finding]:
    """One finding at a time; none where no database is configured."""
    began = clock.monotonic()
    found = await look(house, clock)
    if found is None:
        return
    yield _reached(found, clock.monotonic() - began)
    if not found.view.source.trusted:
        return
    if found.view.source.detail:
        yield Finding("database sessions", "warn", found.view.source.detail, found.view.source.mend)
    yield await _ends(house, clock, found)


def _reached(found: Looked, seconds: float) -> Finding:
    view, what = found.view, f"database {found.view.name}"
    if view.sessions is None or not view.source.trusted:
        return Finding(what, "bad", view.source.detail or view.source.state, view.source.mend)
    server = view.sessions.limits[0]
    said = f"PostgreSQL {view.sessions.version}, {server.used} of {server.most} connections, {took(seconds)}"
    full = [limit.name for limit in view.sessions.limits if limit.full]
    if full:
        return Finding(what, "warn", f"{said}; {' and '.join(full)} full", "`cockpit database` shows who holds them")
    return Finding(what, "ok", said)


async def _ends(house: House, clock: Clock, found: Looked) -> Finding:
    """Whether sessions of others can be ended with the login that changes things, else with the one that reads."""
    what, config = "end a session", house.plans.config
    service = config.services[house.plans.service]
    plan = database_plan(config, service, ())
    write = config.postgresql[found.view.name].write_dsn
    sessions = found.view.sessions
    if plan is not None and write is not None:
        source = PostgresSource(replace(plan, dsn=write), clock, lambda _: None)
        await source.once()
        fresh, sessions = source.freshness(), source.sessions
        if sessions is None:
            return Finding(what, "warn", f"the login of `write_dsn`: {fresh.detail or fresh.state}", fresh.mend)
    assert sessions is not None
    if sessions.superuser and write is None:
        said = f"{sessions.user} is a superuser, and as the login for reading it ends no sessions"
        return Finding(what, "warn", said, "set `write_dsn`, and give `dsn` a login with pg_monitor only")
    if sessions.ends and sessions.hidden:
        said = f"{sessions.user} may not see {sessions.hidden} sessions of others, and so does not end them"
        return Finding(what, "warn", said, f"GRANT pg_read_all_stats TO {sessions.user}")
    if sessions.ends:
        return Finding(what, "ok", f"{sessions.user} may end sessions of others")
    mend = f"GRANT pg_signal_backend TO {sessions.user}" + ("" if write else ", or set `write_dsn`")
    return Finding(what, "warn", f"{sessions.user} may only end its own sessions", mend)
