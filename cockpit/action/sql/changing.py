"""The execution of statements that change something: one transaction, whose end is found out whatever happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.model import Outcome, Verdict
from cockpit.action.sql.server import Server, ServerError
from cockpit.action.sql.session import begin, change

_STILL = 8.0
"""Seconds in which a transaction that is still running may come to its end, when its answer was lost."""
_LOOK_EVERY = 0.5

_BEYOND = "; what its functions did outside the transaction is not undone by that"


@dataclass(slots=True)
class Change:
    """Statements in one transaction, or one alone that no transaction takes.

    Args:
        expected: the rows that the preview counted, None where nothing was counted.
        calls: it calls functions whose effects no transaction undoes, as pg_terminate_backend.
        alone: it cannot run in a transaction, as VACUUM.
    """

    server: Server
    statements: tuple[str, ...]
    values: Mapping[str, str]
    masking: Masking
    timeout: float
    expected: int | None = None
    calls: bool = False
    alone: bool = False
    _transaction: str = ""

    async def run(self, live: Live) -> Outcome:
        """Execute and commit; what the server refuses is rolled back whole."""
        try:
            async with self.server.connected(autocommit=self.alone) as connection:
                if self.alone:
                    await connection.execute("SELECT set_config('statement_timeout', %s, false)", (self._limit,))
                    live.sent = True
                    await change(connection, self.statements[0], self.values, live, self.masking)
                    return Outcome("succeeded", 0)
                await begin(connection, read_only=False, timeout=self.timeout)
                row = await (await connection.execute("SELECT txid_current()")).fetchone()
                self._transaction = str(row[0]) if row else ""
                live.sent = True
                rows = [await change(connection, each, self.values, live, self.masking) for each in self.statements]
                live.say("commits")
                await connection.commit()
        except ServerError as error:
            return await self._failed(error, live)
        await self._compare(rows, live)
        return Outcome("succeeded", 0)

    async def settle(self, live: Live) -> Outcome:
        """Ask the server what became of the transaction: it remembers by its number."""
        if self.alone:
            return Outcome("unknown", None, "it runs outside a transaction, so the server cannot say whether it did it")
        if not self._transaction:
            return Outcome("failed", 1, "no transaction had begun: nothing was changed")
        deadline = live.clock.monotonic() + _STILL
        try:
            while (status := await self._status()) == "in progress" and live.clock.monotonic() < deadline:
                live.say(f"transaction {self._transaction} is still running")
                await live.clock.sleep(_LOOK_EVERY)
        except ServerError as error:
            return Outcome("unknown", None, self.masking.text(f"transaction {self._transaction}: {error}"))
        return self._became(status)

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """What was committed stands; whether it helped, the thresholds say."""
        return Verdict("verified", ("committed",))

    @property
    def _limit(self) -> str:
        return f"{self.timeout * 1000:.0f}ms"

    async def _failed(self, error: ServerError, live: Live) -> Outcome:
        said = self.masking.text(str(error))
        if not error.lost or not live.sent:
            return Outcome("failed", 1, said + (_BEYOND if self.calls and live.sent else ""))
        live.say(f"{said}; finding out what became of it")
        found = await self.settle(live)
        return Outcome(found.outcome, found.exit, f"{said}; {found.error}")

    async def _status(self) -> str:
        async with self.server.connected() as connection:
            asked = await connection.execute("SELECT txid_status(%s::bigint)", (self._transaction,))
            row = await asked.fetchone()
            return str(row[0] or "") if row else ""

    def _became(self, status: str) -> Outcome:
        number = f"transaction {self._transaction}"
        if status == "committed":
            return Outcome("succeeded", 0, f"{number} is committed, the server says")
        if status == "aborted":
            undone = f"{number} was rolled back, the server says"
            return Outcome("unknown", None, undone + _BEYOND) if self.calls else Outcome("failed", 1, undone)
        why = "is still running" if status else "is not remembered by the server"
        return Outcome("unknown", None, f"{number} {why}: look whether the change is there")

    async def _compare(self, rows: list[int], live: Live) -> None:
        if self.expected is not None and rows != [self.expected]:
            changed = rows[0] if len(rows) == 1 else sum(rows)
            await live.write([f"{changed} rows, and the preview counted {self.expected}: the data moved in between"])
