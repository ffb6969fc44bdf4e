"""A signal's course as columns of a chart: from where to where its line goes in each, and where nothing is known."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from cockpit.room.live.courses import Course, Sample
from cockpit.screen.chart.scale import Window


class Reach(NamedTuple):
    """The lowest and the highest value of the line within a column."""

    low: float
    high: float


class _Point(NamedTuple):
    """A sample that is known, in seconds since the window's beginning."""

    at: float
    value: float


def reaches(courses: Iterable[Course], window: Window, columns: int) -> list[Reach | None]:
    """The line in each of `columns` parts of the window; None where nothing is known.

    Between two samples the line is straight. It breaks at an unknown one, and where there is none for a course's gap.

    Args:
        courses: what is known, none over another; the samples of each oldest first.
    """
    found: list[Reach | None] = [None] * columns
    size = window.seconds / columns
    for course in courses:
        for stretch in _stretches(course.samples, course.gap, window.begin):
            for first, second in zip(stretch, [*stretch[1:], stretch[-1]], strict=True):
                _lay(found, first, second, size)
    return found


def _stretches(samples: Iterable[Sample], gap: float, begin: datetime) -> Iterator[list[_Point]]:
    """The samples as far as each follows on the one before."""
    stretch: list[_Point] = []
    for sample in samples:
        at = (sample.at - begin).total_seconds()
        if stretch and (sample.value is None or at - stretch[-1].at > gap):
            yield stretch
            stretch = []
        if sample.value is not None:
            stretch.append(_Point(at, sample.value))
    if stretch:
        yield stretch


def _lay(found: list[Reach | None], first: _Point, second: _Point, size: float) -> None:
    """Lay the straight line between two points over the columns that it goes through."""
    length = second.at - first.at
    for column in range(max(0, int(first.at // size)), min(len(found) - 1, int(second.at // size)) + 1):
        ends = (max(first.at, column * size), min(second.at, (column + 1) * size))
        if ends[1] < 0:
            continue
        values = [first.value + (second.value - first.value) * ((at - first.at) / length if length else 0.0)
                  for at in ends]  # fmt: skip
        known = found[column]
        low, high = min(values), max(values)
        found[column] = Reach(min(low, known.low), max(high, known.high)) if known else Reach(low, high)


def sample_at(samples: Sequence[Sample], at: datetime, gap: float) -> Sample | None:
    """The reading that held at an instant: the last one before, unless it was older than `gap` seconds."""
    index = bisect_left(samples, at, key=lambda each: each.at)
    if index < len(samples) and samples[index].at == at:
        return samples[index]
    before = samples[index - 1] if index else None
    return before if before is not None and (at - before.at).total_seconds() <= gap else None
