"""SQL steps against a real PostgreSQL: reading that cannot write, changes counted and never tried, nothing spliced."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator

import pytest
from conftest import eventually

from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Risk
from cockpit.action.sql import Sql
from cockpit.config import PostgresConfig
from tests.action import postgres
from tests.action.alone import Alone, given
from tests.action.postgres import Database

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.running() as dsn:
        yield dsn


@pytest.fixture
def shop(server: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    return postgres.made(server, "shop", monkeypatch)


def sql(
    shop: Database,
    statement: str,
    risk: Risk | None = None,
    *,
    secret: tuple[str, ...] = (),
    timeout: float | None = None,
    config: PostgresConfig | None = None,
    **values: str,
) -> Sql:
    heading = Heading("Look", "look", risk=risk)
    return Sql(statement, given(secret, **values), config or shop.config, "shop", timeout, heading)


def reads(shop: Database, statement: str, **values: str) -> Sql:
    return sql(shop, statement, "read-only", **values)


def changes(shop: Database, statement: str, **values: str) -> Sql:
    return sql(shop, statement, "changing", **values)


async def test_rows_come_as_a_table(shop: Database) -> None:
    """As psql prints them: text as the server writes it, NULL told from an empty text."""
    result = await Alone().run(reads(shop, "SELECT id, status, CASE id WHEN 2 THEN '' END AS note FROM orders LIMIT 2"))
    assert result.output.splitlines() == [
        "id | status  | note",
        "---+---------+-----",
        " 1 | PENDING | NULL",
        " 2 | PENDING |",
        "(2 rows)",
    ]
    assert (result.outcome, result.exit) == ("succeeded", 0)


async def test_the_plan_says_where_and_what_and_asks_nobody(shop: Database) -> None:
    here = Alone()
    plan = await here.plan(reads(shop, "SELECT count(*) FROM orders WHERE status = :status", status="O'Neill"))
    assert (plan.confirm.kind, plan.context, plan.namespace, plan.object) == ("none", "", "", "database/shop")
    assert plan.server.endswith("/shop as postgres")
    assert shlex.split(plan.command)[-1] == "SELECT count(*) FROM orders WHERE status = 'O''Neill'"
    assert plan.command.startswith("PGOPTIONS='-c statement_timeout=5000 -c default_transaction_read_only=on' psql ")
    assert plan.command.endswith(""" -c "SELECT count(*) FROM orders WHERE status = 'O''Neill'\"""")
    assert plan.request.startswith("BEGIN READ ONLY; SELECT count(*) FROM orders WHERE status = :status; ROLLBACK with")


@pytest.mark.parametrize(
    "writes",
    [
        "DELETE FROM payments",
        "WITH gone AS (DELETE FROM payments RETURNING id) SELECT count(*) FROM gone",
        "SELECT setval('s', 7)",
        "SET transaction_read_only = off; DELETE FROM payments",
        "SELECT set_config('transaction_read_only', 'off', false); DELETE FROM payments",
        "CREATE TABLE mine (id int)",
        "SELECT 1; DELETE FROM payments",
        "EXPLAIN ANALYZE DELETE FROM payments",
        "DO $$ BEGIN DELETE FROM payments; END $$",
    ],
)
async def test_what_reads_cannot_write_whatever_its_runbook_says(shop: Database, writes: str) -> None:
    """The transaction is READ ONLY in the server, which no statement in it can take back."""
    shop.ask("CREATE SEQUENCE s")
    result = await Alone().run(reads(shop, writes))
    assert (result.outcome, result.exit) == ("failed", 1)
    assert "PostgreSQL says: " in result.error
    assert shop.ask("SELECT count(*) FROM payments") == [(30,)]
    assert shop.ask("SELECT is_called FROM s") == [(False,)]


@pytest.mark.parametrize("control", ["COMMIT; DELETE FROM payments", "SET TRANSACTION READ WRITE; SELECT 1", "begin"])
async def test_who_controls_transactions_is_refused(shop: Database, control: str) -> None:
    plan = await Alone().plan(reads(shop, control))
    assert "transactions itself" in plan.refusals[0]


NASTY = [
    "'; DELETE FROM orders; --",
    "' OR '1'='1",
    "\\'; DROP TABLE orders; --",
    "$$; DROP TABLE orders; $$",
    "%(id)s %s %%",
    ":status",
    "${status} $(reboot) `reboot`",
    "x\n'; COMMIT; DROP TABLE orders; --",
]


@pytest.mark.parametrize("value", NASTY)
async def test_a_value_is_never_read_as_sql(shop: Database, value: str) -> None:
    """In conditions, in what is written, and beside quotes, comments, casts and percent signs."""
    here = Alone()
    statement = (
        "SELECT :value::text AS given, ':value' AS written, /* :nothing */ '50%' AS share -- :nobody\n"
        "WHERE :value <> 'x' AND 'a' LIKE 'a%'"
    )
    result = await here.run(reads(shop, statement, value=value))
    assert result.outcome == "succeeded"
    assert ":value" in result.output
    await here.run(changes(shop, "UPDATE orders SET note = :value WHERE id = :id", value=value, id="7"))
    assert shop.ask("SELECT note FROM orders WHERE id = 7") == [(value,)]
    assert shop.ask("SELECT count(*) FROM orders WHERE note LIKE 'order%%'") == [(99,)]


