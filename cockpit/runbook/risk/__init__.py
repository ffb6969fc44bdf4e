"""What a command, a statement or a request can do, judged by what it is; what is not known counts as changing."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.runbook.actions.base import Risk


def risk_of_argv(argv: Sequence[str]) -> Risk:
    """What a program with its arguments can do."""
    return "changing"


def risk_of_shell(script: str) -> Risk:
    """What a script of a POSIX shell can do: the greatest of all that it runs."""
    return "changing"


def risk_of_sql(statement: str) -> Risk:
    """What a statement of PostgreSQL can do."""
    return "changing"


def risk_of_method(method: str) -> Risk:
    """What an HTTP method may do (RFC 9110, 9.2.1); DELETE is destructive."""
    if method.upper() in ("GET", "HEAD", "OPTIONS"):
        return "read-only"
    return "destructive" if method.upper() == "DELETE" else "changing"
