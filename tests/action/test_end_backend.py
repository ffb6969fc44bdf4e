"""Ending a session of PostgreSQL, or its query: that one and no other, by who may, and who waited for it moves."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from conftest import eventually

from cockpit.action.model import Confirmation, Situation
from cockpit.action.sql.backend_end import Ending
from cockpit.action.sql.ending import EndBackend
from cockpit.action.started import echoed, started
from cockpit.config import PostgresConfig, Secret
from cockpit.values import replace
from tests.action import postgres
from tests.action.alone import TARGET, Alone
from tests.action.postgres import Database, Wire

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.running() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE ROLE shop LOGIN")
            connection.execute("CREATE ROLE looker LOGIN IN ROLE pg_monitor")
            connection.execute("CREATE ROLE blind LOGIN IN ROLE pg_signal_backend")
            connection.execute("CREATE ROLE ender LOGIN IN ROLE pg_monitor, pg_signal_backend")
        yield dsn


@pytest.fixture
def shop(server: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    made = postgres.made(server, "shop", monkeypatch)
    made.ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO shop")
    return made


def by(shop: Database, user: str) -> str:
    """The connection string of another user."""
    return shop.dsn.replace("postgres:@", f"{user}@").replace("postgres@", f"{user}@")


def of(user: str, shop: Database, patch: pytest.MonkeyPatch) -> PostgresConfig:
    """The configuration of somebody who only has this login."""
    patch.setenv("SHOP_OTHER", by(shop, user))
    return PostgresConfig(dsn=Secret(env="SHOP_OTHER"))


def end(shop: Database, pid: int, *, config: PostgresConfig | None = None, **more: Any) -> EndBackend:
    return EndBackend(pid, config or shop.config, "shop", **more)


@asynccontextmanager
async def blocked(shop: Database) -> AsyncIterator[tuple[psycopg.AsyncConnection[Any], asyncio.Task[Any]]]:
    """A session that holds a row, and a task that waits for it in another."""
    holder = await psycopg.AsyncConnection.connect(by(shop, "shop"), application_name="report")
    waiter = await psycopg.AsyncConnection.connect(by(shop, "shop"), application_name="web")
    await holder.execute("UPDATE orders SET note = 'held' WHERE id = 1")
    task = asyncio.create_task(waiter.execute("UPDATE orders SET note = 'waited' WHERE id = 1"))
    waits = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = {waiter.info.backend_pid}"
    await eventually(lambda: shop.ask(waits) == [(1,)])
    try:
        yield holder, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await holder.close()
        await waiter.close()


async def test_the_preview_says_who_it_is_and_whom_it_frees(shop: Database) -> None:
    async with blocked(shop) as (holder, _):
        pid = holder.info.backend_pid
        plan = await Alone().plan(end(shop, pid))
        assert plan.refusals == ()
        assert (plan.risk, plan.confirm.kind, plan.confirm.name) == ("destructive", "name", str(pid))
        assert plan.before.startswith("idle in transaction, in a transaction for ")
        assert plan.before.endswith("blocks 1 session")
        assert plan.after == "ended, what its transaction did is rolled back"
        assert plan.mitigates, "it is done against the impact, as the runbook's own step is"
        ((began,),) = shop.ask("SELECT backend_start FROM pg_stat_activity WHERE pid = %s", pid)
        said = echoed(started(str(began)))
        assert re.fullmatch(
            rf"session {pid}: shop report.*, connected for \S+, since {re.escape(said)}", plan.change[0]
        )
        assert (await Alone().plan(end(shop, pid, started=started(said)))).refusals == ()
        assert plan.change[1] == "ran last: UPDATE orders SET note = 'held' WHERE id = 1"
        assert plan.change[2].endswith(": shop web: UPDATE orders SET note = 'waited' WHERE id = 1")
        assert f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = {pid} AND backend" in plan.request
        (said,) = shlex.split(plan.command)[-1:]
        assert said == plan.request, "who copies it ends no other session either"
        await holder.execute("SELECT 1")  # it was looked at, and nothing else


async def test_who_waited_moves_when_the_holder_is_ended(shop: Database) -> None:
    async with blocked(shop) as (holder, task):
        pid, here = holder.info.backend_pid, Alone()
        plan = await here.plan(end(shop, pid))
        result = await here.runner.execute(plan, Confirmation(name=str(pid)))
        assert (result.outcome, result.output) == ("succeeded", f"pg_terminate_backend({pid}): t")
        assert (await asyncio.wait_for(task, 20)).rowcount == 1
        verified = await here.runner.verify(plan)
        said = (f"session {pid} is gone", "who waited for it waits no more")
        assert (verified.verdict, verified.checks) == ("verified", said)
        with pytest.raises(psycopg.OperationalError):
            await holder.execute("SELECT 1")


async def test_it_is_not_verified_while_it_is_there(shop: Database) -> None:
    """The signal was sent to nobody: the verdict is what is seen, not what was meant."""
    async with blocked(shop) as (holder, _):
        here = Alone()
        plan = await here.plan(end(shop, holder.info.backend_pid))
        verifying = asyncio.create_task(here.runner.verify(plan, here.told.append))
        await eventually(lambda: any("waits until it is gone" in each.text for each in here.told))
        here.clock.skip(60.0)
        verdict = await verifying
        assert verdict.verdict == "failed"
        assert verdict.checks == (f"session {holder.info.backend_pid} is still there", "1 of 1 still wait for it")


async def test_cancelling_ends_the_query_and_not_the_session(shop: Database) -> None:
    async with blocked(shop) as (holder, task):
        assert isinstance(task, asyncio.Task)
        (waiter,) = (pid for (pid,) in shop.ask("SELECT pid FROM pg_locks WHERE NOT granted"))
        here = Alone()
        plan = await here.plan(end(shop, waiter, cancel=True))
        assert (plan.risk, plan.confirm.kind) == ("changing", "yes")
        assert "AND query_start = '" in plan.request
        assert (await here.runner.execute(plan, Confirmation(yes=True))).outcome == "succeeded"
        with pytest.raises(psycopg.errors.QueryCanceled):
            await asyncio.wait_for(task, 20)
        assert (await here.runner.verify(plan)).checks == (f"session {waiter} runs that query no more",)
        assert shop.ask("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", waiter) == [(1,)]
        refused = await here.plan(end(shop, holder.info.backend_pid, cancel=True))
        assert refused.refusals[0].startswith("it runs no query: it is idle in transaction")


async def test_a_pid_that_another_session_has_by_now_is_never_meant(shop: Database) -> None:
    """What was seen began at another moment: refused before, and nothing is done by the statement itself."""
    async with blocked(shop) as (holder, _):
        pid, here = holder.info.backend_pid, Alone()
        plan = await here.plan(end(shop, pid, started="2026-11-21 01:00:00+00"))
        (refusal,) = plan.refusals
        assert refusal.startswith(f"the pid {pid} belongs to another session now, which began 20")
        assert refusal.endswith("Z: that one has ended; look again")
        plan = await here.plan(end(shop, pid))
        assert isinstance(plan.execution, Ending)
        plan.execution.backend = replace(plan.execution.backend, started="2026-11-21 01:00:00+00")
        result = await here.runner.execute(plan, Confirmation(name=str(pid)))
        assert (result.outcome, result.error) == ("failed", f"session {pid} has ended by itself: nothing was done")
        await holder.execute("SELECT 1")


async def test_a_query_that_came_after_the_preview_is_not_cancelled(shop: Database) -> None:
    async with blocked(shop) as (_, task):
        assert task
        (waiter,) = (pid for (pid,) in shop.ask("SELECT pid FROM pg_locks WHERE NOT granted"))
        here = Alone()
        plan = await here.plan(end(shop, waiter, cancel=True))
        assert isinstance(plan.execution, Ending)
        plan.execution.backend = replace(plan.execution.backend, statement="2026-11-21 01:00:00+00")
        result = await here.runner.execute(plan, Confirmation(yes=True))
        assert (result.outcome, result.error) == (
            "failed", f"session {waiter} runs that query no more: nothing was done",
        )  # fmt: skip
        assert shop.ask("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s", waiter) == [(1,)]


async def test_who_may_not_is_told_what_to_grant(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with blocked(shop) as (holder, _):
        pid, here = holder.info.backend_pid, Alone()
        plan = await here.plan(end(shop, pid, config=of("looker", shop, monkeypatch)))
        grant = "looker may not end sessions of shop: GRANT pg_signal_backend TO looker, or set `write_dsn`"
        assert plan.refusals == (grant,)
        assert (await here.plan(end(shop, pid, config=of("ender", shop, monkeypatch)))).refusals == (), "by that right"


async def test_a_login_for_reading_ends_nothing_only_because_it_could(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own sessions, or as a superuser: where no `write_dsn` is given nobody said that anything may be changed."""
    async with blocked(shop) as (holder, _):
        pid, here = holder.info.backend_pid, Alone()
        for user in ("shop", "postgres"):
            reads = of(user, shop, monkeypatch)
            (refusal,) = (await here.plan(end(shop, pid, config=reads))).refusals
            assert refusal == (
                "the login of `dsn` only reads, unless it is granted pg_signal_backend, "
                f"and {user} was not: set `write_dsn`"
            )
            both = reads.model_copy(update={"write_dsn": reads.dsn})
            assert (await here.plan(end(shop, pid, config=both))).refusals == ()


