"""Counters and histograms as an instrumented program keeps them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from cockpit.simulator.prometheus.labels import BUCKET, NAME, Labels, labels

BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)


@lru_cache(maxsize=4096)
def sample_labels(name: str, **more: str) -> Labels:
    """A sample's label set with the metric's name; kept, because each scrape asks again."""
    return labels({NAME: name, **more})


class Histogram:
    """A classic histogram of seconds with its bucket, sum and count series."""

    def __init__(self, name: str, bounds: Sequence[float] = BOUNDS, **more: str) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        written = [f"{bound:g}" for bound in bounds] + ["+Inf"]
        self._buckets = [sample_labels(f"{name}_bucket", **more, **{BUCKET: bound}) for bound in written]
        self._totals = sample_labels(f"{name}_sum", **more), sample_labels(f"{name}_count", **more)

    def observe(self, seconds: float) -> None:
        """Count one observation."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def samples(self) -> Iterator[tuple[Labels, float]]:
        """All its series now."""
        yield from zip(self._buckets, map(float, accumulate(self._counts)), strict=True)
        yield self._totals[0], self._sum
        yield self._totals[1], float(sum(self._counts))
