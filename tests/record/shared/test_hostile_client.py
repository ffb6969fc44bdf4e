"""Somebody with a responder's login and psql: what no honest cockpit writes is refused, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from cockpit.incident.entry import canonical
from cockpit.incident.ids import new_id
from cockpit.record.shared.migrate import LOCK, migrations
from tests.postgres import Server
from tests.record.shared.forging import at, forged, put, with_text
from tests.record.shared.journals import rows
from tests.record.shared.logins import login
from tests.stories import INCIDENT

Client = psycopg.Connection[Any]
FIRST = forged()


@pytest.fixture(scope="module")
def record(server: Server) -> str:
    """The owner's connection string of a record with one honest entry."""
    dsn = server.database()
    steps = "CREATE TABLE cockpit.migrations (version integer, name text, by text)"
    rows(dsn, "CREATE SCHEMA cockpit", steps, *(text for _, text in migrations().values()))
    with psycopg.connect(dsn, autocommit=True) as owner:
        put(owner, FIRST)
    return dsn


@pytest.fixture(scope="module")
def mallory(server: Server, record: str) -> Iterator[Client]:
    """Who may respond."""
    with psycopg.connect(login(server, record, "cockpit_responder"), autocommit=True) as client:
        yield client


@pytest.fixture(scope="module")
def eve(server: Server, record: str) -> Iterator[Client]:
    """Who may observe."""
    with psycopg.connect(login(server, record, "cockpit_observer"), autocommit=True) as client:
        yield client


HONEST = [
    forged(),
    forged(seq=2, previous=FIRST.hash, writer=FIRST.writer),
    forged(seq=7, previous=b"7" * 32),  # what came before it will come
    forged(kind="of-tomorrow", schema=9),
    forged(body=canonical({"text": "a backslash: \\ud800, \\\\ud800, \u2028, \x7f, 𝄞, \x00"})),
    forged(occurred=at("9999-12-31T23:59:59Z").at),
    forged(occurred=at("0001-01-01T00:00:00Z").at),
]


@pytest.mark.parametrize("entry", HONEST, ids=range(len(HONEST)))
def test_what_an_honest_cockpit_may_write_is_taken(entry: Any, mallory: Client) -> None:
    put(mallory, entry)
    assert mallory.execute("SELECT hash FROM cockpit.entries WHERE id = %s", (entry.id,)).fetchone() == (entry.hash,)