async def test_who_may_not_see_whose_the_pid_is_may_not_end_it(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would tell the session that was looked at from the next one with its pid, nor what it is."""
    async with blocked(shop) as (holder, _):
        pid, here, blind = holder.info.backend_pid, Alone(), of("blind", shop, monkeypatch)
        grant = f"blind may not see which session has the pid {pid}: GRANT pg_read_all_stats TO blind"
        for how in ({}, {"cancel": True}, {"started": "2026-11-21 01:00:00+00"}):
            assert (await here.plan(end(shop, pid, config=blind, **how))).refusals == (grant,)


async def test_no_right_reaches_a_superuser_but_another(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(shop.dsn) as admin:
        plan = await Alone().plan(end(shop, admin.info.backend_pid, config=of("ender", shop, monkeypatch)))
        assert plan.refusals[0].startswith("ender may not end sessions of postgres")
        assert (await Alone().plan(end(shop, admin.info.backend_pid))).refusals == ()


async def test_the_servers_own_and_a_cockpits_own_are_left_alone(shop: Database) -> None:
    ((checkpointer,),) = shop.ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    assert "the server's own process (checkpointer)" in (await Alone().plan(end(shop, checkpointer))).refusals[0]
    with psycopg.connect(shop.dsn, application_name="cockpit") as own:
        assert "a cockpit's own session" in (await Alone().plan(end(shop, own.info.backend_pid))).refusals[0]
    gone = await Alone().plan(end(shop, 999_999))
    assert gone.refusals == ("no session has the pid 999999: it has ended, or never was",)


async def test_replication_asks_once_more(shop: Database) -> None:
    with psycopg.connect(shop.dsn, autocommit=True, replication="database") as follower:
        pid, here = follower.info.backend_pid, Alone()
        for cancel in (False, True):
            plan = await here.plan(end(shop, pid, cancel=cancel))
            assert (plan.risk, plan.confirm.kind) == ("destructive", "name")
            assert plan.confirm.extra.startswith("it is replication (walsender)")
        plan = await here.plan(end(shop, pid))
        assert plan.confirm.missing(Confirmation(name=str(pid))).startswith("not confirmed again")
        result = await here.runner.execute(plan, Confirmation(name=str(pid), again=True))
        assert result.outcome == "succeeded"


async def test_neither_in_a_drill_nor_where_nothing_may_be_changed(shop: Database) -> None:
    with psycopg.connect(by(shop, "shop")) as session:
        here = Alone()
        here.drill()
        assert "this is a drill" in (await here.plan(end(shop, session.info.backend_pid))).refusals[0]
        here.situation = Situation(TARGET, read_only=True)
        assert "--read-only" in (await here.plan(end(shop, session.info.backend_pid))).refusals[0]


async def test_a_server_that_is_not_there_says_so_and_hides_the_password(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.unreachable(monkeypatch)
    plan = await Alone().plan(end(shop, 1))
    assert "127.0.0.1:1 cannot be reached" in plan.refusals[0]
    assert "s3cr3t-pw" not in str(plan)


async def test_an_answer_that_was_lost_is_found_out(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(shop.dsn)
    async with wire.port() as port, blocked(shop) as (holder, _):
        pid, here = holder.info.backend_pid, Alone()
        postgres.over(shop, port, monkeypatch)
        plan = await here.plan(end(shop, pid))
        wire.lose_answer = True
        result = await here.runner.execute(plan, Confirmation(name=str(pid)))
        assert result.outcome == "succeeded"
        assert "broke off" in result.error
        assert result.error.endswith(f"session {pid} is gone")
        assert "s3cr3t-pw" not in here.everything()
