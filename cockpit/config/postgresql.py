"""The PostgreSQL servers that SQL steps and signals may ask, and a signal that one of them gives."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from cockpit.config.values import Duration, Secret, Strict, Text, Unit

SHORTEST_INTERVAL = 1.0


def _seldom(value: float) -> float:
    """A look takes locks of the server's for a moment: one a second is the most."""
    if value < SHORTEST_INTERVAL:
        raise PydanticCustomError("interval", "is too often for a server in trouble; write 1s or more")
    return value


class PostgresConfig(Strict):
    """One database.

    Attributes:
        dsn: the connection string for reading, as libpq takes it; best of a user who may only read.
        write_dsn: the one for changing; without it no statement changes anything. A session is ended by it, or where
            there is none by `dsn`, if that user was granted pg_signal_backend; being a superuser is no such grant.
        interval: seconds between two looks at its sessions and signals.
        statement_timeout: seconds that a statement may take, unless its step or signal says otherwise.
        drill: whether drills may change things in it.
    """

    dsn: Secret
    write_dsn: Secret | None = None
    interval: Annotated[Duration, AfterValidator(_seldom)] = 10.0
    statement_timeout: Duration = 5.0
    drill: bool = False

    def undrilled(self, name: str) -> str:
        """Why a drill may change nothing in the database of that name; empty where it may."""
        return "" if self.drill else f"`postgresql.{name}` is not marked `drill: true` in the configuration"


class SqlSignal(Strict):
    """Where a threshold's value comes from, when a database gives it.

    Attributes:
        sql: one SELECT that gives one row with one number.
        timeout: seconds that it may take; None: the database's.
        increase: of a counter, the seconds over which its growth is the reading, as PromQL's `increase` has it.
    """

    unit: Unit
    sql: Text
    timeout: Duration | None = None
    increase: Duration | None = None
