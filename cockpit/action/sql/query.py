"""The execution of a statement that only reads, in a transaction in which the server lets nobody write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.model import Outcome, ReadOnly
from cockpit.action.sql.server import Server, ServerError
from cockpit.action.sql.session import begin, read


@dataclass(frozen=True, slots=True)
class Query(ReadOnly):
    """Statements, one after the other, in one READ ONLY transaction that is rolled back at its end.

    Args:
        timeout: seconds for each statement.
    """

    server: Server
    statements: tuple[str, ...]
    values: Mapping[str, str]
    masking: Masking
    timeout: float

    async def run(self, live: Live) -> Outcome:
        """Ask, and write the answers as tables."""
        try:
            live.say(f"asks {self.server.host}")
            async with self.server.connected() as connection:
                for statement in self.statements:
                    await begin(connection, read_only=True, timeout=self.timeout)
                    answer = await read(connection, statement, self.values)
                    await live.write(answer.masked(self.masking).lines())
                    await connection.rollback()
        except ServerError as error:
            return Outcome("failed", 1, self.masking.text(str(error)))
        return Outcome("succeeded", 0)
