"""A real PostgreSQL beside a simulated cluster, for the scenarios that need one."""

from cockpit.simulator.postgres.server import Postgres, PostgresUnavailableError

__all__ = ["Postgres", "PostgresUnavailableError"]
