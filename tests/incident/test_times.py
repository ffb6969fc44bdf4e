"""Times as people type them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.times import TimeError, age, duration, lasting, span, when

NOW = datetime(2026, 3, 14, 2, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-12m", NOW - timedelta(minutes=12)),
        ("-1h30m", NOW - timedelta(minutes=90)),
        ("02:12", datetime(2026, 3, 14, 2, 12, tzinfo=UTC)),
        ("03:41", datetime(2026, 3, 13, 3, 41, tzinfo=UTC)),
        ("2026-03-14T02:00Z", datetime(2026, 3, 14, 2, 0, tzinfo=UTC)),
        ("2026-03-14T03:00+02:00", datetime(2026, 3, 14, 1, 0, tzinfo=UTC)),
        ("2026-03-14 01:00", datetime(2026, 3, 14, 1, 0, tzinfo=UTC)),
        ("now", NOW),
    ],
)
def test_a_time_is_understood(text: str, expected: datetime) -> None:
    assert when(text, NOW) == expected


@pytest.mark.parametrize("text", ["2026-03-14T09:00Z", "yesterday", "25:00", "-5x", "-", "-99999999999999d", "9" * 40])
def test_a_future_or_senseless_time_is_refused_with_words(text: str) -> None:
    with pytest.raises(TimeError, match=r"future|write it like|write -12m|longer"):
        when(text, NOW)


@given(st.text(max_size=30))
def test_any_text_is_a_time_in_the_past_or_a_time_error(text: str) -> None:
    with contextlib.suppress(TimeError):
        assert when(text, NOW) <= NOW


@given(st.integers(0, 10**7))
def test_durations_read_back(seconds: int) -> None:
    assert duration(f"{seconds}s") == timedelta(seconds=seconds)
    assert age(seconds)
    assert span(seconds) == span(-seconds)
    assert lasting(seconds)


def test_spans_are_clock_readings() -> None:
    assert [span(s) for s in (7, 761, 11112, 190000)] == ["0:07", "12:41", "3:05:12", "2d 4h"]
    assert [age(s) for s in (40, 119, 120, 7199, 7200, 172800)] == ["40s", "119s", "2m", "119m", "2h", "2d"]
    assert [lasting(s) for s in (45, 720, 3600, 3900, 90000)] == ["45 s", "12 min", "1 h", "1 h 5 min", "1 day 1 h"]