async def test_a_value_that_is_no_number_is_an_error_and_nothing_else(shop: Database) -> None:
    result = await Alone().run(reads(shop, "SELECT * FROM orders WHERE id = :id", id="7 OR true"))
    assert 'invalid input syntax for type integer: "7 OR true"' in result.error


async def test_a_value_that_postgresql_cannot_hold_is_refused_in_words(shop: Database) -> None:
    result = await Alone().run(reads(shop, "SELECT :value::text", value="a\x00b"))
    assert result.outcome == "failed"
    assert "cannot be sent" in result.error


async def test_a_parameter_without_a_value_cannot_run(shop: Database) -> None:
    plan = await Alone().plan(reads(shop, "SELECT :missing::int"))
    assert "--set missing=VALUE" in plan.refusals[0]


async def test_a_huge_answer_costs_nothing(shop: Database) -> None:
    """The server keeps the rest; how many were left out is said."""
    result = await Alone().run(reads(shop, "SELECT n FROM generate_series(1, 200000) n"))
    assert result.output.endswith("(500 rows, 199500 more left out)")
    assert result.bytes < 10_000


async def test_what_is_too_much_to_count_is_said(shop: Database) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    result = await Alone().run(sql(shop, endless, "read-only", timeout=1.0))
    assert result.output.endswith("(500 rows, and more: they were not counted)")


async def test_wide_rows_are_cut(shop: Database) -> None:
    result = await Alone().run(reads(shop, "SELECT repeat('x', 100000) AS wide FROM generate_series(1, 400)"))
    assert "…" in result.output
    assert "more left out)" in result.output


async def test_show_and_explain_are_read_too(shop: Database) -> None:
    result = await Alone().run(reads(shop, "SHOW server_version_num; EXPLAIN SELECT * FROM orders;"))
    assert "server_version_num" in result.output
    assert "Seq Scan on orders" in result.output


async def test_hostile_rows_command_no_terminal(shop: Database) -> None:
    result = await Alone().run(reads(shop, "SELECT E'\\x1b[2Jgone\\x1b]0;title\\x07' AS \"[/red]\""))
    assert "\x1b" not in result.output
    assert "gone" in result.output


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("SELECT * FROM nowhere", 'relation "nowhere" does not exist'),
        ("SELECT statu FROM orders", "orders.status"),
        ("SELECT * FROM pg_stat_statements", "CREATE EXTENSION pg_stat_statements"),
        ("SELEC 1", "syntax error"),
        ("SELECT pg_sleep(60)", "longer `timeout`"),
    ],
)
async def test_the_server_s_words_reach_the_reader(shop: Database, statement: str, says: str) -> None:
    result = await Alone().run(sql(shop, statement, "read-only", timeout=0.5))
    assert (result.outcome, result.exit) == ("failed", 1)
    assert says in result.error


async def test_cancelling_stops_the_statement_in_the_server(shop: Database) -> None:
    here = Alone()
    running = asyncio.create_task(here.run(sql(shop, "SELECT pg_sleep(50)", "read-only", timeout=60.0)))
    asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'incident-cockpit' AND state = 'active'"
    await eventually(lambda: shop.ask(asked) == [(1,)])
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await eventually(lambda: shop.ask(asked) == [(0,)])
    assert here.notebook.kinds == ["run-intent", "run-result"]


async def test_secrets_are_nowhere(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the password of the connection string nor a secret value, also where the server repeats them."""
    here, secret = Alone(), "tr0ub4dor'&3"
    bad = "SELECT :api_key::text AS given, :api_key::int"
    plan = await here.plan(sql(shop, bad, "read-only", secret=("api_key",), api_key=secret))
    result = await here.runner.execute(plan)
    assert "$API_KEY" in result.error
    shown = await here.run(sql(shop, "SELECT :api_key::text", "read-only", secret=("api_key",), api_key=secret))
    assert "$API_KEY" in shown.output
    cut = "SELECT repeat('x', 190) || :api_key AS cut"
    assert "x$API_KEY" in (await here.run(sql(shop, cut, "read-only", secret=("api_key",), api_key=secret))).output
    postgres.unreachable(monkeypatch)
    far = await here.plan(reads(shop, "SELECT 1"))
    failed = await here.runner.execute(far)
    assert "cannot be reached" in failed.error
    everything = here.everything() + repr(plan) + repr(far)
    assert "tr0" not in everything
    assert "s3cr3t-pw" not in everything
    assert "$API_KEY" in plan.command
    assert "api_key = $API_KEY" in plan.request


async def test_a_missing_connection_string_is_said_before_anything_runs(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_RO")
    plan = await Alone().plan(reads(shop, "SELECT 1"))
    assert plan.refusals == ("the database's connection string is missing: $SHOP_RO gives nothing; set it",)
    monkeypatch.setenv("SHOP_RO", "hunter2 hunter2")
    plan = await Alone().plan(reads(shop, "SELECT 1"))
    assert "no connection string" in plan.refusals[0]
    assert "hunter2" not in repr(plan)
