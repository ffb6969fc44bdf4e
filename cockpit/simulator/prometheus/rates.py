"""Functions of a range vector: rates with extrapolation to the window's edges, and aggregates over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import gt


def over_time(function: str, times: Sequence[int], values: Sequence[float], start: int, end: int) -> float | None:
    """One function over the samples of a window, which reaches from `start` to `end` (milliseconds).

    None when there are too few samples for it.
    """
    if function in _AGGREGATES:
        return _AGGREGATES[function](values) if len(values) else None
    if len(times) < 2:
        return None
    if function == "irate":
        return _irate(times, values)
    change = _extrapolated(times, values, start, end, is_counter=function != "delta")
    return change * 1000 / (end - start) if function == "rate" else change


def _extrapolated(times: Sequence[int], values: Sequence[float], start: int, end: int, *, is_counter: bool) -> float:
    """The change over the whole window, as the one between its samples suggests (Prometheus' extrapolatedRate).

    A series is taken to go on to the edge of the window when the edge is about one scrape away, else half a scrape;
    a counter is never taken below zero.
    """
    change = values[-1] - values[0]
    if is_counter and any(map(gt, values, values[1:])):
        change += sum(before for before, after in pairwise(values) if after < before)
    sampled = (times[-1] - times[0]) / 1000
    interval = sampled / (len(times) - 1)
    to_start, to_end = (times[0] - start) / 1000, (end - times[-1]) / 1000
    if is_counter and change > 0 and values[0] >= 0:
        to_start = min(to_start, sampled * (values[0] / change))
    reach = sampled
    for gap in (to_start, to_end):
        reach += gap if gap < interval * 1.1 else interval / 2
    return change * (reach / sampled)


def _irate(times: Sequence[int], values: Sequence[float]) -> float | None:
    before, last = values[-2], values[-1]
    elapsed = (times[-1] - times[-2]) / 1000
    return (last if last < before else last - before) / elapsed if elapsed else None


def _average(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else sum(values) / len(values)


def _greatest(values: Sequence[float]) -> float:
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def _least(values: Sequence[float]) -> float:
    return min((value for value in values if not math.isnan(value)), default=math.nan)


_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "avg_over_time": _average,
    "max_over_time": _greatest,
    "min_over_time": _least,
}
