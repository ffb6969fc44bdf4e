"""PostgreSQL as a source: a real server that blocks, is full, restarts, falls silent and hides; and signals by SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
import pytest
from conftest import eventually
from hypothesis import given
from hypothesis import strategies as st
from psycopg.sql import SQL, Composed, Literal

from cockpit.clock import SystemClock
from cockpit.config import Bound, Config, PostgresConfig, Secret, ServiceConfig
from cockpit.runbook.model import Source, Threshold
from cockpit.signal.board import Board
from cockpit.signal.changes import Change, SourceBack, SourceLost, ThresholdChanged
from cockpit.signal.plan import DatabasePlan, SqlPlan
from cockpit.signal.postgres.api import PostgresApi
from cockpit.signal.postgres.failures import PostgresError
from cockpit.signal.postgres.look import _made
from cockpit.signal.postgres.sessions import Holder, Limit, Sessions, Wait, tree
from cockpit.signal.postgres.source import PostgresSource
from cockpit.signal.readings import Round
from tests.postgres import Server, running

pytestmark = pytest.mark.anyio
READER = "reader"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as found:
        found.sql(
            "CREATE ROLE shop LOGIN CONNECTION LIMIT 50",
            f"CREATE ROLE {READER} LOGIN IN ROLE pg_monitor",
            "CREATE ROLE stranger LOGIN",
            "CREATE TABLE orders (id int PRIMARY KEY, status text)",
            "INSERT INTO orders SELECT n, 'PENDING' FROM generate_series(1, 5) n",
            "GRANT ALL ON orders TO shop",
            f"GRANT SELECT ON orders TO {READER}",
        )
        yield found


def plan(dsn: str, patch: pytest.MonkeyPatch, *signals: SqlPlan, interval: float = 0.2) -> DatabasePlan:
    patch.setenv("SHOP_RO", dsn)
    return DatabasePlan("shop", Secret(env="SHOP_RO"), interval, 5.0, signals)


def sql(id: str, query: str, unit: str = "count", timeout: float = 5.0) -> SqlPlan:
    return SqlPlan(id, id, unit, query, timeout=timeout)


@asynccontextmanager
async def watching(of: DatabasePlan) -> AsyncIterator[tuple[PostgresSource, list[Round]]]:
    """A source that runs, and the rounds that it brought."""
    rounds: list[Round] = []
    source = PostgresSource(of, SystemClock(), rounds.append)
    task = asyncio.create_task(source.run())
    try:
        yield source, rounds
        assert not task.done(), "nothing that a server does ends it"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def looked(dsn: str, patch: pytest.MonkeyPatch, *signals: SqlPlan) -> PostgresSource:
    """A source after one look."""
    source = PostgresSource(plan(dsn, patch, *signals), SystemClock(), lambda _: None)
    await source.once()
    return source


@asynccontextmanager
async def session(server: Server, name: str, user: str = "shop") -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    connection = await psycopg.AsyncConnection.connect(server.dsn(user=user), application_name=name)
    try:
        yield connection
    finally:
        await connection.close()


def sql_name(statement: str, name: str) -> Composed:
    """A statement about a prepared transaction, its name quoted."""
    return SQL(statement).format(Literal(name))  # type: ignore[arg-type]


async def test_who_blocks_whom_and_for_how_long(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """One holds a row, a second waits for it, a third waits for the table behind the second."""
    async with session(server, "report") as report, session(server, "web") as web, session(server, "worker") as worker:
        await report.execute("UPDATE orders SET status = 'PAID' WHERE id = 1")
        tasks = [asyncio.create_task(web.execute("UPDATE orders SET status = 'PAID' WHERE id = 1"))]
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        await eventually(lambda: server.sql(waiting) == [(1,)])
        tasks.append(asyncio.create_task(worker.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")))
        await eventually(lambda: server.sql(waiting) == [(2,)])
        sessions = (await looked(server.dsn(user=READER), monkeypatch)).sessions
        first, second, third = (each.info.backend_pid for each in (report, web, worker))
        await report.rollback()
        await tasks[0]
        await web.rollback()
        await asyncio.gather(*tasks)
    assert sessions is not None
    root, *others = tree(sessions)
    assert (root.pid, root.depth, root.wait) == (first, 0, None)
    assert sessions.blocked_by(first) == [second, third] or sessions.blocked_by(first) == [third, second]
    assert sessions.waiting == 2
    waits = {each.pid: each.wait for each in others}
    assert waits[second] is not None
    assert waits[third] is not None
    assert (waits[second].mode, waits[second].wanted) == ("ShareLock", "row of orders")
    assert (waits[third].mode, waits[third].wanted) == ("AccessExclusiveLock", "relation orders")
    assert all(each is not None and each.seconds is not None and each.seconds >= 0 for each in waits.values())
    row = sessions.rows[first]
    assert (row.who, row.state, row.kind, row.database) == (
        "shop report", "idle in transaction", "client backend", "postgres",
    )  # fmt: skip
    assert row.query == "UPDATE orders SET status = 'PAID' WHERE id = 1"
    assert sessions.longest()[0].pid == first


async def test_a_prepared_transaction_is_seen_though_no_session_holds_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A two-phase commit whose second half never came: it holds its locks for ever, and nobody need wait for them."""
    name = "orders' 42\x1b[31m"
    async with session(server, "two-phase") as first:
        await first.execute("UPDATE orders SET status = 'PAID' WHERE id = 2")
        await first.execute(sql_name("PREPARE TRANSACTION {}", name))
        await first.commit()
    try:
        seen = (await looked(server.dsn(user="stranger"), monkeypatch)).sessions
        async with session(server, "web") as web:
            task = asyncio.create_task(web.execute("UPDATE orders SET status = 'FAILED' WHERE id = 2"))
            await eventually(lambda: server.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(1,)])
            blocked = (await looked(server.dsn(user=READER), monkeypatch)).sessions
            server.sql(sql_name("ROLLBACK PREPARED {}", name).as_string())
            await task
            await web.rollback()
    finally:
        with suppress(psycopg.Error):
            server.sql(sql_name("ROLLBACK PREPARED {}", name).as_string())
    gone = (await looked(server.dsn(user=READER), monkeypatch)).sessions
    assert seen is not None
    assert blocked is not None
    assert gone is not None
    [found] = seen.prepared
    assert (found.owner, found.database) == ("shop", "postgres")
    assert found.gid == "orders' 42"
    assert found.mend == "COMMIT PREPARED or ROLLBACK PREPARED 'orders'' 42', in postgres as shop or a superuser"
    assert found.seconds >= 0
    assert found.since.endswith("+00")
    assert seen.transactions() == [found]
    assert seen.transactions()[0] not in seen.rows.values()
    assert (tree(blocked)[0].pid, blocked.called(0)) == (0, "prepared transaction orders' 42")
    assert gone.prepared == ()


