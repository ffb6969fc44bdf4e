"""The course of an endpoint: one lost check is no outage, and what nobody could ask proves nothing."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cockpit.signal.endpoint.check import Check, Verdict
from cockpit.signal.endpoint.course import Course
from tests.signal.endpoint.test_direct import NOW

VERDICTS: tuple[Verdict, ...] = ("ok", "warning", "failing", "unknown")


def through(verdicts: str, needed: int = 2) -> Course:
    """The course after these checks, a minute apart: o, w, f, u."""
    course = Course(needed, 100)
    for number, letter in enumerate(verdicts):
        verdict = next(each for each in VERDICTS if each.startswith(letter))
        course.take(NOW + timedelta(minutes=number), Check(verdict, "" if verdict == "ok" else f"why {number}"))
    return course


def test_before_the_first_check_nothing_is_known() -> None:
    course = through("")
    assert (course.state, course.reason, course.pending, course.since) == ("unknown", "not asked yet", "", None)


def test_the_first_good_check_makes_it_ok() -> None:
    course = through("o")
    assert (course.state, course.reason, course.since) == ("ok", "", NOW)


def test_the_first_bad_check_does_not_make_it_failing() -> None:
    course = through("f")
    assert (course.state, course.reason) == ("unknown", "asked 1 of 2 times: why 0")
    assert through("ff").state == "failing"


def test_one_lost_check_is_no_outage_and_is_shown() -> None:
    course = through("oof")
    assert (course.state, course.pending) == ("ok", "failing, 1 of 2: why 2")
    assert through("oofo").pending == ""


def test_failing_begins_with_the_first_of_those_that_failed() -> None:
    course = through("ooff")
    assert (course.state, course.reason, course.since) == ("failing", "why 3", NOW + timedelta(minutes=2))
    assert course.last_ok == NOW + timedelta(minutes=1)


def test_one_good_check_is_no_recovery_either() -> None:
    assert (through("offo").state, through("offo").pending) == ("failing", "ok, 1 of 2")
    assert through("offoo").state == "ok"


def test_it_may_be_told_to_wait_longer_or_not_at_all() -> None:
    assert through("offff", needed=5).state == "ok"
    assert through("of", needed=1).state == "failing"


@given(st.text(alphabet="owfu", max_size=30), st.integers(1, 4))
def test_a_state_is_what_enough_checks_in_a_row_last_said(verdicts: str, needed: int) -> None:
    """Held against the definition, worked out over the whole past each time."""
    expected = "u"
    began = False
    for end in range(1, len(verdicts) + 1):
        latest = verdicts[max(0, end - needed) : end]
        if (len(latest) == needed and len(set(latest)) == 1) or (not began and latest[-1] == "o"):
            expected, began = latest[-1], True
    assert through(verdicts, needed).state.startswith(expected)
