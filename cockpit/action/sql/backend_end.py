"""The execution of a session's end: to the session that was looked at, followed until it is gone and others move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cockpit.action.live import Live
from cockpit.action.model import Outcome, Verdict
from cockpit.action.sql.backend import Backend
from cockpit.action.sql.server import Server, ServerError
from cockpit.action.sql.session import begin

if TYPE_CHECKING:
    from cockpit.action.sql.server import Connection

_STILL = 8.0
"""Seconds in which a session may come to its end, when the answer was lost."""
_LOOK_EVERY = 0.5

_ZONE = "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true)"
_SAME = "pid = %s AND coalesce(backend_start::text, '') = %s"
_RUNS = "coalesce(query_start::text, '') = %s AND state = 'active'"
_STILL_WAIT = """
SELECT count(*) FROM pg_stat_activity JOIN unnest(%s::int[], %s::text[]) AS seen(was, began)
    ON pid = was AND coalesce(backend_start::text, '') = began WHERE %s = ANY(pg_blocking_pids(pid))
"""


@dataclass(slots=True)
class Ending:
    """Calls `function` on one session, if it is still the one that was previewed.

    Args:
        function: pg_terminate_backend, or pg_cancel_backend, which wants the same query to be running still.
        timeout: seconds for each statement.
    """

    server: Server
    function: str
    backend: Backend
    timeout: float

    @property
    def request(self) -> str:
        """What is sent."""
        what = f"pid = {self.backend.pid} AND backend_start = '{self.backend.started}'"
        what += f" AND query_start = '{self.backend.statement}'" if self._cancels else ""
        return f"SELECT {self.function}(pid) FROM pg_stat_activity WHERE {what}"

    async def run(self, live: Live) -> Outcome:
        """Send the signal."""
        try:
            async with self.server.connected() as connection:
                await self._prepared(connection)
                live.sent = True
                asked = await connection.execute(*self._statement())
                rows = await asked.fetchall()
                await connection.commit()
        except ServerError as error:
            if not error.lost or not live.sent:
                return Outcome("failed", 1, str(error))
            live.say(f"{error}; finding out what became of it")
            settled = await self.settle(live)
            return Outcome(settled.outcome, settled.exit, f"{error}; {settled.error}")
        if not rows:
            changed = "runs that query no more" if self._cancels else "has ended by itself"
            return Outcome("failed", 1, f"session {self.backend.pid} {changed}: nothing was done")
        if rows[0][0] != "t":
            return Outcome("failed", 1, f"the server could not signal session {self.backend.pid}")
        await live.write([f"{self.function}({self.backend.pid}): t"])
        return Outcome("succeeded", 0)

    async def settle(self, live: Live) -> Outcome:
        """Whether it is gone; a session that is still there may have had the signal, or not."""
        deadline = live.clock.monotonic() + _STILL
        try:
            while there := (await self._look())[0]:
                if live.clock.monotonic() >= deadline:
                    break
                live.say("waits whether it ends")
                await live.clock.sleep(_LOOK_EVERY)
        except ServerError as error:
            return Outcome("unknown", None, f"whether it ended is not known: {error}")
        return Outcome("unknown", None, "it is still there") if there else Outcome("succeeded", 0, self._gone)

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """It is gone, and nobody waits for it any more."""
        deadline = live.clock.monotonic() + timeout
        while True:
            try:
                there, waiting = await self._look()
            except ServerError as error:
                verdict = Verdict("unknown", (str(error),))
            else:
                if not there and not waiting:
                    return Verdict("verified", (self._gone, *self._moving))
                still = "" if not there else f"session {self.backend.pid} is still there"
                held = f"{waiting} of {len(self.backend.blocked)} still wait for it" if waiting else ""
                verdict = Verdict("failed", tuple(filter(None, (still, held))))
            if live.clock.monotonic() >= deadline:
                return verdict
            live.say("waits until it is gone and others move")
            await live.clock.sleep(_LOOK_EVERY)

    @property
    def _cancels(self) -> bool:
        return self.function == "pg_cancel_backend"

    @property
    def _gone(self) -> str:
        return f"session {self.backend.pid} {'runs that query no more' if self._cancels else 'is gone'}"

    @property
    def _moving(self) -> tuple[str, ...]:
        count = len(self.backend.blocked)
        if not count:
            return ()
        return ("who waited for it waits no more" if count == 1 else f"the {count} that waited for it wait no more",)

    def _statement(self) -> tuple[str, tuple[str, ...]]:
        where, values = self._where()
        return f"SELECT {self.function}(pid) FROM pg_stat_activity WHERE {where}", values

    def _where(self) -> tuple[str, tuple[str, ...]]:
        """The session that was looked at; for a cancellation, the query too."""
        values = (str(self.backend.pid), self.backend.started)
        return (f"{_SAME} AND {_RUNS}", (*values, self.backend.statement)) if self._cancels else (_SAME, values)

    async def _prepared(self, connection: Connection) -> None:
        await begin(connection, read_only=True, timeout=self.timeout)
        await connection.execute(_ZONE)

    async def _look(self) -> tuple[bool, int]:
        """Whether it is there, and how many of those that waited still wait for it."""
        where, values = self._where()
        blocked = self.backend.blocked
        seen = ([each.pid for each in blocked], [each.started for each in blocked], self.backend.pid)
        async with self.server.connected() as connection:
            await self._prepared(connection)
            asked = await connection.execute(f"SELECT 1 FROM pg_stat_activity WHERE {where}".encode(), values)
            there = await asked.fetchone() is not None
            row = await (await connection.execute(_STILL_WAIT, seen)).fetchone() if blocked else None
            return there, int(row[0] or 0) if row else 0
