"""The database's page in every state that it can be in: how it looks, and what its keys do on a real PostgreSQL.

After a change that is meant: `pytest tests/screen/test_database.py --snapshot-update`, and look at the new pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from conftest import eventually
from screen.flying import flying, picture
from screen.staged import NOW, Stage, open_staged, signal, source, stage, story
from textual.pilot import Pilot

from cockpit.room.views.database import DatabaseView, Holder, Limit, Prepared, Session, Sessions, Wait
from cockpit.screen.app import CockpitApp
from cockpit.screen.terminal.glyphs import ASCII, UNICODE
from cockpit.screen.widgets.lines import Lines
from cockpit.values import replace
from tests.postgres import Server, running
from tests.shop import shop, step

Compare = Callable[..., bool]


@dataclass
class DatabaseStage(Stage):
    """The stage with a database on it."""

    database_view: DatabaseView | None = None

    def database(self) -> DatabaseView | None:
        """What the test put there."""
        return self.database_view


def row(pid: int, application: str, state: str, query: str, inside: float | None, **more: object) -> Session:
    """A session of the shop's."""
    given: dict[str, object] = {
        "user": "shop", "database": "orders", "client": "10.1.0.7", "kind": "client backend", "connected": 5400.0,
        "transaction": inside, "statement": inside, "standing": inside,
    }  # fmt: skip
    return Session(pid, "2026-11-21 01:00:00+00", application=application, state=state, query=query, **(given | more))  # type: ignore[arg-type]


REPORT = "SELECT count(*), sum(total_cents) FROM orders JOIN order_items USING (order_id) WHERE created_at > now() - interval '90 days' GROUP BY user_id ORDER BY 2 DESC"  # noqa: E501 - one line, as a report has it
WEB = "order-service-848fdf94fc-wm62z web"
ROWS = {
    each.pid: each
    for each in (
        row(4711, "quarterly-report", "active", REPORT, 2530.0, client=""),
        row(4720, "order-service-848fdf94fc-k9r8n web", "active", "INSERT INTO orders (user_id, total_cents)", 3.0),
        row(4721, "order-service-848fdf94fc-l279r worker", "active", "UPDATE orders SET status = 'PAID'", 190.0),
        row(4733, WEB, "idle in transaction", "SELECT 1", 640.0, standing=631.0),
        row(4740, "admin-console", "idle", "SELECT * FROM users", None, standing=86400.0),
        row(4799, "", "active", "autovacuum: VACUUM public.orders", 71.0, user="", kind="autovacuum worker"),
    )
}
WAITS = (
    Wait(4721, (4711,), "RowExclusiveLock", "relation orders", 189.0),
    Wait(4720, (4721, 4711), "RowExclusiveLock", "relation orders", 2.4),
    Wait(4750, (0,), "ShareLock", "row of orders", None),
)
BUSY = Sessions(
    "cockpit_ro", "16.4", {"active": 24, "idle in transaction": 20, "idle": 7},
    (Limit("server", 51, 97), Limit("role shop", 24, 24), Limit("database orders", 51, 60)),
    (Holder("shop", WEB, 22, 20), Holder("shop", "", 2), Holder("cockpit_ro", "cockpit", 1)),
    WAITS, 9, ROWS, True,
)  # fmt: skip
CALM = Sessions("cockpit_ro", "16.4", {"idle": 7, "active": 1}, (Limit("server", 8, 97),), (Holder("shop", "web", 7),))
LEFT = replace(
    CALM, waits=(Wait(4720, (0,), "ShareLock", "row of orders", 12.0),), waiting=1, rows={4720: ROWS[4720]},
    prepared=(
        Prepared("131077_AAAAAAAAAAAAAP__fwABAQAAAAMxMzEwNzc_orders", "shop", "orders", "2026-11-20 23:00+00", 7900),
        Prepared("131077_Zm9v", "shop", "orders", "2026-11-21 01:00+00", 0.4),
    ),
)  # fmt: skip
HIDDEN = replace(CALM, counts={"hidden": 7, "active": 1}, user="looker", standby=True)
SIGNALS = (
    signal("stuck-orders", "Orders stuck in PENDING", "count", 120.0, "breach", "> 0"),
    signal("backlog", "Oldest webhook", "seconds", None, "unknown", "> 600", reason="not answered within 2 s"),
)
NAMES = tuple(each.id for each in SIGNALS)
LIVE = DatabaseView(source("postgresql", "pg"), "orders", BUSY, NAMES)


