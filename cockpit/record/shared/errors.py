"""Why the shared record could not do what was asked, in words for whoever waits for it."""

from __future__ import annotations

import re
import textwrap
from typing import Literal

import psycopg
from psycopg import errors
from psycopg_pool import PoolTimeout

Kind = Literal["away", "denied", "read-only", "full", "ahead", "unusable"]
HERE = "entries are kept here and sent when it is back"


class SharedError(Exception):
    """The shared record cannot be used now.

    Args:
        kind: what is wrong, for programs.
        message: one line: what failed, why, and what becomes of the entries.
    """

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


_DENIED = re.compile(r"password|authentication|not permitted to log in|pg_hba|role .* does not exist", re.IGNORECASE)
_NO_DATABASE = re.compile(r"database .* (does not exist|is not currently accepting)", re.IGNORECASE)
_CROWDED = re.compile(r"too many (clients|connections)|connection slots", re.IGNORECASE)
"""What the server says before it lets anybody in comes as text alone."""


def explain(error: Exception) -> SharedError:
    """Say what a failure of PostgreSQL or of the way to it means. The connection string is never quoted."""
    said = textwrap.shorten(str(error).splitlines()[0] if str(error) else type(error).__name__, 160)
    match error:
        case SharedError():
            return error
        case PoolTimeout() | TimeoutError():
            return SharedError("away", f"it does not answer; {HERE}")
        case errors.QueryCanceled() | errors.LockNotAvailable():
            return SharedError("away", f"it takes too long ({said}); {HERE}")
        case errors.InsufficientPrivilege():
            return SharedError("denied", f"this login may not: {said}; {HERE}; grant it cockpit_responder")
        case errors.ReadOnlySqlTransaction():
            return SharedError("read-only", f"it is read-only now; {HERE}")
        case errors.DiskFull() | errors.OutOfMemory() | errors.ConfigurationLimitExceeded():
            return SharedError("full", f"it is full ({said}); {HERE}")
        case errors.UndefinedTable() | errors.InvalidSchemaName() | errors.UndefinedColumn():
            return SharedError("unusable", f"its tables are missing or others ({said}); {HERE}")
        case psycopg.OperationalError() | OSError():
            return _unreached(said)
        case psycopg.ProgrammingError(sqlstate=None):  # what libpq says of it may quote a password
            return SharedError("unusable", f"its address is none: postgresql://USER@HOST/DATABASE; {HERE}")
        case _:
            return SharedError("unusable", f"it answers what this cockpit does not understand ({said}); {HERE}")


def _unreached(said: str) -> SharedError:
    """Why no connection came about, or one was lost."""
    if _CROWDED.search(said):
        return SharedError("away", f"it has no connection left ({said}); {HERE}")
    if _NO_DATABASE.search(said):
        return SharedError("unusable", f"its database is not there ({said}); {HERE}")
    if _DENIED.search(said):
        return SharedError("denied", f"it refuses this login ({said}); {HERE}")
    return SharedError("away", f"it cannot be reached ({said}); {HERE}")