ODD = forged()
CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "its hash is another": (forged(), {"hash": b"0" * 32}),
    "its digest is another": (forged(), {"digest": b"0" * 32}),
    "its payload was changed": (forged(), {"payload": b'{"text":"other"}'}),
    "its salt was changed": (forged(), {"salt": b"0" * 16}),
    "its salt is short": (forged(salt=b"0"), {}),
    "its actor was changed": (forged(), {"actor": "@alice"}),
    "its time was changed": (forged(), {"occurred": "2026-03-14T02:00:00.000001Z"}),
    "its chain begins with another": (forged(previous=b"1" * 32), {}),
    "it continues another than is there": (forged(seq=2, previous=b"1" * 32, writer=FIRST.writer), {}),
    "its place is taken": (forged(writer=FIRST.writer), {}),
    "the one after it continues another": (forged(seq=6, previous=b"6" * 32, writer=HONEST[2].writer), {}),
    "its number is 0": (forged(seq=0), {}),
    "its number is the last": (forged(seq=2**63 - 1), {}),
    "its schema is 0": (forged(schema=0), {}),
    "its id is none": (forged(id="x"), {}),
    "its id is in capitals": (forged(id=new_id().upper()), {}),
    "its incident is none": (forged(incident="'; DROP TABLE cockpit.entries; --"), {}),
    "its writer is none": (forged(writer="me"), {}),
    "its kind is none": (forged(kind="A note"), {}),
    "its kind is long": (forged(kind="x" * 65), {}),
    "its actor is nobody": (forged(actor=""), {}),
    "its actor is long": (forged(actor="x" * 201), {}),
    "its role is long": (forged(role="x" * 65), {}),
    "it supersedes a novel": (forged(supersedes="x" * 65), {}),
    "recorded in the year 9999": (forged(recorded=at("9999-01-01T00:00:00Z")), {}),
    "recorded with a clock that is full": (forged(recorded=at("2026-03-14T02:00:00Z", 999_999)), {}),
    "recorded on no day": (ODD, with_text(ODD, recorded="2026-02-30T00:00:00.000000Z+000000")),
    "occurred on no day": (ODD, with_text(ODD, occurred="2026-02-30T00:00:00.000000Z")),
    "occurred in no month": (ODD, with_text(ODD, occurred="2026-13-01T00:00:00.000000Z")),
    "occurred in no hour": (ODD, with_text(ODD, occurred="2026-03-14T24:00:00.000000Z")),
    "occurred in no second": (ODD, with_text(ODD, occurred="2026-03-14T02:00:60.000000Z")),
    "occurred in no year": (ODD, with_text(ODD, occurred="0000-03-14T02:00:00.000000Z")),
    "occurred in another form": (ODD, with_text(ODD, occurred="2026-03-14 02:00:00+00")),
    "its payload is no JSON": (forged(body=b"text"), {}),
    "its payload is no object": (forged(body=b'["text"]'), {}),
    "its payload is empty": (forged(body=b""), {}),
    "its payload is no UTF-8": (forged(body=b'{"text":"\xff"}'), {}),
    "its payload holds NUL": (forged(body=b'{"text":"\0"}'), {}),
    "its payload holds half of a character": (forged(body=b'{"text":"\\ud800"}'), {}),
    "its payload is too long": (forged(body=b'{"text":"' + b"x" * 5_000_000 + b'"}'), {}),
    "its payload is too deep": (forged(body=b'{"text":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), {}),
    "it is erased, and nobody did": (forged(body=None, salt=None), {}),
    "it is half erased": (forged(salt=None), {}),
    "a redaction that is erased": (forged(kind="redaction", body=None, salt=None), {}),
    "a redaction of nothing": (forged(kind="redaction", body=b"{}"), {}),
    "a redaction of a novel": (forged(kind="redaction", body=canonical({"entry": "x" * 3000})), {}),
    "its position is given": (forged(), {"position": 1_000_000}),
    "its arrival is given": (forged(), {"arrived": "2020-01-01"}),
}


@pytest.mark.parametrize(("entry", "changed"), CASES.values(), ids=CASES.keys())
def test_what_no_honest_cockpit_writes_is_refused(entry: Any, changed: dict[str, Any], mallory: Client) -> None:
    before = everything(mallory)
    with pytest.raises(psycopg.Error):
        put(mallory, entry, **changed)
    assert everything(mallory) == before


def everything(client: Client) -> list[tuple[Any, ...]]:
    """All that lies in the record."""
    tables = ("entries", "redactions", "labels", "meta", "migrations")
    return [tuple(client.execute(f"SELECT * FROM cockpit.{each}".encode()).fetchall()) for each in tables]


DEEDS = [
    "UPDATE cockpit.entries SET actor = '@alice'",
    "UPDATE cockpit.entries SET payload = NULL, salt = NULL",
    "UPDATE cockpit.entries SET arrived = now()",
    "DELETE FROM cockpit.entries",
    "TRUNCATE cockpit.entries",
    "INSERT INTO cockpit.entries (id, hash) VALUES ('{id}', '') ON CONFLICT (id) DO UPDATE SET actor = 'x'",
    "INSERT INTO cockpit.entries DEFAULT VALUES",
    "SELECT 1 FROM cockpit.entries FOR UPDATE",
    "DO $$ BEGIN LOCK TABLE cockpit.entries IN ACCESS EXCLUSIVE MODE; END $$",
    "DO $$ BEGIN LOCK TABLE cockpit.turn IN EXCLUSIVE MODE; END $$",
    "SELECT cockpit.redact('{id}', '{incident}')",
    "SELECT nextval('cockpit.entries_position_seq')",
    "SELECT setval('cockpit.entries_position_seq', 1000000)",
    "INSERT INTO cockpit.redactions VALUES ('{incident}', '{id}', 'x')",
    "DELETE FROM cockpit.redactions",
    "INSERT INTO cockpit.labels VALUES ('{incident}', 'INC-2026-999', 2026, 999)",
    "UPDATE cockpit.labels SET label = 'INC-2026-999'",
    "UPDATE cockpit.meta SET value = 'another'",
    "INSERT INTO cockpit.migrations (version, name, by) VALUES (99, 'x', 'x')",
    "DELETE FROM cockpit.migrations",
    "ALTER TABLE cockpit.entries DISABLE TRIGGER ALL",
    "ALTER TABLE cockpit.entries DROP CONSTRAINT hash_is_true",
    "ALTER TABLE cockpit.entries OWNER TO CURRENT_USER",
    "DROP TABLE cockpit.entries",
    "DROP TABLE cockpit.presence",
    "DROP SCHEMA cockpit CASCADE",
    "DROP TRIGGER b_arriving ON cockpit.entries",
    "CREATE OR REPLACE FUNCTION cockpit.redact(text, text) RETURNS void LANGUAGE sql AS ''",
    "CREATE TABLE cockpit.mine ()",
    "CREATE RULE mine AS ON INSERT TO cockpit.entries DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON cockpit.entries FOR EACH ROW EXECUTE FUNCTION cockpit.keep()",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "COMMENT ON TABLE cockpit.entries IS 'mine'",
]


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_changes_what_is_there(deed: str, mallory: Client, eve: Client) -> None:
    before = everything(mallory)
    for client in (mallory, eve):
        with pytest.raises(psycopg.Error):
            client.execute(deed.format(id=FIRST.id, incident=INCIDENT).encode())
    assert everything(mallory) == before


def test_nobody_grants_what_is_not_his(mallory: Client) -> None:
    grants = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'cockpit'::regnamespace ORDER BY 1"
    before = mallory.execute(grants).fetchall()
    mallory.execute("GRANT ALL ON cockpit.entries TO PUBLIC")  # which PostgreSQL answers with a warning
    assert mallory.execute(grants).fetchall() == before


@pytest.mark.parametrize("column", ["entries.id", "presence.cockpit", "leases.name", "seen.handle", "labels.label"])
def test_an_observer_reads_and_nothing_else(column: str, eve: Client) -> None:
    table, _, name = f"cockpit.{column}".rpartition(".")
    eve.execute(f"SELECT * FROM {table}".encode())
    for deed in (
        f"INSERT INTO {table} ({name}) VALUES ('x')", f"UPDATE {table} SET {name} = 'x'", f"DELETE FROM {table}",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            eve.execute(deed.encode())


def test_an_observer_adds_no_entry(eve: Client) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        put(eve, forged())


def test_who_holds_every_lock_that_anybody_may_hold_stops_nobody(mallory: Client, eve: Client) -> None:
    eve.execute("SELECT pg_advisory_lock(hashtext('cockpit.entries')), pg_advisory_lock(%s)", (LOCK,))
    mallory.execute("SET lock_timeout = '2s'")
    put(mallory, forged())
    eve.execute("SELECT pg_advisory_unlock_all()")


def test_what_shadows_a_name_is_not_called(record: str, server: Server) -> None:
    with psycopg.connect(login(server, record, "cockpit_responder"), autocommit=True) as mallory:
        mallory.execute("CREATE TEMP TABLE redactions (incident text, entry text)")
        mallory.execute("CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'")
        mallory.execute("SET search_path = pg_temp, cockpit, pg_catalog")
        with pytest.raises(psycopg.errors.CheckViolation):
            put(mallory, forged(), hash=b"0" * 32)
        with pytest.raises(psycopg.errors.CheckViolation):
            put(mallory, forged(body=None, salt=None))
