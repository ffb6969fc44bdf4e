"""Why a PostgreSQL gives nothing, for people: what it says, what that means, and what to do now.

States are those of PostgreSQL's documentation, appendix A. What a server says before it lets anybody in comes without
one, as text alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cockpit.config import SecretError
from cockpit.signal.freshness import SourceState
from cockpit.text import MASK, safe

_LONGEST = 300
"""Characters of what a server says."""


_ATTEMPT = re.compile(r"connection to server .*? failed: ([^\n]+)")


class PostgresError(Exception):
    """The server could not be asked, or refused.

    Args:
        state: how the source's freshness calls it when it never had data.
        message: what failed, cleaned.
        mend: what to do now.
        refused: the server itself refused this one statement, and answers others.
        slow: it was stopped because it took too long.
    """

    def __init__(
        self, state: SourceState, message: str, mend: str, *, refused: bool = False, slow: bool = False
    ) -> None:
        super().__init__(message)
        self.state = state
        self.message = message
        self.mend = mend
        self.refused = refused
        self.slow = slow


class _Known(NamedTuple):
    """One failure that is known: by its states, or by what is said, in the order of asking."""

    states: tuple[str, ...]
    said: str
    state: SourceState
    words: str
    mend: str


_RIGHTS = "check user, password and sslmode in its connection string, and the server's pg_hba.conf"
_KNOWN = (
    _Known(
        ("53300",), r"too many (clients|connections)|connection slots", "unreachable", "it has no connection left",
        "end idle sessions, or raise max_connections; from PostgreSQL 16 on pg_use_reserved_connections keeps a place",
    ),
    _Known(
        ("57P03",), r"the database system is (starting|shutting|in recovery|not)", "unreachable", "it is not up",
        "wait: it is starting, stopping or recovering; what it says is the server's own word",
    ),
    _Known(
        ("57P01", "57P02"), r"terminating connection|server closed", "unreachable", "it ended this session",
        "it restarts, or somebody ended the session; the next look connects anew",
    ),
    _Known(
        ("3D000", "57P04"), r"database .* (does not exist|is not currently accepting)", "error", "its database is gone",
        "check the database's name in its connection string",
    ),
    _Known(("28P01",), r"password authentication|no password", "unauthorized", "it refuses this login", _RIGHTS),
    _Known(
        ("28000",), r"pg_hba|not permitted to log in|role .* does not exist|authentication", "unauthorized",
        "it refuses this login", _RIGHTS,
    ),
    _Known(
        (), r"\bSSL\b|\bTLS\b|certificate", "error", "the way to it is not encrypted as one side wants",
        "check sslmode and sslrootcert in its connection string, and the server's pg_hba.conf",
    ),
    _Known(("42501",), r"permission denied", "forbidden", "this user may not", "GRANT it, or use another user"),
    _Known(
        ("55P03",), r"lock timeout", "error", "it waits for a lock that another session holds",
        "`cockpit database` shows who blocks whom",
    ),
)  # fmt: skip


def explain(error: Exception, parts: Mapping[str, Any], timeout: float) -> PostgresError:
    """Say what a failure means.

    Args:
        error: psycopg's, or a TimeoutError.
        parts: of the connection string, with its password, which is never repeated.
        timeout: seconds that the server was given.
    """
    sqlstate, where = getattr(error, "sqlstate", None) or "", place(parts)
    if isinstance(error, TimeoutError):
        mend = "check the network or VPN, and what the server is busy with"
        return PostgresError("unreachable", f"{where} did not answer in time", mend, slow=True)
    if sqlstate == "57014":
        mend = "give it a longer timeout, or see what the server is busy with"
        return PostgresError("error", f"not answered within {timeout:g} s", mend, refused=True, slow=True)
    said = _said(error, parts)
    for known in _KNOWN:
        if sqlstate in known.states or (not sqlstate and re.search(known.said, said, re.IGNORECASE)):
            refused = sqlstate in ("42501", "55P03")
            return PostgresError(known.state, f"{known.words}: {said}", known.mend, refused=refused)
    if sqlstate and not sqlstate.startswith("08"):
        return PostgresError("error", f"PostgreSQL says: {said}", "correct the statement", refused=True)
    mend = "check the network or VPN, and that the server runs"
    return PostgresError("unreachable", f"{where} cannot be reached: {said}", mend)


def no_connection_string(name: str, error: Exception) -> PostgresError:
    """There is none, or it is none: what libpq says of it may quote the password."""
    if isinstance(error, SecretError):
        return PostgresError("unauthorized", f"the connection string of {name} is missing: {error}", "set it")
    mend = "write it like postgresql://user@host:5432/database"
    return PostgresError("error", f"what is given for {name} is no connection string", mend)


def unreadable(error: Exception) -> PostgresError:
    """What it answered is not what a PostgreSQL answers."""
    mend = "check what stands between it and this machine"
    return PostgresError("error", f"its answer cannot be read ({type(error).__name__})", mend)


def place(parts: Mapping[str, Any]) -> str:
    """Host and port, or the folder of the socket; never the password."""
    host, port = safe(str(parts.get("host") or "local")), safe(str(parts.get("port") or ""))
    return f"{host}:{port}" if port else host


def _said(error: Exception, parts: Mapping[str, Any]) -> str:
    """The server's own words; libpq has a line for each address that it tried."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    lines = str(primary or error).strip().splitlines() or ["no reason given"]
    text = (_ATTEMPT.findall(str(error)) or lines[:1])[-1].strip().removeprefix("FATAL:").strip()
    if password := parts.get("password"):
        text = text.replace(str(password), MASK)
    text = safe(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
