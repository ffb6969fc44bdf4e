"""What a change would change, as a SELECT that changes nothing: of its own table, conditions and parameters."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cockpit.action.sql.text import words
from cockpit.runbook.risk import risk_of_sql

if TYPE_CHECKING:
    from sqlglot import exp

SAMPLE = 5
"""Rows that are shown of those that would change."""

_PREVIEWABLE = ("UPDATE", "DELETE", "SELECT", "WITH")
_ON_BACKENDS = ("pg_terminate_backend", "pg_cancel_backend")


logging.getLogger("sqlglot").addHandler(logging.NullHandler())  # else its warnings would be printed over the screen


@dataclass(frozen=True, slots=True)
class Selects:
    """The SELECTs that stand for a change, its parameters still written `:name`.

    Attributes:
        count: gives one number, the rows that it would change.
        sample: gives some of these rows.
    """

    count: str
    sample: str


def selects(statement: str) -> Selects | None:
    """The SELECTs for an UPDATE, a DELETE, or a SELECT that ends backends; None where they would not be exact.

    A condition that calls what may change something gives None too: even counting would call it.
    """
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    if not set(words(statement, 1)) & set(_PREVIEWABLE):
        return None
    try:
        tree = parse_one(statement, read="postgres").transform(_named)
        found = _of_rows(tree) if isinstance(tree, exp.Update | exp.Delete) else _of_backends(tree)
    except SqlglotError:
        return None
    return found if found and risk_of_sql(found.count) == risk_of_sql(found.sample) == "read-only" else None


def _named(node: exp.Expression) -> exp.Expression:
    """A parameter is written as it was, and not as another dialect would."""
    from sqlglot import exp

    return exp.Var(this=f":{node.name}") if isinstance(node, exp.Placeholder) and node.name else node


def _of_rows(tree: exp.Update | exp.Delete) -> Selects:
    """A row of the target counts once, however many rows of other tables it is joined to."""
    from sqlglot import exp

    target, where, ctes = tree.this, tree.args.get("where"), tree.args.get("with_")
    come_from = tree.args.get("from_")
    others = [come_from.this] if come_from else list(tree.args.get("using") or ())
    name = target.alias_or_name
    row = f'("{name}".tableoid, "{name}".ctid)' if others else "*"
    counted = f"count(DISTINCT {row})" if others else "count(*)"
    base = exp.Select(from_=exp.From(this=target.copy()), joins=[exp.Join(this=other.copy()) for other in others])
    if where:
        base.set("where", where.copy())
    if ctes:
        base.set("with_", ctes.copy())
    count, sample = base.copy(), base.copy()
    count.set("expressions", [exp.Var(this=counted)])
    sample.set("expressions", [exp.Var(this=f'"{name}".*')])
    return Selects(_sql(count), _sql(sample.limit(SAMPLE)))


def _of_backends(tree: exp.Expression) -> Selects | None:
    """The same rows, with the process number where the call stood that would end it."""
    from sqlglot import exp

    if not isinstance(tree, exp.Select):
        return None
    changed = tree.copy()
    calls = 0
    for column in changed.expressions:
        call = column.unalias()
        if isinstance(call, exp.Anonymous) and call.name.lower() in _ON_BACKENDS and call.expressions:
            call.replace(call.expressions[0].copy())
            calls += 1
    if not calls:
        return None
    sample = _sql(changed)
    return Selects(
        f"SELECT count(*) FROM ({sample}) AS backends",
        f"{sample} LIMIT {SAMPLE}" if not changed.args.get("limit") else sample,
    )


def _sql(tree: exp.Expression) -> str:
    """As PostgreSQL reads it. Raises SqlglotError where that cannot be said."""
    from sqlglot import ErrorLevel

    return tree.sql("postgres", unsupported_level=ErrorLevel.RAISE)
