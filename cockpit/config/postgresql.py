"""The PostgreSQL servers that SQL steps and signals may ask."""

from __future__ import annotations

from cockpit.config.values import Duration, Secret, Strict


class PostgresConfig(Strict):
    """One database.

    Attributes:
        dsn: the connection string for reading, as libpq takes it; best of a user who may only read.
        write_dsn: the one for changing; without it nothing can be changed.
        statement_timeout: seconds that a statement may take, unless its step says otherwise.
    """

    dsn: Secret
    write_dsn: Secret | None = None
    statement_timeout: Duration = 5.0
