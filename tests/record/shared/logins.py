"""Logins with the roles that the README documents, for tests of what each of them may do."""

from __future__ import annotations

from itertools import count
from urllib.parse import urlsplit

from tests.postgres import Server

_NUMBERS = count(1)


def login(server: Server, dsn: str, *roles: str, options: str = "LOGIN") -> str:
    """A new login with these roles; the connection string of the same database for it."""
    name = f"login_{next(_NUMBERS)}"
    server.sql(f"CREATE ROLE {name} {options}", *(f"GRANT {role} TO {name}" for role in roles))
    return server.dsn(database_of(dsn), name)


def database_of(dsn: str) -> str:
    """The database's name."""
    return urlsplit(dsn).path.removeprefix("/")


def user_of(dsn: str) -> str:
    """The login's name."""
    return str(urlsplit(dsn).username)
