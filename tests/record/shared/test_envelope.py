"""The envelope in SQL is the envelope of the journals, to the byte: else a true hash would be called a false one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.ids import new_id
from cockpit.record.rows import row_of
from cockpit.record.shared.migrate import migrations
from tests.postgres import Server
from tests.record.shared.journals import rows
from tests.stories import INCIDENT, START

Client = psycopg.Connection[Any]
# What PostgreSQL can hold as text: no NUL. Halves of characters no draft may have.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
ODD = "\x01\x08\t\n\f\r\x1b\x1f \"'\\/<>&\x7f\x80\x85\u2028\u2029\ufeff\ufffe\uffff\ue000é𝄞\U0010ffff{}[]\\u0041%s"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    """Of a record."""
    dsn = server.database()
    rows(dsn, "CREATE SCHEMA cockpit", migrations()[1][1])
    with psycopg.connect(dsn, autocommit=True) as found:
        yield found


def in_sql(client: Client, entry: Entry) -> bytes:
    """The envelope as the database makes it."""
    types = ["text", "text", "text", "int", "text", "text", "text", "bigint", "text", "text", "text"]
    marks = ", ".join(f"%s::{each}" for each in types)
    row = client.execute(f"SELECT cockpit.envelope({marks})".encode(), row_of(entry)[:11]).fetchone()
    assert row is not None
    return bytes(row[0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actor=TEXT,
    role=st.none() | TEXT,
    supersedes=st.none() | TEXT,
    kind=TEXT,
    schema=st.integers(1, 2**31 - 1),
    seq=st.integers(1, 2**62),
    occurred=st.datetimes(timezones=st.just(UTC)),
)
@example(actor=ODD, role=ODD, supersedes=ODD, kind=ODD, schema=1, seq=1, occurred=datetime(1, 1, 1, tzinfo=UTC))
@example(actor="", role="", supersedes="", kind="", schema=1, seq=1, occurred=START)
def test_it_is_the_same_whatever_a_draft_says(
    client: Client, actor: str, role: str | None, supersedes: str | None, kind: str, schema: int, seq: int,
    occurred: datetime,
) -> None:  # fmt: skip
    draft = Draft(INCIDENT, kind, {}, occurred, actor, role, supersedes, schema)
    entry, _ = seal(draft, Tail(new_id(), seq - 1), id=new_id(), now=START)
    assert in_sql(client, entry) == entry.envelope()
