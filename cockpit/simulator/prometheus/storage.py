"""The samples: one bounded ring per series, found by its labels."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from cockpit.simulator.prometheus.labels import NAME, Labels, Matcher, matches

LOOKBACK = 5 * 60_000
"""How long, in milliseconds, the last sample of a series stands for now (Prometheus' `--query.lookback-delta`)."""

STALE = -math.nan
"""The marker that ends a series at once instead of after `LOOKBACK`; told from a real NaN by its sign."""


def is_stale(value: float) -> bool:
    """Whether a stored value is the marker of an ended series."""
    return math.isnan(value) and math.copysign(1.0, value) < 0


class Series:
    """The samples of one label set in the order of time, at most about `limit` of them, the oldest going first."""

    __slots__ = ("_ended", "_limit", "_most", "labels", "times", "values")

    def __init__(self, labels: Labels, limit: int) -> None:
        self.labels = labels
        self.times = array("q")
        self.values = array("d")
        self._limit, self._most = limit, limit + limit // 4
        self._ended = False

    def append(self, time: int, value: float) -> None:
        """Add a sample at `time` (milliseconds); one that is not newer than the last is left out."""
        self._add(time, math.nan if math.isnan(value) else value)

    def end(self, time: int) -> None:
        """Mark it as ended at `time`."""
        self._ended = True
        self._add(time, STALE)

    def _add(self, time: int, value: float) -> None:
        times = self.times
        if times and time <= times[-1]:
            return
        times.append(time)
        self.values.append(value)
        if len(times) > self._most:  # cut in slices: one move per quarter, not per sample
            del times[: -self._limit]
            del self.values[: -self._limit]

    def at(self, time: int) -> float | None:
        """The value that stands at `time`: the last within the look-back, None when there is none or it has ended."""
        index = bisect_right(self.times, time) - 1
        if index < 0 or self.times[index] < time - LOOKBACK or is_stale(self.values[index]):
            return None
        return self.values[index]

    def overlaps(self, start: int, end: int) -> bool:
        """Whether its first sample is not after `end`, nor its last before `start`: else it has none between them."""
        return bool(self.times) and self.times[0] <= end and self.times[-1] >= start

    def between(self, start: int, end: int) -> tuple[Sequence[int], Sequence[float]]:
        """Times and values from `start` to `end`, both included, without stale markers."""
        first, last = bisect_left(self.times, start), bisect_right(self.times, end)
        times, values = self.times[first:last], self.values[first:last]
        if self._ended and any(map(math.isnan, values)) and any(map(is_stale, values)):
            kept = [(time, value) for time, value in zip(times, values, strict=True) if not is_stale(value)]
            return [time for time, _ in kept], [value for _, value in kept]
        return times, values


class Storage:
    """All series.

    Args:
        limit: how many samples a series keeps; 2160 are three hours at a scrape every 5 s.
    """

    def __init__(self, limit: int = 2160) -> None:
        self._limit = limit
        self._series: dict[Labels, Series] = {}
        self._by_name: defaultdict[str, list[Series]] = defaultdict(list)

    def append(self, metric: Labels, time: int, value: float) -> None:
        """Add one sample; `metric` holds the name under `__name__`, `time` is in milliseconds."""
        self.series(metric).append(time, value)

    def series(self, metric: Labels) -> Series:
        """The series of a label set, to add to: from now on there is one."""
        series = self._series.get(metric)
        if series is None:
            series = self._series[metric] = Series(metric, self._limit)
            self._by_name[dict(metric)[NAME]].append(series)
        return series

    def end(self, metric: Labels, time: int) -> None:
        """Mark the series as ended at `time`."""
        if metric in self._series:
            self._series[metric].end(time)

    def forget(self, time: int) -> None:
        """Drop the series that have no sample since `time`."""
        for metric, series in list(self._series.items()):
            if series.times[-1] < time:
                del self._series[metric]
                self._by_name[dict(metric)[NAME]].remove(series)

    def select(self, matchers: Sequence[Matcher]) -> list[Series]:
        """The series that fit all matchers, sorted by their labels."""
        named = next((matcher.value for matcher in matchers if matcher.name == NAME and matcher.operator == "="), None)
        candidates = self._series.values() if named is None else self._by_name.get(named, ())
        rest = matchers if named is None else [m for m in matchers if not (m.name == NAME and m.operator == "=")]
        found = [series for series in candidates if matches(series.labels, rest)]
        return sorted(found, key=lambda series: series.labels)

    def seen(self, start: int, end: int, matchers: Sequence[Sequence[Matcher]] = ()) -> Iterable[Labels]:
        """The label sets with a sample from `start` to `end` that fit any of `matchers` (all when there are none)."""
        for metric, series in sorted(self._series.items()):
            if matchers and not any(matches(metric, each) for each in matchers):
                continue
            if series.overlaps(start, end) and len(series.between(start, end)[0]):
                yield metric
