"""A server that answers and does not take entries: they wait here, others are heard, and a person reads why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from cockpit.record.shared import connection
from cockpit.record.shared.errors import SharedError
from cockpit.record.shared.migrate import migrations
from tests.campaign.shared.wire import laid
from tests.postgres import Server, running
from tests.record.shared.journals import Hasty, ids, journal, rows, stands, texts, working, write
from tests.record.shared.logins import database_of, login, user_of

pytestmark = pytest.mark.anyio
HERE = "entries are kept here and sent when it is back"


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that may be hurt."""
    with running() as found:
        yield found


@pytest.fixture
async def ours(dsn: str, server: Server, tmp_path: Path) -> str:
    """A responder's connection string of a record in which one entry lies."""
    async with journal(tmp_path / "first.db", dsn) as (store, replicator):
        await write(store, replicator, "first")
        await replicator.once()
    return login(server, dsn, "cockpit_responder")


def disconnect(server: Server, dsn: str) -> None:
    """End every connection of a login."""
    server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user_of(dsn)}'")


FULL = (
    "CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
    "CREATE TRIGGER fills BEFORE INSERT ON cockpit.entries FOR EACH ROW EXECUTE FUNCTION public.full()",
)
REVOKED = ("GRANT cockpit_observer TO {login}", "REVOKE cockpit_responder FROM {login}")
READ_ON = [
    pytest.param(REVOKED, "GRANT cockpit_responder TO {login}", "grant it cockpit_responder", False, id="revoked"),
    pytest.param(REVOKED, "GRANT cockpit_responder TO {login}", "grant it cockpit_responder", True, id="never granted"),
    pytest.param(FULL, "DROP TRIGGER fills ON cockpit.entries", "it is full (could not extend file)", False, id="full"),
    pytest.param(
        ("ALTER ROLE {login} SET default_transaction_read_only = on",),
        "ALTER ROLE {login} RESET default_transaction_read_only", "it is read-only now", True, id="read-only",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("hurt", "heal", "why", "reconnect"), READ_ON)
async def test_who_cannot_send_reads_on_and_sends_when_it_can(
    hurt: tuple[str, ...], heal: str, why: str, reconnect: bool, ours: str, dsn: str, server: Server, tmp_path: Path
) -> None:
    async with journal(tmp_path / "a.db", ours, Hasty()) as (a, ra), working(ra):
        await stands(ra, "together")
        rows(dsn, *(each.format(login=user_of(ours)) for each in hurt))
        if reconnect:
            disconnect(server, ours)
        await write(a, ra, "meanwhile")
        await stands(ra, "reading", why, HERE, waiting=1)
        assert await texts(a) == ["first", "meanwhile"]
        rows(dsn, heal.format(login=user_of(ours)))
        await stands(ra, "together")
    assert len(ids(dsn)) == 2


async def test_a_command_says_that_its_entry_waits(ours: str, dsn: str, tmp_path: Path) -> None:
    rows(dsn, *FULL)
    async with journal(tmp_path / "a.db", ours) as (a, ra):
        await ra.once()
        await write(a, ra, "meanwhile")
        with pytest.raises(SharedError, match="it is full"):
            await ra.once()
        assert (ra.standing.state, ra.standing.waiting) == ("reading", 1)


async def test_a_standby_is_read_and_written_to_once_it_was_promoted(own: Server, tmp_path: Path) -> None:
    dsn = own.database()
    async with journal(tmp_path / "first.db", dsn) as (store, replicator):
        await write(store, replicator, "first")
        await replicator.once()
    own.sql("ALTER SYSTEM SET wal_retrieve_retry_interval = '50ms'")  # how often it looks whether it is promoted
    own.stop()
    (own.data / "standby.signal").touch()
    own.start()
    async with journal(tmp_path / "a.db", dsn, Hasty()) as (a, ra), working(ra):
        await write(a, ra, "meanwhile")
        await stands(ra, "reading", "it is a standby: read-only", waiting=1)
        states: list[str] = []
        ra.changed = lambda: states.append(ra.standing.state)
        for waiting in (2, 3, 4):
            await write(a, ra, f"meanwhile {waiting}")
            await stands(ra, "reading", "it is a standby: read-only", waiting=waiting)
        assert set(states) == {"reading"}, "nobody can listen to a standby, which is no loss of it"
        assert len(await texts(a)) == 5
        own.sql("SELECT pg_promote()")
        await stands(ra, "together")
    assert len(ids(dsn)) == 5


async def test_where_no_connection_is_left_it_says_so_and_waits(own: Server, tmp_path: Path) -> None:
    dsn = own.database()
    async with journal(tmp_path / "first.db", dsn) as (_, replicator):
        await replicator.once()
    ours = login(own, dsn, "cockpit_responder")
    with ExitStack() as held:
        for _ in range(int(own.sql("SHOW max_connections")[0][0]) - 3):
            held.enter_context(psycopg.connect(ours))
        async with journal(tmp_path / "a.db", ours, Hasty()) as (a, ra), working(ra):
            await write(a, ra, "meanwhile")
            await stands(ra, "away", "it has no connection left", HERE, waiting=1)
            held.close()
            await stands(ra, "together")
    assert len(ids(dsn)) == 1


async def test_a_slow_wire_is_no_broken_one(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.3)
    async with laid(server.data / ".s.PGSQL.5432") as wire:
        slow = f"postgresql://postgres@127.0.0.1:{wire.port}/{database_of(dsn)}?sslmode=disable&gssencmode=disable"
        async with journal(tmp_path / "a.db", slow, Hasty()) as (a, ra):
            wire.slow(0.05)  # so that one deed takes longer than the patience for one answer
            await write(a, ra, *map(str, range(20)))
            async with working(ra):
                await stands(ra, "together")
    assert len(ids(dsn)) == 20


async def test_what_takes_too_long_is_sent_in_smaller_parts(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.4)
    async with journal(tmp_path / "a.db", dsn, Hasty()) as (a, ra):
        await write(a, ra, "first")
        await ra.once()
        rows(
            dsn,
            "CREATE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.05); RETURN new; END $$",
            "CREATE TRIGGER slowly BEFORE INSERT ON cockpit.entries FOR EACH ROW EXECUTE FUNCTION public.slowly()",
        )
        await write(a, ra, *map(str, range(20)))
        await ra.count()
        async with working(ra):
            await stands(ra, "together")
    assert len(ids(dsn)) == 21


async def test_a_login_that_is_locked_out_is_told_and_comes_back(ours: str, server: Server, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", ours, Hasty()) as (a, ra), working(ra):
        await stands(ra, "together")
        server.sql(f"ALTER ROLE {user_of(ours)} NOLOGIN")
        disconnect(server, ours)
        await stands(ra, "away", "it refuses this login", HERE)
        await write(a, ra, "meanwhile")
        server.sql(f"ALTER ROLE {user_of(ours)} LOGIN")
        await stands(ra, "together")


async def test_a_password_that_was_changed_is_told_and_quoted_nowhere(own: Server, tmp_path: Path) -> None:
    dsn = own.database()
    async with journal(tmp_path / "first.db", dsn) as (_, replicator):
        await replicator.once()
    name = user_of(login(own, dsn, "cockpit_responder", options="LOGIN PASSWORD 'of-today'"))
    rules = own.data / "pg_hba.conf"
    rules.write_text(f"local all {name} scram-sha-256\n{rules.read_text()}")
    own.sql("SELECT pg_reload_conf()")
    password = "of-yesterday"
    async with journal(tmp_path / "a.db", lambda: own.dsn(database_of(dsn), name, password), Hasty()) as (a, ra):
        await write(a, ra, "one")
        async with working(ra):
            await stands(ra, "away", "it refuses this login", "password authentication failed", waiting=1)
            assert password not in ra.standing.why
            password = "of-today"
            await stands(ra, "together")
    assert len(ids(dsn)) == 1


@pytest.mark.parametrize("dsn", ["s3cret@host", "postgresql://ada:s3cret@[host/x", "host=h passwrd=s3cret"])
async def test_an_address_that_is_none_is_told_and_its_password_is_not(dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", dsn) as (_, ra):
        with pytest.raises(SharedError, match="its address is none: postgresql://USER@HOST/DATABASE") as caught:
            await ra.once()
    assert "s3cret" not in str(caught.value)


async def test_a_database_that_was_made_anew_gets_everything_again(dsn: str, server: Server, tmp_path: Path) -> None:
    async with journal(tmp_path / "b.db", dsn, Hasty()) as (b, rb):
        await write(b, rb, "of another")
        await rb.once()
    async with journal(tmp_path / "a.db", dsn, Hasty()) as (a, ra), working(ra):
        await write(a, ra, "ours")
        await stands(ra, "together")
        assert len(ids(dsn)) == 2
        server.sql(f"DROP DATABASE {database_of(dsn)} WITH (FORCE)")
        await stands(ra, "away", "its database is not there")
        await write(a, ra, "meanwhile")
        server.sql(f"CREATE DATABASE {database_of(dsn)}")
        await stands(ra, "together")
        assert sorted(await texts(a)) == ["meanwhile", "of another", "ours"]
        assert len(ids(dsn)) == len(set(ids(dsn))) == 3


async def test_tables_of_a_newer_cockpit_are_read_and_not_written(ours: str, dsn: str, tmp_path: Path) -> None:
    rows(dsn, "INSERT INTO cockpit.migrations (version, name, by) VALUES (99, 'of tomorrow', 'x')")
    async with journal(tmp_path / "a.db", ours) as (a, ra), working(ra):
        await write(a, ra, "meanwhile")
        newest = max(migrations())
        await stands(ra, "reading", f"it is of a newer cockpit (tables 99, this one knows {newest})", waiting=1)
        assert await texts(a) == ["first", "meanwhile"]
    assert len(ids(dsn)) == 1


async def test_a_cockpit_at_work_sees_that_the_tables_became_newer(ours: str, dsn: str, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", ours, Hasty()) as (_, ra), working(ra):
        await stands(ra, "together")
        rows(dsn, "INSERT INTO cockpit.migrations (version, name, by) VALUES (99, 'of tomorrow', 'x')")
        await stands(ra, "reading", "it is of a newer cockpit")


async def test_tables_of_an_older_cockpit_are_brought_on(dsn: str, tmp_path: Path) -> None:
    rows(
        dsn,
        "CREATE SCHEMA cockpit",
        "CREATE TABLE cockpit.migrations (version integer PRIMARY KEY, name text NOT NULL,"
        " at timestamptz NOT NULL DEFAULT now(), by text NOT NULL)",
        migrations()[1][1],
        "INSERT INTO cockpit.migrations (version, name, by) VALUES (1, 'x', 'x')",
    )
    async with journal(tmp_path / "a.db", dsn) as (a, ra):
        await write(a, ra, "one")
        await ra.once()
    assert rows(dsn, "SELECT max(version), count(*) FROM cockpit.migrations") == [(len(migrations()),) * 2]
    assert len(ids(dsn)) == 1


async def test_a_login_that_may_not_make_the_tables_says_who_can(dsn: str, server: Server, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", login(server, dsn)) as (a, ra):
        await write(a, ra, "one")
        with pytest.raises(SharedError, match="this login may not make them; start a cockpit once as their owner"):
            await ra.once()
    assert (ra.standing.state, ra.standing.waiting) == ("away", 1)


async def test_a_login_without_any_grant_is_told_which(ours: str, dsn: str, server: Server, tmp_path: Path) -> None:
    async with journal(tmp_path / "a.db", login(server, dsn)) as (_, ra):
        with pytest.raises(SharedError, match=r"permission denied for schema cockpit.*grant it cockpit_responder"):
            await ra.once()


async def test_a_database_that_cannot_hold_every_text_is_refused(server: Server, tmp_path: Path) -> None:
    server.sql("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    async with journal(tmp_path / "a.db", server.dsn("plain")) as (_, ra):
        with pytest.raises(SharedError, match="its database is in SQL_ASCII; make one in UTF8 for it"):
            await ra.once()
