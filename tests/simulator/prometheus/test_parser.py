"""Whatever is typed as an expression is read or refused with its place, never something else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.simulator.prometheus.errors import ParseError
from cockpit.simulator.prometheus.numbers import milliseconds, written
from cockpit.simulator.prometheus.parser import parse

WORDS = (
    *("x", "sum", "rate", "by", "on", "a", "'v'", "5m", "1", "offset", "bool", "histogram_quantile"),
    *("(", ")", "[", "]", "{", "}", ",", "+", "-", "*", "^", "and", "or", "==", "=", "=~", "#"),
)


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)))
def test_any_text_is_an_expression_or_a_parse_error_with_its_place(text: str) -> None:
    refused = ""
    try:
        parse(text)
    except ParseError as error:
        refused = str(error)
    assert not refused or re.match(r"\d+:\d+: parse error: .", refused)


@given(st.floats(allow_nan=False))
def test_a_printed_number_reads_back_the_same(value: float) -> None:
    for exponents in (True, False):
        assert float(written(value, exponents=exponents)) == value


@pytest.mark.parametrize(
    ("text", "length"), [("5m", 300_000), ("1h30m", 5_400_000), ("1d1ms", 86_400_001), ("2w", 1_209_600_000)]
)
def test_durations(text: str, length: int) -> None:
    assert milliseconds(text) == length


@pytest.mark.parametrize("text", ["", "m", "30m1h", "5", "-5m", "5 m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid duration string"):
        milliseconds(text)