async def test_connections_by_state_of_every_limit(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with session(server, "web") as idle, session(server, "leak") as leak, session(server, "leak") as other:
        await idle.execute("SELECT 1")
        await idle.rollback()
        for each in (leak, other):
            await each.execute("SELECT 1")
        source = await looked(server.dsn(user=READER), monkeypatch)
        pid = idle.info.backend_pid
    sessions, fresh = source.sessions, source.freshness()
    assert sessions is not None
    assert (fresh.state, fresh.detail) == ("live", "")
    assert sessions.counts == {"idle in transaction": 2, "active": 1, "idle": 1}
    assert sessions.limits == (Limit("server", 4, 57), Limit("role shop", 3, 50))
    assert sessions.holders[0] == Holder("shop", "leak", 2, 2)
    assert [each.pid for each in sessions.idle()] == [pid]
    assert (sessions.user, sessions.ends, sessions.standby, sessions.hidden) == (READER, False, False, 0)


async def test_what_is_hidden_is_said_with_the_grant(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pg_monitor one sees who is there and who blocks whom, and nothing of what they do."""
    async with session(server, "report") as report, session(server, "web") as web:
        await report.execute("UPDATE orders SET status = 'PAID' WHERE id = 1")
        task = asyncio.create_task(web.execute("UPDATE orders SET status = 'PAID' WHERE id = 1"))
        await eventually(lambda: server.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(1,)])
        source = await looked(server.dsn(user="stranger"), monkeypatch)
        first, second = report.info.backend_pid, web.info.backend_pid
        await report.rollback()
        await task
    sessions, fresh = source.sessions, source.freshness()
    assert sessions is not None
    assert (fresh.state, fresh.mend) == ("live", "GRANT pg_monitor TO stranger")
    assert fresh.detail == "2 sessions of others are hidden from stranger"
    assert sessions.counts == {"hidden": 2, "active": 1}
    assert [(each.pid, each.depth) for each in tree(sessions)] == [(first, 0), (second, 1)]
    row = sessions.rows[second]
    assert (row.who, row.state, row.query, row.transaction) == ("shop web", "hidden", "", None)


async def test_what_sessions_say_commands_no_terminal_and_tells_no_secret(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with session(server, "web \x1b]0;owned\x07") as web:
        await web.execute("SELECT '\x1b[31m', 'password=hunter2', '\u202e'" + " " * 10 + "-- " + "x" * 3000)
        sessions = (await looked(server.dsn(user=READER), monkeypatch)).sessions
        pid = web.info.backend_pid
    assert sessions is not None
    row = sessions.rows[pid]
    assert row.query.startswith("SELECT '', 'password=")
    assert "hunter2" not in row.query
    assert "\x1b" not in repr(row)
    assert "\u202e" not in repr(row)
    assert len(row.query) < 2100


SIGNALS = (
    ("whole", "SELECT count(*) FROM orders WHERE status = 'PENDING'", "count", 5.0, ""),
    ("decimal", "SELECT 0.25::numeric", "ratio", 0.25, ""),
    ("interval", "SELECT interval '5 minutes'", "seconds", 300.0, ""),
    ("milliseconds", "SELECT interval '1.5 s'", "milliseconds", 1500.0, ""),
    ("percent", "SELECT 100.0 * count(*) FILTER (WHERE id %2 = 0) / count(*) FROM orders", "percent", 40.0, ""),
    ("interval-count", "SELECT interval '1 s'", "count", None, "the SQL gives no number but timedelta"),
    ("none", "SELECT 1 WHERE false", "count", None, "the SQL gives no row"),
    ("null", "SELECT max(id) FROM orders WHERE false", "count", None, "the SQL gives NULL"),
    ("rows", "SELECT id FROM orders", "count", None, "the SQL gives more than one row"),
    ("columns", "SELECT 1, 2", "count", None, "the SQL gives 2 columns, and one is wanted"),
    ("text", "SELECT 'many'", "count", None, "the SQL gives no number but str"),
    ("truth", "SELECT true", "count", None, "the SQL gives no number but bool"),
    ("nan", "SELECT 'NaN'::float8", "ratio", None, "the SQL gives nan"),
    ("infinite", "SELECT '-Infinity'::float8", "ratio", None, "the SQL gives -inf"),
    ("absent", "SELECT count(*) FROM oders", "count", None, 'PostgreSQL says: relation "oders" does not exist'),
    ("wrong", "SELECT 1 / 0", "count", None, "PostgreSQL says: division by zero"),
    ("deletes", "DELETE FROM orders", "count", None, "its SQL is not asked: DELETE takes rows away"),
    ("ends", "SELECT pg_terminate_backend(1)::int", "count", None, "its SQL is not asked: the function"),
    ("two", "SELECT 1; SELECT 2", "count", None, "PostgreSQL says: cannot insert multiple commands"),
    ("forbidden", "SELECT count(*) FROM pg_authid", "count", None, "this user may not: permission denied"),
)


async def test_a_signal_is_one_number_else_unknown_with_its_reason(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await looked(
        server.dsn(user=READER), monkeypatch, *(sql(id, query, unit) for id, query, unit, _, _ in SIGNALS)
    )
    found = {each.id: each for each in source.readings()}
    for id, _, _, value, reason in SIGNALS:
        assert found[id].value == value, id
        assert found[id].reason.startswith(reason), (id, found[id].reason)
        assert bool(found[id].reason) == bool(reason), (id, found[id].reason)
    assert source.freshness().state == "live"
    assert server.sql("SELECT count(*) FROM orders") == [(5,)]


async def test_a_slow_signal_does_not_hold_the_others(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes into a lane of its own, with the whole of its timeout; one that never comes is unknown."""
    counting = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE clock_timestamp() < "
    slow, never = (
        f"{counting} statement_timestamp() + interval '{seconds} s') SELECT 7 + 0 * max(n) FROM t"
        for seconds in (1.3, 60)
    )
    signals = (sql("slow", slow), sql("never", never, timeout=1.2), sql("quick", "SELECT 1"))
    once = await looked(server.dsn(user=READER), monkeypatch, signals[0], signals[2])
    assert [each.value for each in once.readings()] == [7.0, 1.0]
    async with watching(plan(server.dsn(user=READER), monkeypatch, *signals, interval=0.1)) as (source, rounds):

        def of(id: str) -> Any:
            return next(each for each in source.readings() if each.id == id)

        await eventually(lambda: of("slow").value == 7.0)
        await eventually(lambda: of("never").reason == "not answered within 1.2 s")
        seen = len(rounds)
        brought = sum("quick" in each.samples for each in rounds)
        await eventually(lambda: sum("quick" in each.samples for each in rounds[seen:]) > 5)
        assert of("quick").value == 1.0
        assert brought > 2


async def test_a_locked_table_is_waited_for_a_moment_only(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with session(server, "migration") as migration:
        await migration.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        signals = (sql("orders", "SELECT count(*) FROM orders"), sql("one", "SELECT 1"))
        source = await looked(server.dsn(user=READER), monkeypatch, *signals)
    orders, one = source.readings()
    assert orders.reason.startswith("it waits for a lock that another session holds")
    assert (one.value, source.freshness().state) == (1.0, "live")


async def test_nothing_can_be_written_over_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_RO", server.dsn())
    api = PostgresApi("shop", Secret(env="SHOP_RO"))
    try:
        for statement in (b"CREATE TABLE made (n int)", b"DELETE FROM orders", b"SELECT nextval('pg_catalog.x')"):
            with pytest.raises(PostgresError) as caught:
                await api.ask(lambda connection, s=statement: connection.execute(s), 5.0)
            assert caught.value.refused
        ((name, readonly),) = await api.ask(_own, 5.0)
        assert (name, readonly) == ("cockpit", "on")
    finally:
        await api.close()
    assert server.sql("SELECT count(*) FROM orders") == [(5,)]


async def _own(connection: Any) -> list[tuple[Any, ...]]:
    asked = "SELECT current_setting('application_name'), current_setting('default_transaction_read_only')"
    rows: list[tuple[Any, ...]] = await (await connection.execute(asked)).fetchall()
    return rows


@asynccontextmanager
async def pooler(server: Server) -> AsyncIterator[int]:
    """What stands before a server and takes no `options`, as PgBouncer does; gives its port."""
    (path,) = server.data.glob(".s.PGSQL.*[0-9]")

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        started = await reader.read(65536)
        if b"options\0" in started:
            fields = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
            writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
            await writer.drain()
            writer.close()
            return
        theirs, ours = await asyncio.open_unix_connection(str(path))
        ours.write(started)
        await asyncio.gather(passed(reader, ours), passed(theirs, writer))
        ended.append(asyncio.gather(ours.wait_closed(), writer.wait_closed(), return_exceptions=True))

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    ended: list[asyncio.Future[Any]] = []
    async with await asyncio.start_server(join, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]
        await eventually(lambda: len(ended) == 2)
        await asyncio.gather(*ended)


async def test_through_a_pooler_it_reads_and_cannot_write(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction is begun READ ONLY, whatever the connection itself was told."""
    async with pooler(server) as port:
        dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable&gssencmode=disable"
        source = await looked(dsn, monkeypatch, sql("orders", "SELECT count(*) FROM orders"))
        assert (source.freshness().state, source.readings()[0].value) == ("live", 5.0)
        api = PostgresApi("shop", Secret(env="SHOP_RO"))
        try:
            assert await api.ask(_own, 5.0) == [("cockpit", "off")]
            with pytest.raises(PostgresError, match="read-only transaction"):
                await api.ask(lambda connection: connection.execute(b"DELETE FROM orders"), 5.0)
        finally:
            await api.close()


async def test_out_of_connections_is_said_and_passes(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.sql("ALTER ROLE shop CONNECTION LIMIT -1")
    everybody: list[psycopg.Connection[Any]] = []
    try:
        await eventually(lambda: _no_place_left(server, everybody))  # who has just left may still have one
        async with watching(plan(server.dsn(user="stranger"), monkeypatch)) as (source, _):
            await eventually(lambda: source.freshness().state == "unreachable")
            fresh = source.freshness()
            assert fresh.detail.startswith("it has no connection left: ")
            assert "end idle sessions" in fresh.mend
            for each in everybody:
                each.close()
            await eventually(lambda: source.freshness().state == "live")
    finally:
        for each in everybody:
            each.close()
        server.sql("ALTER ROLE shop CONNECTION LIMIT 50")


def _no_place_left(server: Server, everybody: list[psycopg.Connection[Any]]) -> bool:
    """Take what is free; whether all is taken."""
    with suppress(psycopg.OperationalError):
        while len(everybody) < 57:
            everybody.append(psycopg.connect(server.dsn(user="shop")))
    return len(everybody) == 57


async def test_a_role_without_a_place_left(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.sql("ALTER ROLE stranger CONNECTION LIMIT 0")
    fresh = (await looked(server.dsn(user="stranger"), monkeypatch)).freshness()
    server.sql("ALTER ROLE stranger CONNECTION LIMIT -1")
    assert (fresh.state, fresh.detail) == (
        "unreachable", 'it has no connection left: too many connections for role "stranger"',
    )  # fmt: skip


async def test_its_own_session_may_be_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It connects anew, and nobody notices."""
    async with watching(plan(server.dsn(user=READER), monkeypatch, interval=0.1)) as (source, rounds):
        await eventually(lambda: source.freshness().state == "live")
        began = source.freshness().since
        for _ in range(3):
            server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
            seen = len(rounds)
            await eventually(lambda seen=seen: len(rounds) > seen + 2)
        fresh = source.freshness()
        assert (fresh.state, fresh.since, fresh.detail) == ("live", began, "")


async def test_a_server_that_falls_silent_is_stale_and_comes_back(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal = sql("orders", "SELECT count(*) FROM orders", timeout=0.1)
    of = plan(server.dsn(user=READER), monkeypatch, signal, interval=0.1)
    async with watching(DatabasePlan(of.name, of.dsn, of.interval, 0.3, of.signals)) as (source, _):
        await eventually(lambda: source.readings()[0].value == 5.0)
        server.pause()
        try:
            await eventually(lambda: source.freshness().state == "stale")
            assert source.freshness().as_of is not None
            assert source.sessions is not None
            assert "did not answer in time" in source.freshness().detail
            await eventually(lambda: source.readings()[0].value is None)
            assert source.readings()[0].reason
        finally:
            server.resume()
        await eventually(lambda: source.freshness().state == "live" and source.readings()[0].value == 5.0)


def refusing(answer: bytes) -> Any:
    """A server that says one thing to whoever connects."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read(8)
            writer.write(answer)
            await writer.drain()
            writer.close()

    return asyncio.start_server(handler, "127.0.0.1", 0)


async def test_tls_that_is_refused_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    async with await refusing(b"N") as here:
        port = here.sockets[0].getsockname()[1]
        dsn = f"postgresql://me:hunter2@127.0.0.1:{port}/shop?sslmode=require&gssencmode=disable"
        fresh = (await looked(dsn, monkeypatch)).freshness()
    assert fresh.state == "error"
    assert fresh.detail.startswith("the way to it is not encrypted as one side wants: ")
    assert "sslmode" in fresh.mend
    assert "hunter2" not in str(fresh)


@pytest.mark.parametrize(
    ("code", "said", "state", "detail"),
    [
        (b"57P03", b"the database system is starting up", "unreachable", "it is not up: the database system is s"),
        (b"57P03", b"the database system is not accepting connections", "unreachable", "it is not up: the database"),
        (b"53300", b"sorry, too many clients already", "unreachable", "it has no connection left: sorry, too many"),
        (b"53300", b"remaining connection slots are reserved for roles", "unreachable", "it has no connection left"),
        (b"28000", b'no pg_hba.conf entry for host "x", user "me"', "unauthorized", "it refuses this login: no pg_hba"),
        (b"28000", b'role "me" does not exist', "unauthorized", 'it refuses this login: role "me" does not exist'),
        (b"57P04", b'database "x" is not currently accepting', "error", "its database is gone: database"),
        (b"XX000", b"oops \x1b]0;owned\x07 password=hunter2", "unreachable", "127.0.0.1:"),
    ],
)
async def test_what_a_server_says_before_it_lets_anybody_in(
    monkeypatch: pytest.MonkeyPatch, code: bytes, said: bytes, state: str, detail: str
) -> None:
    """It comes without its state, as text alone."""
    fields = b"SFATAL\0VFATAL\0C" + code + b"\0M" + said + b"\0\0"
    async with await refusing(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields) as here:
        port = here.sockets[0].getsockname()[1]
        dsn = f"postgresql://me@127.0.0.1:{port}/shop?sslmode=disable&gssencmode=disable"
        fresh = (await looked(dsn, monkeypatch)).freshness()
    assert (fresh.state, fresh.detail.startswith(detail), bool(fresh.mend)) == (state, True, True), fresh
    assert "hunter2" not in fresh.detail
    assert "\x1b" not in fresh.detail


async def test_what_is_wrong_with_the_way_to_it_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.sql("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    hba = server.data / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text(f"local all guarded scram-sha-256\nlocal all locked reject\n{before}")
    server.sql("SELECT pg_reload_conf()")

    async def said(dsn: str) -> tuple[str, str]:
        fresh = (await looked(dsn, monkeypatch)).freshness()
        assert fresh.mend
        assert "wr0ng" not in str(fresh)
        return fresh.state, fresh.detail

    try:
        wrong = server.dsn(user="guarded", password="wr0ng")
        await eventually(lambda: _refused(wrong))
        state, detail = await said(wrong)
        assert (state, detail.startswith("it refuses this login: password authentication")) == ("unauthorized", True)
        state, detail = await said(server.dsn(user="locked"))
        assert (state, detail.startswith("it refuses this login: pg_hba.conf rejects")) == ("unauthorized", True)
    finally:
        hba.write_text(before)
        server.sql("SELECT pg_reload_conf()")
    state, detail = await said(server.dsn("nowhere", READER))
    assert (state, detail) == ("error", 'its database is gone: database "nowhere" does not exist')
    state, detail = await said("postgresql://me:wr0ng@127.0.0.1:1/shop")
    assert (state, detail.startswith("127.0.0.1:1 cannot be reached: ")) == ("unreachable", True)
    assert "Connection refused" in detail
    state, detail = await said("postgresql://me:wr0ng@[1/shop")
    assert (state, detail) == ("error", "what is given for shop is no connection string")
    monkeypatch.delenv("SHOP_RO")
    source = PostgresSource(DatabasePlan("shop", Secret(env="SHOP_RO"), 1.0, 1.0), SystemClock(), lambda _: None)
    await source.once()
    assert source.freshness().state == "unauthorized"
    assert "$SHOP_RO gives nothing" in source.freshness().detail


def _refused(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return True
    return False


async def test_a_restart_in_mid_watch_is_told_and_passes(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the board: thresholds judge what SQL reads, and a source that went and came is two changes."""
    monkeypatch.setenv("SHOP_RO", server.dsn(user=READER))
    config = Config(
        postgresql={"shop": PostgresConfig(dsn=Secret(env="SHOP_RO"), interval=1.0, statement_timeout=1.0)},
        services={"shop": ServiceConfig(postgresql="shop")},
    )
    stuck = Threshold(
        id="stuck", title="Stuck orders", unit="count", breach=Bound(comparison=">", value=3),
        sql="SELECT count(*) FROM orders WHERE status = 'PENDING'", source=Source(file="book", line=1),
    )  # fmt: skip
    board, told = Board("shop", config, (stuck,), SystemClock()), list[Change]()
    board.listen(told.append)
    await board.start()
    try:
        assert list(board.parts) == ["pods", "rollout", "signals", "database"]
        await eventually(lambda: [each.state for each in board.thresholds] == ["breach"])
        assert board.sessions is not None
        server.stop()
        await eventually(lambda: any(isinstance(each, SourceLost) for each in told))
        assert board.freshness("database").state == "stale"
        server.start()
        await eventually(lambda: any(isinstance(each, SourceBack) for each in told))
        assert board.freshness("database").state == "live"
    finally:
        await board.stop()
    assert [(type(each), getattr(each, "source", "")) for each in told] == [
        (ThresholdChanged, ""), (SourceLost, "PostgreSQL shop"), (SourceBack, "PostgreSQL shop"),
    ]  # fmt: skip


@given(st.dictionaries(st.integers(1, 8), st.lists(st.integers(0, 9), max_size=3), max_size=8))
def test_each_waits_once_under_one_that_it_waits_for(blockers: dict[int, list[int]]) -> None:
    """Whatever waits for whom, in a circle too: everybody stands in the tree exactly once."""
    waits = tuple(Wait(pid, tuple(dict.fromkeys(on)), "ShareLock", "row") for pid, on in blockers.items())
    branches = tree(Sessions("me", "18", {}, (), waits=waits, waiting=len(waits)))
    pids = [each.pid for each in branches]
    assert len(pids) == len(set(pids))
    assert set(blockers) <= set(pids)
    path: list[int] = []
    for branch in branches:
        path = [*path[: branch.depth], branch.pid]
        assert len(path) == branch.depth + 1
        if branch.depth:
            assert branch.wait is not None
            assert path[-2] == branch.wait.blockers[0]


def test_whatever_stands_before_a_server_no_word_of_it_commands_a_terminal() -> None:
    evil = "x\x1b]0;owned\x07\x9b31m"
    session = (7, evil, evil, evil, evil, evil, evil, evil, evil, 1.0, 1.0, 1.0, 1.0)
    found = _made(
        (evil, evil, 10, True, False, False), [(evil, evil, evil, 1)], [("role", evil, 5)], [(evil, evil, 1, 0)],
        [(7, [8], evil, evil, None, 1.0, 1)], [session], [(evil, evil, evil, evil, 1.0)],
    )  # fmt: skip
    assert "\\x1b" not in repr(found)
    assert "\\x9b" not in repr(found)
