"""SQL that changes something: counted by a SELECT, one transaction, and its end known whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from conftest import eventually

from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Confirmation
from cockpit.action.sql import Sql
from cockpit.action.sql.selects import selects
from cockpit.config import PostgresConfig, Secret
from cockpit.values import replace
from tests.action import postgres
from tests.action.alone import Alone, given
from tests.action.postgres import Database, Wire

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)
FAIL = "UPDATE orders SET status = 'FAILED' WHERE status = :status"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.running() as dsn:
        yield dsn


@pytest.fixture
def shop(server: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    return postgres.made(server, "shop", monkeypatch)


def changes(shop: Database, statement: str, *, timeout: float | None = None, **values: str) -> Sql:
    return Sql(statement, given(**values), shop.config, "shop", timeout, Heading("Mend", "mend", risk="changing"))


async def test_rows_are_counted_and_shown_and_nothing_is_done(shop: Database) -> None:
    plan = await Alone().plan(changes(shop, FAIL, status="PENDING"))
    assert plan.before == "42 rows match now"
    assert plan.dry_run.startswith("counted, not executed: SELECT count(*) FROM orders WHERE status = :status")
    assert plan.change[0].startswith("id=1 status=PENDING note=order 1")
    assert plan.change[-1] == "… and 37 more"
    assert plan.request == f"BEGIN; {FAIL}; COMMIT with status = 'PENDING'"
    assert plan.confirm.kind == "yes"
    assert shop.ask("SELECT count(*) FROM orders WHERE status = 'FAILED'") == [(0,)]


async def test_it_is_done_in_one_transaction(shop: Database) -> None:
    result = await Alone().run(changes(shop, FAIL, status="PENDING"))
    assert (result.outcome, result.output) == ("succeeded", "UPDATE 42")
    assert shop.ask("SELECT count(*) FROM orders WHERE status = 'FAILED'") == [(42,)]


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("DELETE FROM orders o USING payments p WHERE p.order_id = o.id AND o.status = 'PENDING'", 10),
        ("UPDATE orders AS o SET note = p.id::text FROM payments p WHERE p.order_id = o.id", 10),
        (
            "WITH o AS (SELECT id FROM orders WHERE id <= 5) DELETE FROM payments WHERE order_id IN (SELECT id FROM o)",
            15,
        ),
        ("DELETE FROM payments", 30),
        ("DELETE FROM ONLY payments WHERE id % 2 = 0 AND note_of(id) IS NULL", None),
        ("UPDATE orders SET note = 'a; b' WHERE note LIKE 'order 1%' AND created > now() - interval '10 minutes'", 12),
        ("UPDATE orders SET note = 'x' WHERE id IN (1, 2) RETURNING id, note", 2),
    ],
)
async def test_the_count_is_the_number_that_the_change_then_has(
    shop: Database, statement: str, count: int | None
) -> None:
    """Joined rows count once. What calls an unknown function is not counted: it could do anything."""
    shop.ask("CREATE FUNCTION note_of(int) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'")
    shop.ask("ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey")
    here = Alone()
    plan = await here.plan(changes(shop, statement))
    assert plan.before == ("" if count is None else f"{count} rows match now")
    result = await here.runner.execute(plan, YES)
    assert result.outcome == "succeeded"
    assert "data moved" not in result.output
    if count is not None:
        assert result.output.endswith(f" {count}")
        assert result.output.rpartition("\n")[2].split()[0] in ("UPDATE", "DELETE")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO payments SELECT 1, 1",
        "TRUNCATE payments",
        "UPDATE orders SET note = 'x' WHERE pg_terminate_backend(1)",
        "DELETE FROM orders WHERE id IN (SELECT nextval('s'))",
        "WITH g AS (DELETE FROM payments RETURNING order_id) DELETE FROM orders WHERE id IN (SELECT order_id FROM g)",
        "SELECT pg_reload_conf()",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity ORDER BY pg_terminate_backend(pid)",
        "UPDATE orders SET note = 'x' WHERE CURRENT OF c",
        "CALL settle()",
    ],
)
def test_what_cannot_be_counted_harmlessly_is_not(statement: str) -> None:
    assert selects(statement) is None


async def test_backends_are_shown_before_they_are_ended(shop: Database) -> None:
    with psycopg.connect(shop.dsn, application_name="stuck") as stuck:
        stuck.execute("SELECT 1")
        here = Alone()
        end = (
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = :name AND state = 'idle in transaction'"
        )
        plan = await here.plan(changes(shop, end, name="stuck"))
        pid = stuck.info.backend_pid
        assert plan.before == "1 rows match now"
        assert plan.change[0].startswith(f"pid={pid} ")
        assert stuck.execute("SELECT 1").fetchone() == (1,)
        result = await here.runner.execute(plan, YES)
        assert f"{pid} | t" in result.output
        with pytest.raises(psycopg.OperationalError):
            stuck.execute("SELECT 1")


async def test_what_cannot_be_previewed_says_so(shop: Database) -> None:
    here = Alone()
    plan = await here.plan(changes(shop, "INSERT INTO payments VALUES (:id, 1)", id="99"))
    assert plan.dry_run.startswith("not previewable")
    assert (await here.runner.execute(plan, YES)).output == "INSERT 0 1"


async def test_data_that_moved_since_the_preview_is_said(shop: Database) -> None:
    here = Alone()
    plan = await here.plan(changes(shop, FAIL, status="PENDING"))
    shop.ask("UPDATE orders SET status = 'PAID' WHERE id <= 2")
    result = await here.runner.execute(plan, YES)
    assert "40 rows, and the preview counted 42" in result.output


async def test_no_row_and_no_condition_are_said(shop: Database) -> None:
    plan = await Alone().plan(changes(shop, FAIL, status="NONE"))
    assert "it would change nothing" in " ".join(plan.warnings)
    plan = await Alone().plan(changes(shop, "DELETE FROM payments -- WHERE id = 1"))
    assert "it has no WHERE" in " ".join(plan.warnings)


async def test_several_statements_are_all_done_or_none(shop: Database) -> None:
    here = Alone()
    good = "UPDATE orders SET note = 'a' WHERE id = 1; UPDATE orders SET note = 'b;' WHERE id = 2;"
    assert (await here.run(changes(shop, good))).output == "UPDATE 1\nUPDATE 1"
    result = await here.run(changes(shop, "UPDATE orders SET note = 'c' WHERE id = 1; DELETE FROM orders WHERE id = 1"))
    assert result.outcome == "failed"
    assert "still referenced" in result.error
    assert shop.ask("SELECT note FROM orders WHERE id <= 2 ORDER BY id") == [("a",), ("b;",)]


async def test_vacuum_runs_outside_a_transaction(shop: Database) -> None:
    here = Alone()
    assert (await here.run(changes(shop, "VACUUM ANALYZE orders"))).output == "VACUUM"
    plan = await here.plan(changes(shop, "VACUUM orders; SELECT 1"))
    assert "a step of its own" in plan.refusals[0]


async def test_without_a_connection_string_for_writing_it_is_refused(shop: Database) -> None:
    reading = PostgresConfig(dsn=Secret(env="SHOP_RO"))
    plan = await Alone().plan(Sql(FAIL, given(status="x"), reading, "shop", heading=Heading("Mend", risk="changing")))
    assert "`postgresql.shop` has no `write_dsn`" in plan.refusals[0]


async def test_a_drill_changes_no_database_that_is_not_for_drills(shop: Database) -> None:
    """A cluster for drills does not make a database one: its connection string may lead anywhere."""
    here = Alone()
    here.drill()
    here.situation = replace(here.situation, drill_cluster=True)
    plan = await here.plan(changes(shop, FAIL, status="PENDING"))
    assert "`postgresql.shop` is not marked `drill: true`" in plan.refusals[0]
    action = changes(shop, FAIL, status="PENDING")
    marked = action.database.model_copy(update={"drill": True})
    assert (await here.plan(replace(action, database=marked))).refusals == ()


async def test_what_the_server_does_not_have_is_refused_in_the_preview(shop: Database) -> None:
    plan = await Alone().plan(changes(shop, "UPDATE ordes SET status = 'x' WHERE id = 1"))
    assert 'relation "ordes" does not exist' in plan.refusals[0]


async def test_a_server_out_of_reach_is_refused_in_the_preview(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.unreachable(monkeypatch)
    plan = await Alone().plan(changes(shop, "INSERT INTO payments VALUES (1, 1)"))
    assert "cannot be reached" in plan.refusals[0]


@pytest.mark.parametrize(("lose", "outcome", "rows"), [("answer", "succeeded", 42), ("request", "failed", 0)])
async def test_a_commit_whose_answer_was_lost_is_asked_about(
    shop: Database, monkeypatch: pytest.MonkeyPatch, lose: str, outcome: str, rows: int
) -> None:
    """The server remembers what became of a transaction, by its number."""
    wire = Wire(shop.dsn)
    async with wire.port() as port:
        postgres.over(shop, port, monkeypatch)
        here = Alone()
        plan = await here.plan(changes(shop, FAIL, status="PENDING"))
        wire.lose_answer, wire.lose_request = lose == "answer", lose == "request"
        result = await here.runner.execute(plan, YES)
    assert result.outcome == outcome
    assert "the server says" in result.error
    assert shop.ask("SELECT count(*) FROM orders WHERE status = 'FAILED'") == [(rows,)]
    assert "s3cr3t-pw" not in here.everything()


async def test_where_nobody_can_be_asked_the_outcome_is_unknown(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(shop.dsn)
    async with wire.port() as port:
        postgres.over(shop, port, monkeypatch)
        here = Alone()
        plan = await here.plan(changes(shop, FAIL, status="PENDING"))
        wire.lose_answer = wire.dead_after = True
        result = await here.runner.execute(plan, YES)
    assert (result.outcome, result.exit) == ("unknown", None)


async def test_a_change_that_is_cancelled_is_rolled_back_and_known_to_be(shop: Database) -> None:
    """It waits for a row that somebody else holds."""
    with psycopg.connect(shop.dsn) as holder:
        holder.execute("UPDATE orders SET note = 'mine' WHERE id = 1")
        here = Alone()
        plan = await here.plan(changes(shop, FAIL, timeout=60.0, status="PENDING"))
        running = asyncio.create_task(here.runner.execute(plan, YES))
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE orders%%'"
        )
        await eventually(lambda: shop.ask(waiting) == [(1,)])
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert "rolled back, the server says" in here.everything()
        holder.rollback()
    assert shop.ask("SELECT count(*) FROM orders WHERE status = 'FAILED'") == [(0,)]


async def test_a_backend_that_was_ended_has_changed_nothing_and_the_server_says_so(shop: Database) -> None:
    """Somebody ends it while it waits for a row."""
    with psycopg.connect(shop.dsn) as holder:
        holder.execute("UPDATE orders SET note = 'mine' WHERE id = 1")
        here = Alone()
        plan = await here.plan(changes(shop, FAIL, timeout=60.0, status="PENDING"))
        running = asyncio.create_task(here.runner.execute(plan, YES))
        waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        await eventually(lambda: shop.ask(waiting) == [(True,)])
        result = await running
        holder.rollback()
    assert result.outcome == "failed"
    assert "rolled back, the server says" in result.error
    assert shop.ask("SELECT count(*) FROM orders WHERE status = 'FAILED'") == [(0,)]
