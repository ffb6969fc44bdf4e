"""SQL taken apart as PostgreSQL takes it apart: quotes, dollar quotes, nested comments, casts, parameters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.action.sql.text import bound, literal, names, statements, tokens, words

PIECES = [
    "'",
    '"',
    "$$",
    "$a$",
    "E'",
    "\\",
    "--",
    "/*",
    "*/",
    "\n",
    ":a",
    "::",
    ":=",
    ";",
    "%",
    "a",
    "1",
    " ",
    "é",
    "$1",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_nothing_is_lost_and_nothing_added(sql: str) -> None:
    assert "".join(text for _, text in tokens(sql)) == sql
    assert "".join(statements(sql)).count(":a") <= sql.count(":a")


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_what_psycopg_makes_of_it_is_the_statement_again(sql: str) -> None:
    """With `%%` read as one sign and each placeholder as its name."""
    query = bound(sql)
    assert re.sub(r"%\((\w+)\)s", r":\1", query).replace("%%", "%") == sql
    assert "%" not in re.sub(r"%\(\w+\)s|%%", "", query)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT :a, :b_2, :a", ["a", "b_2"]),
        ("SELECT ':a', \":a\", $$:a$$, $t$ :a $$ $t$, E'\\':a' -- :a\n, /* :a /* */ :a */ :z", ["z"]),
        ("SELECT x::text, y[1:2], now()::a, :a::int", ["a"]),
        ("SELECT '\\', :a, '''', :b", ["a", "b"]),
        ("SELECT a$x$, :a, b$x$", ["a"]),
    ],
)
def test_parameters_are_found_only_where_they_are(sql: str, found: list[str]) -> None:
    assert names(sql) == found


def test_statements_end_at_semicolons_that_are_none_of_a_text() -> None:
    sql = "SELECT ';' ; -- a; comment\n DO $$ BEGIN; END; $$;; /* nothing; here */ ; UPDATE a SET b = 1"
    found = statements(sql)
    assert [words(each, 1) for each in found] == [["SELECT"], ["DO"], ["UPDATE"]]
    assert found[0] == "SELECT ';'"


@given(st.text())
def test_a_literal_is_one_literal(value: str) -> None:
    """Whatever the value, it is read as one quoted part."""
    assert [kind for kind, _ in tokens(literal(value))] == ["quoted"]
