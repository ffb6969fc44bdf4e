"""Why the shared record could not do what was asked, in words for whoever waits for it."""

from __future__ import annotations

import textwrap
from typing import Literal

import psycopg
from psycopg import errors
from psycopg_pool import PoolTimeout

Kind = Literal["away", "denied", "read-only", "full", "newer", "unusable"]
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


def explain(error: Exception) -> SharedError:
    """Say what a failure of PostgreSQL or of the way to it means. The connection string is never quoted."""
    said = textwrap.shorten(str(error).splitlines()[0] if str(error) else type(error).__name__, 160)
    match error:
        case SharedError():
            return error
        case PoolTimeout() | TimeoutError():
            return SharedError("away", f"it does not answer; {HERE}")
        case errors.InvalidPassword() | errors.InvalidAuthorizationSpecification():
            return SharedError("denied", f"it refuses this login ({said}); {HERE}")
        case errors.InsufficientPrivilege():
            return SharedError("denied", f"this login may not: {said}; {HERE}; grant it cockpit_responder")
        case errors.TooManyConnections():
            return SharedError("away", f"it has no connection left ({said}); {HERE}")
        case errors.ReadOnlySqlTransaction():
            return SharedError("read-only", f"it is read-only now; {HERE}")
        case errors.DiskFull() | errors.OutOfMemory() | errors.ConfigurationLimitExceeded():
            return SharedError("full", f"it is full ({said}); {HERE}")
        case errors.UndefinedTable() | errors.InvalidSchemaName() | errors.UndefinedColumn():
            return SharedError("unusable", f"its tables are missing or others ({said}); {HERE}")
        case psycopg.OperationalError() if "password" in said or "authentication" in said:
            return SharedError("denied", f"it refuses this login; {HERE}")
        case psycopg.OperationalError() | OSError():
            return SharedError("away", f"it cannot be reached ({said}); {HERE}")
        case _:
            return SharedError("unusable", f"it answers what this cockpit does not understand ({said}); {HERE}")
