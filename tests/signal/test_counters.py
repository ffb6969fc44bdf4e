"""Counters read one sample at a time, and a while in which nobody read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cockpit.signal.counters import Counter
from cockpit.signal.thresholds.threshold import Sample

START = datetime(2026, 3, 1, 3, tzinfo=UTC)


def sample(seconds: float, value: float | None) -> Sample:
    return Sample(START + timedelta(seconds=seconds), value, "" if value is not None else "no answer")


def test_what_grew_while_nobody_looked_is_not_of_the_last_ten_minutes() -> None:
    counter = Counter(600)
    counter.take(sample(0, 5.0))
    for hour in (1, 2):
        assert counter.take(sample(3600 * hour - 60, None)).value is None
    back = counter.take(sample(7200, 105.0))
    assert (back.value, back.floor) == (0.0, "at least so many: watched for 0 s of 10 min")
    later = counter.take(sample(7500, 108.0))
    assert (later.value, later.floor) == (3.0, "at least so many: watched for 5 min of 10 min")
    assert counter.take(sample(7801, 109.0)) == sample(7801, 4.0)


def test_what_is_read_every_so_often_counts_from_before_the_window() -> None:
    counter = Counter(600)
    readings = [counter.take(sample(240 * number, float(number))) for number in range(6)]
    assert [(each.value, each.floor) for each in readings[3:]] == [(3.0, "")] * 3
