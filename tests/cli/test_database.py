"""`cockpit database` on a real PostgreSQL: what is printed, the end of a session, and the exit codes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from cockpit.action.started import echoed
from tests.cli.answering import at_terminal
from tests.cli.shell import Done, Shell
from tests.conftest import eventually
from tests.postgres import Server, running
from tests.shop import shop, step

pytestmark = pytest.mark.anyio
STEP = step("look", manual="Look at it")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as found:
        found.sql(
            "CREATE ROLE shop LOGIN",
            "CREATE ROLE reader LOGIN IN ROLE pg_monitor",
            "CREATE ROLE writer LOGIN IN ROLE pg_monitor, pg_signal_backend",
            "CREATE TABLE orders (id int PRIMARY KEY, status text)",
            "INSERT INTO orders VALUES (1, 'PENDING')",
            "GRANT ALL ON orders TO shop",
            "GRANT SELECT ON orders TO reader",
        )
        yield found


@pytest.fixture
def here(shell: Shell, server: Server) -> Shell:
    """A shop with this database."""
    shell.environ |= {"SHOP_RO": server.dsn(user="reader"), "SHOP_RW": server.dsn(user="writer")}
    service = {
        "postgresql": "orders",
        "signals": {
            "stuck": {"unit": "count", "sql": "SELECT count(*) FROM orders WHERE status = 'PENDING'"},
            "gone": {"unit": "count", "sql": "SELECT count(*) FROM nowhere"},
        },
    }
    database = {"dsn": {"env": "SHOP_RO"}, "write_dsn": {"env": "SHOP_RW"}}
    shop(shell.folder, STEP, service=service, postgresql={"orders": database})
    return shell


async def run(shell: Shell, *args: object) -> Done:
    """A command, while this process holds its sessions."""
    return await asyncio.to_thread(shell, *args)


async def connected(server: Server, name: str) -> psycopg.AsyncConnection[Any]:
    """A session of the shop's outside of any transaction."""
    return await psycopg.AsyncConnection.connect(server.dsn(user="shop"), application_name=name, autocommit=True)


@asynccontextmanager
async def blocked(server: Server) -> AsyncIterator[tuple[int, int, asyncio.Task[Any]]]:
    """A session that holds a row, another that waits for it, and the task that waits."""
    holder = await psycopg.AsyncConnection.connect(server.dsn(user="shop"), application_name="report")
    waiter = await connected(server, "web")
    await holder.execute("UPDATE orders SET status = status WHERE id = 1")
    task = asyncio.create_task(waiter.execute("UPDATE orders SET status = status WHERE id = 1"))
    await eventually(lambda: server.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(1,)])
    try:
        yield holder.info.backend_pid, waiter.info.backend_pid, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await holder.close()
        await waiter.close()


async def test_who_blocks_whom_is_printed(here: Shell, server: Server) -> None:
    async with blocked(server) as (holder, waiter, _), await connected(server, "console") as console:
        await console.execute("SELECT 'last'")
        idle = console.info.backend_pid
        out = (await run(here, "database")).ok().out
        told = (await run(here, "database", "--json")).ok().json
    assert out.startswith("orders: PostgreSQL ")
    assert "limit    server                   4 of 57\n" in out
    assert f" {idle} shop console, idle: SELECT 'last'\n" in out
    assert f"blocks   1: {holder} shop report, idle in transaction, transaction " in out
    assert "waits      ShareLock on row of orders for " in out
    assert f": {waiter} shop web, active, transaction " in out
    assert "signal   stuck                                   1\n" in out
    assert 'PostgreSQL says: relation "nowhere" does not exist' in out
    assert (told["name"], told["source"]["state"], told["sessions"]["waiting"]) == ("orders", "live", 1)
    assert {each["pid"] for each in told["sessions"]["rows"]} == {holder, waiter, idle}
    assert [(each["id"], each["value"]) for each in told["signals"]] == [("stuck", 1.0), ("gone", None)]


async def test_a_prepared_transaction_that_was_left_is_printed_with_what_ends_it(here: Shell, server: Server) -> None:
    async with await psycopg.AsyncConnection.connect(server.dsn(user="shop")) as first:
        await first.execute("UPDATE orders SET status = status WHERE id = 1")
        await first.execute("PREPARE TRANSACTION 'half'")
        await first.commit()
    try:
        out = (await run(here, "database")).ok().out
        told = (await run(here, "database", "--json")).ok().json
    finally:
        server.sql("ROLLBACK PREPARED 'half'")
    assert re.search(r"^longest  prepared transaction half of shop in postgres, \w+, since 20", out, re.MULTILINE)
    [found] = told["sessions"]["prepared"]
    assert (found["gid"], found["owner"], found["database"]) == ("half", "shop", "postgres")


