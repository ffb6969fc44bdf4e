"""Values with units read as people write them, and what is not a number is unknown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.quantities import beside, bound, quantity


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (12.4, "percent", "12.4 %"), (61.0, "percent", "61 %"), (0.04, "percent", "0.04 %"), (0.0, "percent", "0 %"),
        (-0.0, "percent", "0 %"), (99.96, "percent", "100 %"), (100.4, "percent", "100 %"),
        (3.1, "seconds", "3.1 s"), (0.45, "seconds", "450 ms"), (0.0042, "seconds", "4.2 ms"),
        (0.9999, "seconds", "1 s"), (599.0, "seconds", "599 s"), (905.0, "seconds", "15.1 min"),
        (1800.0, "seconds", "30 min"), (7200.0, "seconds", "2 h"), (90000.0, "seconds", "25 h"),
        (0.0, "seconds", "0 s"), (450.0, "milliseconds", "450 ms"), (2100.0, "milliseconds", "2.1 s"),
        (612.0, "per-minute", "612/min"), (7.0, "count", "7"), (6.6, "count", "6.6"), (0.875, "ratio", "0.88"),
        (512.0, "bytes", "512 B"), (440401920.0, "bytes", "420 MiB"), (1073741823.0, "bytes", "1 GiB"),
        (3.0, "restarts", "3 restarts"), (5.0, "", "5"),
        (None, "percent", "unknown"), (math.nan, "percent", "unknown"), (math.inf, "seconds", "unknown"),
        (-math.inf, "bytes", "unknown"),
    ],
)  # fmt: skip
def test_quantity(value: float | None, unit: str, words: str) -> None:
    """Each unit in its own way."""
    assert quantity(value, unit) == words


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("> 5", "percent", "over 5 %"), (">5", "percent", "over 5 %"), (">= 0.5", "seconds", "at or over 500 ms"),
        ("< 1000", "per-minute", "under 1000/min"), ("<= 2", "count", "at or under 2"),
        ("> 5 %", "percent", "over 5 %"),
        ("", "percent", ""), ("whenever", "percent", "whenever"),
    ],
)  # fmt: skip
def test_bound(text: str, unit: str, words: str) -> None:
    """A comparison is said in words; anything else is left alone."""
    assert bound(text, unit) == words


@pytest.mark.parametrize(
    ("value", "text", "unit", "words"),
    [
        (12.4, "> 5", "percent", "12.4 % over 5 %"), (3.04, "> 3", "count", "just over 3"),
        (4.96, "< 5", "percent", "just under 5 %"), (3.0, ">= 3", "count", "3 at or over 3"),
        (49.0, "< 50 % of normal", "count", "49 under 50 % of normal"),
    ],
)  # fmt: skip
def test_a_reading_beside_its_bound(value: float, text: str, unit: str, words: str) -> None:
    """`3 over 3` would be no reason for an alarm."""
    assert beside(value, text, unit) == words


@given(
    st.floats(), st.sampled_from(["percent", "seconds", "milliseconds", "count", "per-minute", "bytes", "ratio", ""])
)
def test_any_number_has_words(value: float, unit: str) -> None:
    """No number breaks it, and only what is no number is unknown."""
    assert (quantity(value, unit) == "unknown") is not math.isfinite(value)
