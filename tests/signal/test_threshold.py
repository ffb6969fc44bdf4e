"""Thresholds from sample to sample: `for`, recovery, gaps, unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config import Bound, Earlier
from cockpit.signal.thresholds.standing import bound, shown, unbound
from cockpit.signal.thresholds.threshold import Course, Normal, Rule, Sample, advance
from cockpit.values import replace

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


def ruled(**more: Any) -> Rule:
    """The rule of the tests, with what is written as in a file."""
    bounds = {name: Bound.model_validate(more.pop(name)) for name in ("warning", "breach", "clear") if more.get(name)}
    return replace(RULE, **({"for_": 0.0} | bounds | more))


def test_an_alarm_clears_at_its_own_bound() -> None:
    rule = ruled(clear="< 0.8")
    assert through((0, 2.0), (15, 0.9), rule=rule).state == "warning"
    assert shown(rule, through((0, 2.0), (15, 0.9), rule=rule)).far == "not yet < 0.8"
    assert through((0, 2.0), (15, 0.9), (30, 0.7), rule=rule).state == "ok"
    assert through((0, 0.9), rule=rule).state == "ok"  # it was never entered
    assert through((0, 12.0), (15, 2.0), rule=rule).state == "warning"
    assert through((0, 12.0), (15, 0.9), rule=rule).state == "warning"
    only = replace(rule, warning=None, clear=Bound.model_validate("<= 4"))
    assert through((0, 12.0), (15, 4.5), rule=only).state == "breach"
    assert through((0, 12.0), (15, 4.5), (30, 4), rule=only).state == "ok"


def test_an_alarm_keeps_firing_until_it_has_been_well_for_a_while() -> None:
    rule = ruled(keep_firing_for=60.0)
    course = through((0, 12.0), *every(15, 4, 0.5, 15), rule=rule)
    assert (course.state, course.known_since) == ("breach", at(0))
    assert shown(rule, course).far == "back for 45 s of 1 min"
    assert through((0, 12.0), *every(15, 5, 0.5, 15), rule=rule).state == "ok"
    again = through((0, 12.0), *every(15, 3, 0.5, 15), (60, 6.0), *every(15, 4, 0.5, 75), rule=rule)
    assert (again.state, again.known_since) == ("breach", at(0))
    assert through((0, 12.0), *every(15, 4, 2.0, 15), rule=rule).state == "breach"
    assert through((0, 12.0), *every(15, 5, 2.0, 15), rule=rule).state == "warning"


def test_a_silence_proves_no_recovery() -> None:
    rule = ruled(keep_firing_for=60.0)
    assert through((0, 12.0), (15, 0.5), (300, 0.5), rule=rule).state == "breach"
    assert through((0, 12.0), (15, 0.5), *every(15, 5, 0.5, 300), rule=rule).state == "ok"


def test_a_bound_may_be_a_share_of_what_is_normal() -> None:
    rule = replace(ruled(warning="< 80 % of normal", breach="< 50% of the baseline"), unit="per-minute",
                   baseline=Earlier(offset=86400.0))  # fmt: skip
    read = Sample(at(0), 612.0)
    unknown = advance(rule, Course(), read, GAP)
    assert (unknown.state, unknown.reason) == ("unknown", "what is normal is unknown: not read yet")
    unknown = advance(rule, Course(), read, GAP, Normal(None, "no values then"))
    assert unknown.reason == "what is normal is unknown: no values then"
    normal = Normal(1003.0)
    warned = advance(rule, Course(), read, GAP, normal)
    state = shown(rule, warned, normal)
    assert (state.state, state.bound, state.far) == (
        "warning",
        "< 80 % of normal",
        "61 % of normal (1003/min, 1 d ago)",
    )
    assert (state.normal, state.warning_level, state.breach_level) == (1003.0, pytest.approx(802.4), 501.5)
    assert advance(rule, Course(), Sample(at(0), 400.0), GAP, normal).state == "breach"
    fixed = replace(rule, baseline=1000)
    assert shown(fixed, advance(fixed, Course(), read, GAP)).far == "61 % of normal (1000/min)"
    nobody = replace(rule, baseline=None)
    assert "give its threshold a `baseline`" in advance(nobody, Course(), read, GAP).reason


def test_a_breach_that_needs_no_normal_is_proved_without_it() -> None:
    rule = replace(ruled(warning="< 80 % of normal", breach="< 10"), baseline=Earlier(offset=86400.0))
    assert advance(rule, Course(), Sample(at(0), 5.0), GAP).state == "breach"
    assert advance(rule, Course(), Sample(at(0), 50.0), GAP).state == "unknown"


@pytest.mark.parametrize(
    ("unit", "breach", "value", "words"),
    [
        ("percent", "> 5", 12.4, "+7.4 points"),
        ("percent", "< 95", 91.6, "-3.4 points"),
        ("ratio", "> 0.05", 0.084, "+3.4 points"),
        ("seconds", "> 2", 5.0, "2.5 × the bound"),
        ("seconds", "> 2", 2.08, "1.04 × the bound"),
        ("count", "> 3", 60.0, "20 × the bound"),
        ("count", "> 0", 7.0, "+7"),
        ("per-minute", "< 500", 300.0, "60 % of the bound"),
        ("count", "> 3", 3.0, ""),
    ],
)
def test_how_far_beyond_is_said_in_words(unit: str, breach: str, value: float, words: str) -> None:
    rule = Rule("r", "r", unit, None, Bound.model_validate(breach))
    assert shown(rule, through((0, value), rule=rule)).far == words


@given(
    st.lists(st.tuples(st.floats(1, 120), st.none() | st.floats(0, 10)), min_size=1, max_size=60),
    st.sampled_from([None, "< 0.5", "<= 1", "< 1"]),
    st.sampled_from([0.0, 30.0, 120.0]),
    st.sampled_from([0.0, 30.0, 120.0]),
)
def test_hysteresis_never_hides_a_breach_and_never_keeps_without_reason(
    steps: list[tuple[float, float | None]], clear: str | None, keep: float, lasts: float
) -> None:
    """Against the plain rule: an alarm may last longer, never shorter; and it ends once all has been well for long."""
    plain = ruled(for_=lasts)
    kept = ruled(for_=lasts, keep_firing_for=keep, **({"clear": clear} if clear else {}))
    rank = {"unknown": -1, "ok": 0, "warning": 1, "breach": 2}
    one, two, second = Course(), Course(), 0.0
    well_since: float | None = None
    for step, value in steps:
        second += step
        sample = Sample(at(second), value)
        broken = two.sampled is None or (sample.at - two.sampled).total_seconds() > GAP
        one, two = advance(plain, one, sample, GAP), advance(kept, two, sample, GAP)
        assert rank[two.state] >= rank[one.state]
        if value is None:
            continue
        if value < 0.5:
            well_since = second if well_since is None or broken else well_since
            if second - well_since >= keep + 1e-3:
                assert two.state == "ok"
        else:
            well_since = None
