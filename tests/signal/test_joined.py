"""Queries as one: which may stand among others, how they are portioned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.signal.prometheus.joined import halves, joined, located, portions, stands_alone

QUERIES = st.dictionaries(st.text("abc", min_size=1, max_size=5), st.text("x+ \n", max_size=40), max_size=30)


@pytest.mark.parametrize(
    "query", ["up", 'sum(rate(x{a="("}[1m])) # (', "'it''s'", '"a\\"("', "`(`", "x[5m:1m] @ 3", "{a=~'[)]'}"]
)
def test_what_is_whole_may_stand_among_others(query: str) -> None:
    assert stands_alone(query)


@pytest.mark.parametrize("query", ["", "  ", "sum(", "up) or (up", "x[1m", "}", '"open', "(]", "`"])
def test_what_is_not_must_be_asked_alone(query: str) -> None:
    assert not stands_alone(query)


@given(QUERIES, st.integers(1, 10), st.integers(50, 500))
def test_portions_hold_every_query_once_and_keep_to_their_size(
    queries: dict[str, str], most: int, longest: int
) -> None:
    found = portions(queries, most, longest)
    assert [item for each in found for item in each.items()] == list(queries.items())
    for each in found:
        assert 1 <= len(each) <= most
        assert len(each) == 1 or len(joined(each)) <= longest + len("vector(1)") + 20


@given(QUERIES)
def test_a_place_leads_to_the_query_on_its_line(queries: dict[str, str]) -> None:
    lines = joined(queries).split("\n")
    for id in queries:
        end = next(number for number, line in enumerate(lines, 1) if f'"cockpit_signal", "{id}"' in line)
        assert located(queries, [f"careful ({end}:1)"]) == {id: ("careful",)}
    first, second = halves(queries)
    assert first | second == queries
    assert abs(len(first) - len(second)) <= 1
