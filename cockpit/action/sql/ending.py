"""The end of one session in a PostgreSQL, or of its query: looked at first, done once, to that session and no other.

A pid is given anew to the next session; with the moment at which the session began it names that one alone, so the
statement itself asks for both. Functions: PostgreSQL's documentation, "Server Signaling Functions".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Never, Plan, Risk, Situation
from cockpit.action.quoting import quoted
from cockpit.action.sql.backend import APPLICATIONS, Backend, found
from cockpit.action.sql.backend_end import Ending
from cockpit.action.sql.server import Server, ServerError
from cockpit.action.sql.session import begin
from cockpit.action.started import echoed
from cockpit.config import PostgresConfig
from cockpit.incident.ids import new_id
from cockpit.incident.times import age
from cockpit.values import replace

_LISTED = 10
"""Blocked sessions that a preview names."""
_WATCH = 30.0
"""Seconds in which it must be gone, and who waited for it must move."""
_CLIENT = "client backend"
_WRAPAROUND = "(to prevent wraparound)"


@dataclass(frozen=True, slots=True)
class EndBackend:
    """Ends the session with `pid`, or only what it runs now.

    Args:
        database: where; its `write_dsn` is used where there is one. The login of `dsn` is for reading: it ends sessions
            only where it was granted pg_signal_backend, which is a right to nothing else.
        name: the database's name in the configuration.
        cancel: only the query: the session lives on.
        started: when the session began that somebody has seen under this pid; empty: whoever has it now.
    """

    pid: int
    database: PostgresConfig
    name: str
    cancel: bool = False
    started: str = ""
    heading: Heading = field(default_factory=lambda: Heading("End a session"))

    needs_cluster = False

    async def prepare(self, access: object, situation: Situation) -> Plan:
        """Look at the session, at whom it blocks, and whether this user may end it; what hinders is a refusal."""
        plan = self._blank("changing" if self.cancel else "destructive")
        try:
            server = await Server.named(self.database.write_dsn or self.database.dsn)
            plan = replace(plan, server=server.place, command=f"psql {quoted(server.psql)} -c {quoted(self._short)}")
            async with server.connected() as connection:
                await begin(connection, read_only=True, timeout=self.database.statement_timeout)
                backend = await found(connection, self.pid)
        except ServerError as error:
            return replace(plan, refusals=(str(error),))
        if backend is None:
            return replace(plan, refusals=(f"no session has the pid {self.pid}: it has ended, or never was",))
        return self._of(plan, server, backend)

    @property
    def _function(self) -> str:
        return "pg_cancel_backend" if self.cancel else "pg_terminate_backend"

    @property
    def _short(self) -> str:
        return f"SELECT {self._function}({self.pid})"

    def _blank(self, risk: Risk) -> Plan:
        return Plan(
            run=new_id(),
            title=self.heading.title,
            risk=risk,
            command=f"psql -c {quoted(self._short)}",
            execution=Never(),
            step=self.heading.step,
            object=f"backend/{self.pid}",
            beyond=self.database.undrilled(self.name),
            checks=("rollout-complete",),
            mitigates=True,
            timeout=self.database.statement_timeout + 15.0,
            verify_timeout=_WATCH,
        )

    def _of(self, plan: Plan, server: Server, backend: Backend) -> Plan:
        """The plan for the session that is there."""
        again = _asked_again(backend)
        ending = Ending(server, self._function, backend, self.database.statement_timeout)
        confirm = replace(plan.confirm, extra=again)
        return replace(
            plan,
            execution=ending,
            command=f"psql {quoted(server.psql)} -c {quoted(ending.request)}",  # by hand too it ends no other session
            risk="destructive" if again else plan.risk,
            confirm=confirm,
            request=ending.request,
            before=_standing(backend),
            after=self._after(backend),
            change=tuple(_lines(backend)),
            warnings=tuple(self._warnings(backend)),
            refusals=tuple(self._refusals(backend)),
        )

    def _after(self, backend: Backend) -> str:
        if self.cancel:
            return "its query is cancelled, and its transaction fails; the session lives on"
        undone = ", what its transaction did is rolled back" if backend.transaction is not None else ""
        return f"ended{undone}"

    def _refusals(self, backend: Backend) -> Iterator[str]:
        if not backend.started:  # hidden: only that would tell it from the next session with its pid
            to = backend.asker
            yield f"{to} may not see which session has the pid {self.pid}: GRANT pg_read_all_stats TO {to}"
        elif self.started and backend.started != self.started:
            now = f"which began {echoed(backend.started)}"
            yield f"the pid {self.pid} belongs to another session now, {now}: that one has ended; look again"
        if backend.application in APPLICATIONS:
            yield "it is a cockpit's own session, which comes back by itself; end the cockpit, or use psql"
        if backend.kind and backend.kind not in _ENDABLE:
            yield f"it is the server's own process ({backend.kind}), which no client ends"
        if self.cancel and backend.state and backend.state != "active":
            yield f"it runs no query: it is {backend.state}; only ending the session frees what it holds"
        if not backend.permitted:
            to = backend.asker
            yield f"{to} may not end sessions of {backend.user}: GRANT pg_signal_backend TO {to}, or set `write_dsn`"
        elif self.database.write_dsn is None and not backend.granted:
            needs = "the login of `dsn` only reads, unless it is granted pg_signal_backend"
            yield f"{needs}, and {backend.asker} was not: set `write_dsn`"

    def _warnings(self, backend: Backend) -> Iterator[str]:
        if again := _asked_again(backend):
            yield again
        if backend.kind == _CLIENT and not backend.blocked:
            yield "nobody waits for it"


_ENDABLE = (_CLIENT, "walsender", "autovacuum worker", "parallel worker", "logical replication worker")
"""Kinds of pg_stat_activity's backend_type that take the signal; the others are what the server lives by."""


def _asked_again(backend: Backend) -> str:
    """What must be answered once more, because more than a client hangs on it."""
    if backend.kind == "autovacuum worker" and _WRAPAROUND in backend.query:
        return "it is a vacuum that keeps the database from stopping (transaction id wraparound)"
    if backend.kind in ("walsender", "logical replication worker"):
        return f"it is replication ({backend.kind}): who follows falls behind until it has connected again"
    return ""


def _standing(backend: Backend) -> str:
    parts = [backend.state or backend.kind or "hidden"]
    if backend.transaction is not None:
        parts.append(f"in a transaction for {age(backend.transaction)}")
    if backend.blocked:
        count = len(backend.blocked)
        parts.append("blocks 1 session" if count == 1 else f"blocks {count} sessions")
    return ", ".join(parts)


def _lines(backend: Backend) -> Sequence[str]:
    """Who it is, what it runs, and whom it holds up."""
    since = "" if backend.connected is None else f", connected for {age(backend.connected)}"
    since += f", since {echoed(backend.started)}" if backend.started else ""
    where = f" from {backend.client}" if backend.client else ""
    lines = [f"session {backend.pid}: {backend.who}{where}{since}"]
    if backend.query:
        lines.append(f"{'runs' if backend.state == 'active' else 'ran last'}: {backend.query}")
    lines += [f"frees {each.pid}: {each.who}: {each.query}" for each in backend.blocked[:_LISTED]]
    if len(backend.blocked) > _LISTED:
        lines.append(f"frees {len(backend.blocked) - _LISTED} more")
    return lines
