"""Statements with the risk that a person gives them."""

from __future__ import annotations

import logging

import pytest

from cockpit.runbook.risk import judge_sql

READ_ONLY = """
SELECT 1
select count(*) from orders where status = 'PENDING';
SELECT now() - pg_stat_activity.query_start AS duration, query FROM pg_stat_activity
WITH x AS (SELECT 1 AS a) SELECT * FROM x
SELECT * FROM a UNION ALL SELECT * FROM b
(SELECT 1) UNION (SELECT 2) ORDER BY 1
SELECT pg_size_pretty(pg_total_relation_size('orders'))
SELECT pid, pg_blocking_pids(pid) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0
SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FROM t
SELECT extract(epoch FROM now() - created_at), date_trunc('hour', created_at), to_char(now(), 'HH24') FROM t
SELECT * FROM orders WHERE id = :order_id AND status = ANY(:states)
SELECT data->>'a', data #>> '{a,b}', jsonb_array_length(data->'x') FROM t
SELECT row_number() OVER (PARTITION BY a ORDER BY b), lag(a) OVER w FROM t WINDOW w AS (ORDER BY a)
SELECT a.relname FROM pg_class a LEFT JOIN pg_locks l ON l.relation = a.oid WHERE NOT l.granted
SELECT pg_catalog.now()
SELECT 'DROP TABLE x; DELETE FROM y' AS text
SELECT 1 -- DROP TABLE x
SELECT 1 /* DROP TABLE x */
SELECT $$ DROP TABLE x; $$
SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END, coalesce(b, 0), nullif(c, '') FROM t
SELECT * FROM generate_series(1, 10) AS g
SELECT current_setting('max_connections'), version(), current_user
SELECT * FROM json_to_recordset('[]') AS x(a int)
WITH x(a, b) AS (SELECT 1, 2) SELECT a::numeric(10,2) FROM x WHERE (a, b) IN (VALUES (1, 2))
SELECT count(*) FILTER (WHERE a > 1), string_agg(b, ', ') FROM t GROUP BY ROLLUP (a) HAVING (count(*)) > 1
SHOW max_connections
SHOW ALL
EXPLAIN SELECT * FROM t
EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM t
EXPLAIN ANALYZE SELECT count(*) FROM t
EXPLAIN DELETE FROM t WHERE a = 1
VALUES (1, 2)
TABLE orders
COPY (SELECT * FROM t) TO STDOUT
BEGIN; SELECT 1; COMMIT
ROLLBACK
SELECT 1; SELECT 2;
"""

CHANGING = """
INSERT INTO t VALUES (1)
UPDATE t SET a = 1 WHERE id = 2
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
SELECT pg_cancel_backend(1)
SELECT pg_reload_conf()
SELECT set_config('a.b', 'c', true)
SELECT nextval('s')
SELECT setval('s', 1)
SELECT pg_advisory_lock(1)
SELECT pg_sleep(1)
SELECT lo_unlink(1)
SELECT * FROM dblink('host=x', 'DROP TABLE t') AS t(a int)
SELECT pg_switch_wal()
SELECT pg_promote()
SELECT pg_read_file('/etc/passwd')
SELECT my_function(1)
SELECT my_schema.now()
SELECT ai_generate('x')
SELECT search(a, 'b') FROM t
SELECT "charge"(1)
SELECT apply_refund (1)
SELECT a FROM t WHERE charge_card(id)
SELECT * FROM t FOR UPDATE
SELECT * FROM t WHERE id = 1 FOR SHARE SKIP LOCKED
SELECT * INTO copy FROM t
WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x
MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET c = 1
CREATE INDEX CONCURRENTLY i ON t (a)
CREATE TABLE x AS SELECT 1
ALTER TABLE t ADD COLUMN a int
ALTER SYSTEM SET max_connections = 200
GRANT ALL ON t TO u
SET statement_timeout = '5s'
RESET ALL
VACUUM ANALYZE t
ANALYZE t
REINDEX TABLE t
REFRESH MATERIALIZED VIEW v
LOCK TABLE t
DO $$ BEGIN DELETE FROM t; END $$
CALL p()
EXECUTE q
PREPARE q AS SELECT 1
COPY t FROM '/tmp/x'
COPY t TO PROGRAM 'sh'
COPY t TO '/tmp/x'
COPY (SELECT my_function(1)) TO STDOUT
NOTIFY c
CLUSTER t
EXPLAIN ANALYZE INSERT INTO t VALUES (1)
EXPLAIN SELECT my_function(1)
COMMENT ON TABLE t IS 'x'
SELECT 1 /* a /* b */ c */
SELECT E'\\\\'' , 1
SELECT U&'d!0061' UESCAPE '!'
not a statement at all (
SELECT * FROM
"""

DESTRUCTIVE = """
DROP TABLE t
DROP DATABASE d
TRUNCATE t
DELETE FROM t
DELETE FROM t WHERE id = 1
UPDATE t SET a = 1
UPDATE t SET a = 1 WHERE true
UPDATE t SET a = 1 WHERE 1 = 1
ALTER TABLE t DROP COLUMN a
MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE
WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x
EXPLAIN ANALYZE DELETE FROM t
EXPLAIN (ANALYZE) DELETE FROM t
SELECT 1; DROP TABLE t
SELECT ';'; DROP TABLE t; --
SELECT '\\'; DROP TABLE t; --'
BEGIN; DELETE FROM t; ROLLBACK
SELECT 1 /* ; */; TRUNCATE t
"""

TABLE = [
    (risk, line)
    for risk, text in (("read-only", READ_ONLY), ("changing", CHANGING), ("destructive", DESTRUCTIVE))
    for line in text.strip().splitlines()
]


@pytest.mark.parametrize(("risk", "statement"), TABLE)
def test_a_statement_has_the_risk_that_a_person_gives_it(risk: str, statement: str) -> None:
    judgement = judge_sql(statement)
    assert judgement.risk == risk, judgement.why


def test_reasons_name_the_function_or_the_deed() -> None:
    assert judge_sql("SELECT Charge(1)").why == "the function `charge` changes something or is not known"
    assert judge_sql("SELECT 1; DELETE FROM t").why == "DELETE takes rows away"
    assert judge_sql("TRUNCATE t").why == "TRUNCATE destroys"


def test_judging_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        judge_sql("VACUUM FULL t")
    assert not caplog.records
    assert logging.getLogger("sqlglot").level == logging.NOTSET


def test_what_is_too_long_or_too_deep_is_changing() -> None:
    assert judge_sql("SELECT " + "1," * 100_000 + "1").risk == "changing"
    assert judge_sql("SELECT " + "(" * 3000 + "1" + ")" * 3000).risk == "changing"
