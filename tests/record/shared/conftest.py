"""One PostgreSQL for all tests of a process, and a database for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server; tests that hurt one take one of their own."""
    with running() as found:
        yield found


@pytest.fixture
def dsn(server: Server) -> str:
    """The connection string of an empty database, for its owner."""
    return server.database()
