"""SQL for PostgreSQL as a step: parameters bound, reading that cannot write, changes that are never tried out."""

from cockpit.action.sql.statement import Sql

__all__ = ["Sql"]