def lost(state: str, detail: str, mend: str, *, read: bool) -> DatabaseView:
    """The same, of which nothing is known any more, or never was."""
    as_of = NOW - timedelta(minutes=4) if read else None
    gone = source("postgresql", "pg", state, as_of=as_of, detail=detail, mend=mend)
    return replace(LIVE, source=gone, sessions=BUSY if read else None)


GRANT = source(
    "postgresql", "pg", detail="7 sessions of others are hidden from looker", mend="GRANT pg_monitor TO looker"
)
SCENES: dict[str, tuple[DatabaseView | None, tuple[str, ...], str]] = {
    "blocked": (LIVE, (), "Who blocks whom"),
    "blocked_end": (LIVE, ("G",), "Longest transactions"),
    "calm": (replace(LIVE, sessions=CALM, signals=()), (), "nobody waits for a lock"),
    "prepared": (replace(LIVE, sessions=LEFT, signals=()), (), "prepared and left"),
    "prepared_ended": (replace(LIVE, sessions=LEFT, signals=()), ("G", "T"), "it has no session"),
    "hidden": (replace(LIVE, source=GRANT, sessions=HIDDEN, signals=()), (), "GRANT pg_monitor"),
    "stale": (lost("stale", "it is not up: the database system is starting up", "wait", read=True), (), "4m old"),
    "full": (
        lost("unreachable", "it has no connection left: too many clients already", "end idle sessions", read=False),
        (), "too many clients",
    ),
    "refused": (
        lost("unauthorized", 'it refuses this login: password authentication failed', "check the password", read=False),
        (), "password authentication",
    ),
    "loading": (lost("loading", "", "", read=False), (), "nothing was read yet"),
    "none": (None, (), "no database is configured"),
    "session_stale": (lost("stale", "it is not up", "wait", read=True), ("enter",), "seen last"),
    "session": (LIVE, ("enter",), "90 days"),
}  # fmt: skip


def shown(compare: Compare, folder: Path, name: str, size: tuple[int, int] = (80, 24), *, ascii: bool = False) -> bool:
    """Compare one scene with its picture."""
    view, keys, words = SCENES[name]
    given = {**stage(signal_views=(*stage().signal_views, *SIGNALS)).__dict__, "database_view": view}
    war = asyncio.run(open_staged(folder, DatabaseStage(**given), entries=story(NOW)))

    async def fly(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, CockpitApp)
        await eventually(lambda: "1 Pods" in "\n".join(picture(app)), 20)
        await pilot.press("t")
        await eventually(lambda: "Database" in picture(app)[0], 20)
        await pilot.pause()
        await pilot.press(*keys)
        await eventually(lambda: words in "\n".join(picture(app)), 20)
        await pilot.pause()

    try:
        return compare(CockpitApp(war, glyphs=ASCII if ascii else UNICODE), terminal_size=size, run_before=fly)
    finally:
        asyncio.run(war.house.close())


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    assert shown(snap_compare, tmp_path, name)


