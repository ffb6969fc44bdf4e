"""One PostgreSQL server: where it is without its password, a connection to it, and its errors told for people."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cockpit.action.errors import ActionError
from cockpit.config import Secret, SecretError
from cockpit.text import MASK, safe

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.AsyncConnection[tuple[str | None, ...]]

CONNECT_TIMEOUT = 5
"""Seconds until a server that does not answer counts as unreachable."""

_HINTS = {
    "3D000": "check the database's name in its connection string",
    "28P01": "check the password that the connection string holds",
    "28000": "check the user in the connection string, and the server's pg_hba.conf",
    "42501": "use a connection string of a user who may",
    "25006": "the statement writes, and this step only reads",
    "57014": "it was stopped; give the step a longer `timeout` if it may take longer",
    "55000": "check that the extension is loaded: shared_preload_libraries",
}
"""What to do now, by SQLSTATE (PostgreSQL's documentation, appendix A)."""

_ABSENT = ("42P01", "42703", "42883", "42704", "3F000")
"""Undefined table, column, function, object, schema."""
_LOST = ("57P01", "57P02", "57P03")
"""The server shuts down, has crashed, or is just starting."""

_UNLOADED = "pg_stat_statements"
_EXTENSION = "it is not set up here: CREATE EXTENSION pg_stat_statements, with shared_preload_libraries"


logging.getLogger("psycopg").addHandler(logging.NullHandler())  # else its warnings would be printed over the screen


class ServerError(ActionError):
    """The server, or the way to it, refused.

    Args:
        lost: no answer came, so that nobody knows what the server did.
        absent: the statement names what the server does not have.
    """

    def __init__(self, message: str, mend: str = "", *, lost: bool = False, absent: bool = False) -> None:
        super().__init__(message, mend)
        self.lost = lost
        self.absent = absent


@dataclass(frozen=True, slots=True)
class Server:
    """A server as its connection string says.

    Attributes:
        host: with the port, or the folder of the socket.
        conninfo: the connection string with its password: for connecting alone.
    """

    host: str
    database: str
    user: str
    conninfo: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    async def named(cls, dsn: Secret) -> Server:
        """Fetch the connection string and read it; nothing is asked over the network. Raises ServerError."""
        try:
            conninfo, parts = await asyncio.to_thread(_resolved, dsn)
        except SecretError as error:
            raise ServerError(f"the database's connection string is missing: {error}") from None
        except ValueError:
            mend = "write it like postgresql://user@host:5432/database"
            raise ServerError(f"{dsn} gives what is no connection string", mend) from None
        host, port = str(parts.get("host") or "local"), str(parts.get("port") or "")
        user = str(parts.get("user") or "")
        database = str(parts.get("dbname") or user)
        return cls(f"{host}:{port}" if port else host, database, user, conninfo, str(parts.get("password") or ""))

    @property
    def place(self) -> str:
        """Host, database and user, as a preview shows them."""
        return f"{self.host}/{self.database}" + (f" as {self.user}" if self.user else "")

    @property
    def psql(self) -> str:
        """The connection string without its password, as psql takes it."""
        host, _, port = self.host.partition(":") if not self.host.startswith("/") else (self.host, "", "")
        parts = {"host": "" if host == "local" else host, "port": port, "dbname": self.database, "user": self.user}
        return " ".join(f"{name}={value}" for name, value in parts.items() if value)

    @asynccontextmanager
    async def connected(self, *, autocommit: bool = False) -> AsyncIterator[Connection]:
        """A connection that reads every value as the text that the server prints. Raises ServerError."""
        import psycopg

        try:
            connection = await psycopg.AsyncConnection.connect(
                self.conninfo,
                connect_timeout=CONNECT_TIMEOUT,
                autocommit=autocommit,
                application_name="incident-cockpit",
            )
        except psycopg.Error as error:
            raise self.told(error, reached=False) from None
        try:
            _as_text(connection)
            yield connection
        except psycopg.Error as error:
            raise self.told(error) from None
        finally:
            await connection.close()

    def told(self, error: psycopg.Error, *, reached: bool = True) -> ServerError:
        """A psycopg error in words: the server's message and hint, and what to do now."""
        from psycopg import OperationalError

        state, said = error.sqlstate or "", str(error).strip()
        if not state and isinstance(error, OperationalError):
            words = f"the connection to {self.host} broke off" if reached else f"{self.host} cannot be reached"
            mend = "" if reached else "check the network or VPN, and that the server runs"
            return ServerError(f"{words}: {self._hidden(_last_line(said))}", mend, lost=True)
        if not state:
            return ServerError(self._hidden(f"it cannot be sent: {_last_line(said)}"), "correct the value")
        about = error.diag
        details = (about.message_primary or _last_line(said), about.message_detail, about.message_hint)
        text = self._hidden("; ".join(part for part in details if part))
        mend = _EXTENSION if _UNLOADED in text else _HINTS.get(state, "")
        lost = state.startswith("08") or state in _LOST
        return ServerError(f"PostgreSQL says: {text}", mend, lost=lost, absent=state in _ABSENT)

    def _hidden(self, text: str) -> str:
        return safe(text.replace(self.password, MASK) if self.password else text)


def _resolved(dsn: Secret) -> tuple[str, dict[str, object]]:
    """The connection string and its parts. Importing psycopg takes its time as well, so this belongs into a thread."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    conninfo = dsn.resolve()
    try:
        return conninfo, dict(conninfo_to_dict(conninfo))
    except ProgrammingError as error:
        raise ValueError from error


def _last_line(text: str) -> str:
    """libpq puts the reason last, behind the addresses that it tried."""
    return text.splitlines()[-1].strip() if text else "no reason given"


def _as_text(connection: Connection) -> None:
    from psycopg.types.string import TextLoader

    for info in connection.adapters.types:
        for oid in (info.oid, info.array_oid):
            if oid:
                connection.adapters.register_loader(oid, TextLoader)