async def test_a_session_is_previewed_ended_and_recorded(here: Shell, server: Server) -> None:
    await asyncio.to_thread(here.declared)
    async with blocked(server) as (holder, waiter, task):
        shown = (await run(here, "database", "end", holder, "--dry-run")).ok().out
        assert "ended, what its transaction did is rolled back" in shown
        assert f"frees {waiter}: shop web: UPDATE orders" in shown
        cancel = ("--cancel", "--yes", "--dry-run")
        (await run(here, "database", "end", holder, *cancel)).failed("it runs no query")
        seen = next(each["started"] for each in (await run(here, "database", "--json")).json["sessions"]["rows"]
                    if each["pid"] == holder)  # fmt: skip
        assert f", since {echoed(seen)}\n" in shown
        blind = await run(here, "database", "end", holder, "--confirm", holder)
        blind.wrong("nobody can be asked here whether it is still the session that was seen: give --started TIME")
        other = ("--started", "2026-11-21T01:00:00Z", "--confirm", holder)
        (await run(here, "database", "end", holder, *other)).failed(
            f"the pid {holder} belongs to another session now, which began {echoed(seen)}"
        )
        refused = await run(here, "database", "end", holder, "--started", seen, "--yes")
        assert (refused.code, f"answer it with --confirm {holder}" in refused.err) == (1, True)
        assert not task.done()
        done = await run(here, "database", "end", holder, "--started", echoed(seen), "--confirm", holder)
        assert (done.code, done.out.splitlines()[-3:]) == (
            0, [f"session {holder} is gone", "who waited for it waits no more", "verified"],
        )  # fmt: skip
        assert (await asyncio.wait_for(task, 20)).rowcount == 1
    timeline = (await run(here, "incident", "timeline")).ok().out
    assert f"end session {holder}" in timeline


async def test_at_a_terminal_one_preview_and_one_answer_end_what_was_shown(here: Shell, server: Server) -> None:
    await asyncio.to_thread(here.declared)
    async with blocked(server) as (holder, _, task):
        shown, code = await asyncio.to_thread(at_terminal, here, [str(holder)], "database", "end", holder)
        assert code == 0, shown
        assert shown.count(f"session {holder}: shop report") == shown.count(f"type {holder} to do it") == 1
        assert (await asyncio.wait_for(task, 20)).rowcount == 1


async def test_what_cannot_be_read_is_unknown_and_not_empty(here: Shell) -> None:
    here.environ["SHOP_RO"] = "postgresql://me:hunter2@127.0.0.1:9/shop"
    done = await run(here, "database")
    done.failed("127.0.0.1:9 cannot be reached", "check the network")
    assert done.out == "orders: unknown, unreachable\n"
    told = (await run(here, "database", "--json")).json
    assert (told["sessions"], told["signals"][0]["value"]) == (None, None)
    assert "hunter2" not in f"{done.out}{done.err}{told}"
    shop(here.folder, STEP)
    (await run(here, "database")).wrong("no database is configured for this service; add `postgresql` to it")
    await asyncio.to_thread(here.declared)
    (await run(here, "database", "end", 17)).wrong("no database is configured for this service")
    (await run(here, "database", "end", "web")).wrong("'web' is not a valid pid")
    (await run(here, "database", "end", 17, "--started", "noon")).wrong(
        "'noon' is no time; write it like 2026-11-21T01"
    )


async def test_the_doctor_looks_at_the_database(here: Shell, server: Server) -> None:
    found = {each["what"]: each for each in (await run(here, "doctor", "--json")).json}
    assert found["database orders"]["state"] == "ok"
    assert " connections, " in found["database orders"]["said"]
    assert found["end a session"]["said"] == "writer may end sessions of others"
    assert (found["signal stuck"]["state"], found["signal stuck"]["said"]) == ("ok", "1")
    assert found["signal gone"]["state"] == "warn"
    here.environ["SHOP_RW"] = here.environ["SHOP_RO"]
    found = {each["what"]: each for each in (await run(here, "doctor", "--json")).json}
    assert found["end a session"]["state"] == "warn"
    assert found["end a session"]["mend"] == "GRANT pg_signal_backend TO reader"
    server.sql("CREATE ROLE stranger LOGIN")
    here.environ |= {"SHOP_RO": server.dsn(user="stranger"), "SHOP_RW": server.dsn("nowhere")}
    async with blocked(server):
        found = {each["what"]: each for each in (await run(here, "doctor", "--json")).json}
    assert found["database sessions"]["mend"] == "GRANT pg_monitor TO stranger"
    assert "its database is gone" in found["end a session"]["said"]
    here.environ["SHOP_RO"] = "postgresql://me@127.0.0.1:9/shop"
    found = {each["what"]: each for each in (await run(here, "doctor", "--json")).json}
    assert (found["database orders"]["state"], "end a session" in found) == ("bad", False)