@pytest.mark.parametrize("size", [(120, 40), (48, 16)])
def test_looks_at_another_size(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    assert shown(snap_compare, tmp_path, "blocked", size)


def test_looks_in_ascii(snap_compare: Compare, tmp_path: Path) -> None:
    assert shown(snap_compare, tmp_path, "blocked", ascii=True)


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as found:
        found.sql(
            "CREATE ROLE shop LOGIN", "CREATE ROLE reader LOGIN IN ROLE pg_monitor",
            "CREATE ROLE writer LOGIN IN ROLE pg_monitor, pg_signal_backend",
            "CREATE TABLE orders (id int PRIMARY KEY, status text)", "INSERT INTO orders VALUES (1, 'PENDING')",
            "GRANT ALL ON orders TO shop", "GRANT SELECT ON orders TO reader",
        )  # fmt: skip
        yield found


@pytest.mark.anyio
async def test_who_blocks_is_seen_and_ended(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the row of the one that blocks to who waited for it going on, by keys alone; and a restart is survived."""
    monkeypatch.setenv("SHOP_RO", server.dsn(user="reader"))
    monkeypatch.setenv("SHOP_RW", server.dsn(user="writer"))
    service = {
        "postgresql": "orders",
        "signals": {"stuck": {"unit": "count", "sql": "SELECT count(*) FROM orders WHERE status = 'PENDING'"}},
        "thresholds": {"stuck": {"breach": "> 0"}},
    }
    database = {"dsn": {"env": "SHOP_RO"}, "write_dsn": {"env": "SHOP_RW"}, "interval": "1s"}
    config = shop(tmp_path, step("look", manual="Look"), service=service, postgresql={"orders": database})
    holder = await psycopg.AsyncConnection.connect(server.dsn(user="shop"), application_name="report")
    waiter = await psycopg.AsyncConnection.connect(server.dsn(user="shop"), application_name="web", autocommit=True)
    await holder.execute("UPDATE orders SET status = 'FAILED' WHERE id = 1")
    task = asyncio.create_task(waiter.execute("UPDATE orders SET status = 'PAID' WHERE id = 1"))
    pid = str(holder.info.backend_pid)
    async with flying(tmp_path, config) as cockpit:
        await cockpit.press("D", "enter")
        await cockpit.records("declared")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.sees("pg●", "stuck")
        await cockpit.records("threshold")
        await cockpit.press("slash")
        await cockpit.type(f"database end {pid}")
        await cockpit.press("enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees(f"type {pid} and enter", "blocks 1 session", "connected for")
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.press("slash")
        await cockpit.type("database")
        await cockpit.press("enter")
        await cockpit.goes_to("DatabasePage")
        await cockpit.sees("Database orders", "1 waiting", f"{pid} blocks 1, idle in transaction", "waits", "ShareLock")
        await cockpit.press("enter")
        await cockpit.goes_to("SessionPage")
        await cockpit.sees("shop report", "UPDATE orders SET status = 'FAILED' WHERE id = 1", "blocks")
        await cockpit.press("Q")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("it runs no query: it is idle in transaction")
        await cockpit.press("escape")
        await cockpit.goes_to("SessionPage")
        await cockpit.press("T")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees(f"type {pid} and enter", "blocks 1 session")
        await cockpit.type(pid)
        await cockpit.press("enter")
        await cockpit.sees(f"session {pid} is gone", "who waited for it waits no more", "verified")
        assert (await asyncio.wait_for(task, 20)).rowcount == 1
        assert server.sql("SELECT status FROM orders") == [("PAID",)]
        await cockpit.press("escape", "escape")
        await cockpit.goes_to("DatabasePage")
        await cockpit.sees("nobody waits for a lock", "stuck", "ok, not over 0")
        await cockpit.press("T")
        await cockpit.sees("choose a session first")
        await cockpit.pilot.resize_terminal(100, 30)
        await cockpit.sees("choose a session first")
        await cockpit.press("escape", "v")
        await cockpit.goes_to("SourcesPage")
        cockpit.app.screen.query_one(Lines).choose("postgresql")
        await cockpit.press("enter")
        await cockpit.goes_to("DatabasePage")
        server.stop()
        await cockpit.sees("cannot be reached", "old")
        server.start()
        await cockpit.sees("nobody waits for a lock", "/57 connections")
        intent = await cockpit.records("run-intent")
        assert f"pid = {pid} AND backend_start" in str(intent.payload["request"])
    await holder.close()
    await waiter.close()
