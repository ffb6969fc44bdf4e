"""Thresholds from sample to sample: `for`, recovery, gaps, unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config import Bound
from cockpit.signal.standing import bound, shown, unbound
from cockpit.signal.threshold import Course, Rule, Sample, advance

START = datetime(2026, 11, 21, 2, tzinfo=UTC)
GAP = 45.0
RULE = Rule("error-rate", "error rate", "percent", Bound.model_validate("> 1"), Bound.model_validate("> 5"), 60.0)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def through(*readings: tuple[float, float | None], rule: Rule = RULE) -> Course:
    course = Course()
    for second, value in readings:
        course = advance(rule, course, Sample(at(second), value, "" if value is not None else "gone"), GAP)
    return course


def every(step: float, count: int, value: float | None, start: float = 0) -> list[tuple[float, float | None]]:
    return [(start + step * n, value) for n in range(count)]


def test_a_breach_counts_once_it_has_held_for_as_long_as_it_must() -> None:
    almost = through(*every(15, 4, 12.4))
    assert (almost.state, shown(RULE, almost).pending_since) == ("ok", at(0))
    held = through(*every(15, 5, 12.4))
    assert (held.state, held.known_since) == ("breach", at(60))
    assert shown(RULE, held).bound == "> 5"
    assert shown(RULE, held).pending_since is None


def test_it_recovers_at_once() -> None:
    course = through(*every(15, 5, 12.4), (75, 0.5))
    assert (course.state, course.known_since) == ("ok", at(75))
    back = through(*every(15, 5, 12.4), (75, 2.0))
    assert (back.state, back.known_since) == ("warning", at(75))


def test_one_good_reading_starts_the_time_anew() -> None:
    course = through(*every(15, 4, 12.4), (60, 0.5), (75, 12.4), (90, 12.4))
    assert (course.state, shown(RULE, course).pending_since) == ("ok", at(75))


def test_breach_beats_warning_and_a_warning_shows_what_is_pending() -> None:
    course = through(*every(15, 5, 2.0), (75, 12.4))
    state = shown(RULE, course)
    assert (state.state, state.pending_since, state.since) == ("warning", at(75), at(60))


def test_without_for_it_counts_at_once() -> None:
    rule = Rule("r", "r", "count", None, Bound.model_validate("<= 2"))
    assert through((0, 2), rule=rule).state == "breach"
    assert through((0, 3), rule=rule).state == "ok"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_unknown_and_never_ok(value: float | None) -> None:
    course = through((0, 0.5), (15, value))
    state = shown(RULE, course)
    assert (state.state, state.value, state.since) == ("unknown", None, at(15))
    assert state.reason


def test_a_short_gap_does_not_break_what_holds_and_a_long_one_does() -> None:
    assert through((0, 9), (15, 9), (30, None), (45, 9), (60, 9)).state == "breach"
    assert through((0, 9), (15, None), (30, None), (61, 9), (76, 9)).state == "ok"


def test_a_breach_that_still_holds_after_a_gap_is_still_one() -> None:
    course = through(*every(15, 5, 12.4), (75, None), (300, 12.4))
    assert (course.state, course.known_since) == ("breach", at(60))
    assert through(*every(15, 5, 12.4), (75, None), (300, 0.1)).state == "ok"


def test_what_is_not_bound_says_so() -> None:
    state = unbound(RULE)
    assert (state.state, state.unbound, state.reason) == ("unknown", True, "no query is configured for it")


def test_the_bound_shown_is_the_one_that_matters() -> None:
    assert [bound(RULE, state, None) for state in ("ok", "warning", "breach", "unknown")] == [
        "> 1",
        "> 1",
        "> 5",
        "> 1",
    ]
    assert bound(RULE, "ok", 12.4) == "> 5"
    assert bound(Rule("r", "r", "", None, None), "ok", 1) == ""


@given(
    st.lists(
        st.tuples(st.floats(0.1, 60), st.none() | st.floats(allow_nan=True, allow_infinity=True)),
        min_size=1,
        max_size=40,
    )
)
def test_a_state_is_never_worse_than_its_value_nor_entered_too_early(steps: list[tuple[float, float | None]]) -> None:
    course, second = Course(), 0.0
    breaching_since: float | None = None
    for step, value in steps:
        second += step
        course = advance(RULE, course, Sample(at(second), value), GAP)
        known = value is not None and abs(value) != float("inf") and value == value
        assert (course.state == "unknown") == (not known)
        if not known:
            continue
        assert value is not None
        if value <= 1:
            assert course.state == "ok"
        if value <= 5:
            assert course.state != "breach"
            breaching_since = None
        elif breaching_since is None:
            breaching_since = second
        if course.state == "breach":
            assert breaching_since is not None
            assert second - breaching_since >= 59.9
