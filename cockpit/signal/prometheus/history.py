"""The past of many signals from one Prometheus: in few requests, as evenly spaced samples, or as their mean."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from cockpit.config import Earlier
from cockpit.signal.prometheus.api import Point, PrometheusApi, Refused
from cockpit.signal.prometheus.asking import Asking
from cockpit.signal.prometheus.joined import halves, portions
from cockpit.signal.thresholds.threshold import Normal, Sample

MOST = 10
"""Signals in one request, which come one after the other: an hour of ten at 5 s is seven thousand evaluations each."""
_POINTS_OF_MEAN = 30
_ENOUGH = 0.5
"""Of the points of a mean, the share that must be numbers."""

Known = Mapping[str, Sequence[Point] | None]
"""Points by signal; None where its query is refused."""


class History:
    """Asks for the past of the queries that `asking` knows."""

    def __init__(self, api: PrometheusApi, asking: Asking) -> None:
        self._api = api
        self._asking = asking

    async def pasts(
        self, ids: Iterable[str], start: datetime, end: datetime, step: float
    ) -> AsyncIterator[dict[str, list[Sample]]]:
        """The samples of `ids` every `step` seconds, portion by portion; empty where there was no value at all.

        Raises:
            PrometheusError: the source cannot be asked; what came before it holds.
        """
        for portion in self._portions(ids):
            found = await self._ranges(portion, start, end, step)
            yield {id: spaced(points or (), start, end, step) for id, points in found.items()}

    async def normals(self, ids: Iterable[str], how: Earlier, now: datetime) -> dict[str, Normal]:
        """The mean of each of `ids` over the while that `how` names. Raises PrometheusError."""
        end = now - timedelta(seconds=how.offset)
        start, step = end - timedelta(seconds=how.over), max(1.0, how.over / _POINTS_OF_MEAN)
        found: dict[str, Normal] = {}
        for portion in self._portions(ids):
            ranges = await self._ranges(portion, start, end, step)
            found |= {id: mean(points, int(how.over / step) + 1) for id, points in ranges.items()}
        return found

    def _portions(self, ids: Iterable[str]) -> list[dict[str, str]]:
        """Those that can be asked together, then the others one by one."""
        written = {id: self._asking.written(id) for id in ids}
        together = {id: query for id, query in written.items() if not self._asking.alone(id)}
        lonely = [{id: query} for id, query in written.items() if self._asking.alone(id)]
        return [*portions(together, MOST, self._api.longest), *lonely]

    async def _ranges(self, queries: Mapping[str, str], start: datetime, end: datetime, step: float) -> Known:
        """The points of each, by halves where all together are refused."""
        try:
            if len(queries) == 1:
                [(id, query)] = queries.items()
                return {id: await self._api.query_range(query, start, end, step)}
            found = await self._api.ranges(queries, start, end, step)
            return {id: found.get(id, ()) for id in queries}
        except Refused as error:
            if len(queries) == 1:
                return dict.fromkeys(queries)
            parts = [{id: query} for id, query in queries.items()] if error.slow else halves(queries)
        apart = [await self._ranges(each, start, end, step) for each in parts]
        return {id: points for each in apart for id, points in each.items()}


def spaced(points: Sequence[Point], start: datetime, end: datetime, step: float) -> list[Sample]:
    """A sample for every step, unknown where there is no point; nothing at all where there is none anywhere."""
    if not points:
        return []
    known = {round((point.at - start).total_seconds() / step): point for point in points}
    count = math.floor((end - start).total_seconds() / step) + 1
    return [_sample(known.get(index), start + timedelta(seconds=step * index)) for index in range(count)]


def _sample(point: Point | None, at: datetime) -> Sample:
    if point is None or point.value is None:
        return Sample(at, None, "no value then")
    return Sample(point.at, point.value)


def mean(points: Sequence[Point] | None, wanted: int) -> Normal:
    """What is normal by what was; unknown where too little of it is known."""
    if points is None:
        return Normal(None, "its query is refused")
    values = [point.value for point in points if point.value is not None]
    if not values:
        return Normal(None, "it had no value then")
    if len(values) < _ENOUGH * wanted:
        return Normal(None, f"it had only {len(values)} of {wanted} values then")
    return Normal(math.fsum(values) / len(values))
