"""A statement for PostgreSQL, prepared: read by who may only read, or counted first and then changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cockpit.action.kubernetes.reading import Heading
from cockpit.action.masking import Masking
from cockpit.action.model import VERIFY_TIMEOUT, Never, Plan, Risk, Situation
from cockpit.action.quoting import quoted
from cockpit.action.sql.changing import Change
from cockpit.action.sql.query import Query
from cockpit.action.sql.selects import Selects, selects
from cockpit.action.sql.server import Server, ServerError
from cockpit.action.sql.session import begin, read
from cockpit.action.sql.table import pairs
from cockpit.action.sql.text import literal, names, shown, statements, words
from cockpit.config import PostgresConfig
from cockpit.incident.ids import new_id
from cockpit.runbook.fill import variable
from cockpit.runbook.parameters import Values
from cockpit.runbook.risk import risk_of_sql
from cockpit.values import replace

_MARGIN = 15.0
"""Seconds beyond the statements' own limit: connecting, committing, and the server's word that it stopped one."""

_CONTROL = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}
_ALONE = {"VACUUM", "CLUSTER"}
_ALONE_TWO = {
    ("ALTER", "SYSTEM"),
    *((verb, thing) for verb in ("CREATE", "DROP") for thing in ("DATABASE", "TABLESPACE")),
}
_ROWS = {"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"}
_NOT_PREVIEWABLE = "not previewable: what it will change is known only when it is done"


@dataclass(frozen=True, slots=True)
class Sql:
    """Statements for one database. Several run one after the other, changing ones in one transaction.

    Args:
        statement: with parameters as `:name`.
        values: the parameters' values; they are bound, never put into the text.
        database: where.
        name: the database's name in the configuration.
        timeout: seconds for each statement; None: the step's where it reads, else the configuration's.
        mitigates: it is there to make things better, so that resolving asks whether it stays.
    """

    statement: str
    values: Values
    database: PostgresConfig
    name: str = ""
    timeout: float | None = None
    heading: Heading = field(default_factory=lambda: Heading("SQL"))
    mitigates: bool = False

    needs_cluster = False

    async def prepare(self, access: object, situation: Situation) -> Plan:
        """The plan. Reading asks nothing yet; a change is counted by a SELECT of its own condition, never tried."""
        plan = self._blank()
        if refusals := tuple(self._wrong(plan.changes)):
            return replace(plan, refusals=refusals)
        dsn = self.database.write_dsn if plan.changes else self.database.dsn
        try:
            server = await Server.named(dsn or self.database.dsn)
            plan = self._at(plan, server)
            if not plan.changes:
                masking = Masking.of(self.values)
                return replace(plan, execution=Query(server, self._statements, self._known, masking, self._limit))
            return await self._previewed(plan, server)
        except ServerError as error:
            return replace(plan, refusals=(Masking.of(self.values).text(str(error)),))

    @property
    def _statements(self) -> tuple[str, ...]:
        return tuple(statements(self.statement))

    @property
    def _known(self) -> Mapping[str, str]:
        """The values by the names that SQL can write."""
        return {name.replace("-", "_"): value for name, value in self.values.known.items()}

    @property
    def _limit(self) -> float:
        """The action's own, else of a step that reads the step's, else the configuration's."""
        of_step = self.heading.timeout if self._risk == "read-only" else None
        given = of_step if self.timeout is None else self.timeout
        return self.database.statement_timeout if given is None else given

    @property
    def _risk(self) -> Risk:
        return self.heading.risk or risk_of_sql(self.statement)

    def _blank(self) -> Plan:
        heading = self.heading
        return Plan(
            run=new_id(),
            title=heading.title,
            risk=self._risk,
            command=f"psql -c {quoted(self._with_literals())}",
            execution=Never(),
            step=heading.step,
            object=f"database/{self.name}" if self.name else "database",
            mitigates=self.mitigates,
            beyond=self.database.undrilled(self.name),
            checks=heading.checks,
            timeout=self._limit * max(len(self._statements), 1) + _MARGIN,
            verify_timeout=VERIFY_TIMEOUT if heading.timeout is None else heading.timeout,
        )

    def _wrong(self, changes: bool) -> Iterator[str]:
        """What stands against it before any server is asked."""
        parts = self._statements
        if not parts:
            yield "there is no statement in it; correct the runbook"
        for name in names(self.statement):
            if name not in self._known:
                yield f"`:{name}` has no value; give it one: --set {name}=VALUE"
        if any(_controls(part) for part in parts):
            yield "it begins or ends transactions itself, which the cockpit does; take that out of the runbook"
        if len(parts) > 1 and (alone := [part for part in parts if _alone(part)]):
            yield f"{words(alone[0], 1)[0]} runs in no transaction, so not with others: make it a step of its own"
        if changes and self.database.write_dsn is None:
            yield f"it changes something, and `postgresql.{self.name}` has no `write_dsn`; configure one, or use psql"

    def _at(self, plan: Plan, server: Server) -> Plan:
        """The plan with where, and exactly what is sent."""
        options = f"-c statement_timeout={self._limit * 1000:.0f}"
        options += "" if plan.changes else " -c default_transaction_read_only=on"
        parameters = ", ".join(f"{name} = {self._shown(name)}" for name in names(self.statement))
        begins = "alone" if self._runs_alone else "BEGIN" if plan.changes else "BEGIN READ ONLY"
        ends = "" if self._runs_alone else "; COMMIT" if plan.changes else "; ROLLBACK"
        return replace(
            plan,
            server=server.place,
            object=f"database/{self.name or server.database}",
            command=f"PGOPTIONS={quoted(options)} psql {quoted(server.psql)} -c {quoted(self._with_literals())}",
            request=f"{begins}; {'; '.join(self._statements)}{ends}" + (f" with {parameters}" if parameters else ""),
        )

    async def _previewed(self, plan: Plan, server: Server) -> Plan:
        """The plan with the rows that it would change. Raises ServerError when the server cannot be reached."""
        several = len(self._statements) > 1
        asked = None if several else await asyncio.to_thread(selects, self._statements[0])
        masking = Masking.of(self.values)
        found = await _counted(server, asked, self._known, masking, self._limit)
        execution = Change(
            server,
            self._statements,
            self._known,
            masking,
            self._limit,
            expected=found.count,
            calls=any(not set(words(part, 1)) & _ROWS for part in self._statements),
            alone=self._runs_alone,
        )
        return replace(
            plan,
            execution=execution,
            before="" if found.count is None else f"{found.count} rows match now",
            change=found.sample,
            dry_run=masking.text(found.words),
            warnings=tuple(self._warnings(found.count)),
            refusals=tuple(masking.text(why) for why in found.refusals),
        )

    def _warnings(self, count: int | None) -> Iterator[str]:
        if count == 0:
            yield "no row matches now: it would change nothing"
        every = words(self._statements[0], 10_000)
        if len(self._statements) == 1 and every[0] in ("UPDATE", "DELETE") and "WHERE" not in every:
            yield "it has no WHERE: it is for every row of the table"

    @property
    def _runs_alone(self) -> bool:
        return len(self._statements) == 1 and _alone(self._statements[0])

    def _shown(self, name: str) -> str:
        """A value as preview and record may have it: of a secret its variable's name."""
        given = {known.replace("-", "_"): known for known in self.values.known}[name]
        return f"${variable(given)}" if given in self.values.secret else literal(self.values.known[given])

    def _with_literals(self) -> str:
        return shown(self.statement.strip(), lambda name: self._shown(name) if name in self._known else f":{name}")


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the preview found: the count, some rows, and what it says of it."""

    words: str
    count: int | None = None
    sample: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


async def _counted(
    server: Server, asked: Selects | None, values: Mapping[str, str], masking: Masking, timeout: float
) -> _Counted:
    """Count in a READ ONLY transaction, which also proves that the server can be reached. Raises ServerError."""
    try:
        async with server.connected() as connection:
            await begin(connection, read_only=True, timeout=timeout)
            if asked is None:
                return _Counted(_NOT_PREVIEWABLE)
            number = await read(connection, asked.count, values)
            some = (await read(connection, asked.sample, values)).masked(masking)
    except ServerError as error:
        if error.lost:
            raise
        if error.absent:
            return _Counted("the server would refuse it", refusals=(str(error),))
        return _Counted(f"not previewable: counting failed: {error}")
    count = int(number.rows[0][0] or 0)
    sample = tuple(pairs(some.columns, row) for row in some.rows)
    more = (f"… and {count - len(sample)} more",) if count > len(sample) else ()
    return _Counted(f"counted, not executed: {asked.count}", count, (*sample, *more))


def _controls(statement: str) -> bool:
    first = words(statement, 2)
    transaction = first[:1] == ["SET"] and first[1:2] in (["TRANSACTION"], ["SESSION"])
    return first[:1] != [] and (first[0] in _CONTROL or transaction or first == ["PREPARE", "TRANSACTION"])


def _alone(statement: str) -> bool:
    """Whether PostgreSQL refuses it inside a transaction."""
    first = words(statement, 6)
    return first[0] in _ALONE or tuple(first[:2]) in _ALONE_TWO or "CONCURRENTLY" in first
