"""What is known of one signal through outages: its last value, for as long as the past is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cockpit.signal.plan import SignalPlan
from cockpit.signal.readings import Track
from cockpit.signal.thresholds.threshold import Sample

START = datetime(2026, 3, 1, 3, tzinfo=UTC)
POINTS = 5
VALUES = st.none() | st.floats(0, 9)


def sample(number: int, value: float | None) -> Sample:
    return Sample(START + timedelta(seconds=number), value, "" if value is not None else "no answer")


@given(
    st.lists(VALUES, min_size=1, max_size=20), st.none() | st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=8)
)
def test_the_last_value_is_the_last_of_what_is_kept(
    first: list[float | None], past: list[float | None] | None, then: list[float | None]
) -> None:
    track = Track(SignalPlan("errors", "errors", "percent", "q"), POINTS)
    for number, value in enumerate(first):
        track.take(sample(number, value))
    if past is not None:
        track.begin([sample(len(first) - len(past) + number, value) for number, value in enumerate(past)])
    for number, value in enumerate(then):
        track.take(sample(len(first) + number, value))
    now = START + timedelta(seconds=30)
    known = [each for each in track.samples if each.value is not None]
    assert track.reading(now, 60.0).at == (known[-1].at if known else None)
    last = track.samples[-1] if then or past is None else None
    if last is not None:
        assert track.reading(now, 60.0).value == last.value
