"""The doctor at the service's PostgreSQL: its clock, and whether the steps that change something would be let."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from cockpit.action.errors import ActionError
from cockpit.action.sql.server import Server
from cockpit.clock import Clock
from cockpit.config import PostgresConfig
from cockpit.room.doctor.cluster import clock_finding
from cockpit.room.doctor.finding import Finding
from cockpit.room.house import House
from cockpit.runbook.actions import Sql
from cockpit.runbook.model import Step

if TYPE_CHECKING:
    from cockpit.action.sql.server import Connection

_WRITES = {"Update": "UPDATE", "Delete": "DELETE", "Insert": "INSERT", "TruncateTable": "TRUNCATE"}
"""The kinds of statements by sqlglot's names, and the privilege that each takes (PostgreSQL's documentation, 5.8)."""
_SIGNAL = ("pg_terminate_backend", "pg_cancel_backend")


async def writing(house: House, clock: Clock) -> AsyncIterator[Finding]:
    """The database that the service names; nothing where it names none and no step wants one."""
    steps = [step for step in house.runbook.steps() if isinstance(step.action, Sql)] if house.runbook else []
    of_service = house.plans.of_service
    if of_service is None or of_service.postgresql is None:
        if steps:
            said = f"{len(steps)} steps want a database, and none is configured for this service"
            yield Finding("database", "warn", said, "add `postgresql` to the service, or do those steps by hand")
        return
    name = of_service.postgresql
    config = house.plans.config.postgresql[name]
    if (finding := await _clock(name, config, clock)) is not None:
        yield finding
    changing = [step for step in steps if step.risk != "read-only"]
    if not changing:
        return
    if config.write_dsn is None:
        said = f"no `write_dsn` is configured: {len(changing)} steps would be refused: {_ids(changing)}"
        yield Finding(f"database {name} write", "warn", said, "add one, or know who else may do those steps")
        return
    async for finding in _writes(name, config, changing):
        yield finding


async def _clock(name: str, config: PostgresConfig, clock: Clock) -> Finding | None:
    """How its clock differs from ours; None when it cannot be asked, which another look tells."""
    try:
        server = await Server.named(config.dsn)
        async with server.connected() as connection:
            sent, asked = clock.now(), clock.monotonic()
            theirs = float((await _row(connection, "SELECT extract(epoch FROM clock_timestamp())"))[0] or 0)
            took = clock.monotonic() - asked
    except ActionError:
        return None
    return clock_finding(f"clock of database {name}", theirs - sent.timestamp() - took / 2)


async def _writes(name: str, config: PostgresConfig, steps: list[Step]) -> AsyncIterator[Finding]:
    """Whether the user of `write_dsn` has what the statements of the steps take."""
    what = f"database {name} write"
    assert config.write_dsn is not None  # asked before
    try:
        server = await Server.named(config.write_dsn)
        async with server.connected() as connection:
            standby = (await _row(connection, "SELECT pg_is_in_recovery()::text"))[0] == "true"
            refused = [f"{step.id} ({why})" for step in steps if (why := await _refusal(connection, step))]
    except ActionError as error:
        yield Finding(what, "bad", str(error), "" if error.mend in str(error) else error.mend)
        return
    if standby:
        yield Finding(what, "bad", f"{server.place} is a standby, which takes no change", "name the primary")
    elif refused:
        said = f"{len(refused)} of {len(steps)} steps would be refused: {', '.join(refused)}"
        yield Finding(what, "warn", said, f"grant it to {server.user}, or know who has it")
    else:
        yield Finding(what, "ok", f"{server.place}: may do the {len(steps)} steps that change something")


async def _refusal(connection: Connection, step: Step) -> str:
    """What of a step's statement this user may not do; empty when all that could be read of it is allowed."""
    assert isinstance(step.action, Sql)
    tables, signals = _wanted(step.action.statement)
    for privilege, table in tables:
        allowed = "SELECT CASE WHEN to_regclass(%s) IS NULL THEN 'absent' ELSE has_table_privilege(%s, %s)::text END"
        answer = (await _row(connection, allowed, (table, table, privilege)))[0]
        if answer == "absent":
            return f"there is no table {table}"
        if answer != "true":
            return f"{privilege} {table}"
    member = "SELECT pg_has_role(current_user, 'pg_signal_backend', 'usage')::text"
    if signals and (await _row(connection, member))[0] != "true":
        return "pg_signal_backend"
    return ""


def _wanted(statement: str) -> tuple[list[tuple[str, str]], bool]:
    """The privileges on tables that a statement takes, as far as it can be read, and whether it ends sessions."""
    import sqlglot
    from sqlglot import exp

    try:
        parsed = [each for each in sqlglot.parse(statement, read="postgres") if each is not None]
    except sqlglot.errors.SqlglotError:
        return [], False
    tables = []
    for tree in parsed:
        for node in tree.find_all(exp.Update, exp.Delete, exp.Insert, exp.TruncateTable):
            table = node.find(exp.Table)
            if table is not None:
                tables.append((_WRITES[type(node).__name__], table.sql(dialect="postgres").split(" ")[0]))
    return tables, any(name in statement.lower() for name in _SIGNAL)


async def _row(connection: Connection, statement: str, values: tuple[str, ...] = ()) -> tuple[str | None, ...]:
    cursor = await connection.execute(statement.encode(), values or None)
    return await cursor.fetchone() or (None,)


def _ids(steps: Iterable[Step]) -> str:
    return ", ".join(step.id for step in steps)
