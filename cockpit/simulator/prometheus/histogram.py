"""`histogram_quantile`: a quantile from the cumulative buckets of a classic histogram."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import accumulate

from cockpit.simulator.prometheus.labels import BUCKET, NAME, Labels, drop
from cockpit.simulator.prometheus.values import Sample, Vector


def histogram_quantile(quantile: float, buckets: Vector) -> Vector:
    """The quantile (0 to 1) of each histogram in `buckets`; samples without a readable `le` are left out."""
    histograms: defaultdict[Labels, dict[float, float]] = defaultdict(dict)
    for sample in buckets:
        bound = _bound(sample.labels)
        if bound is not None:
            counts = histograms[drop(sample.labels, (BUCKET, NAME))]
            counts[bound] = counts.get(bound, 0.0) + sample.value
    return [Sample(metric, _quantile(quantile, sorted(counts.items()))) for metric, counts in histograms.items()]


def _bound(metric: Labels) -> float | None:
    try:
        return float(dict(metric).get(BUCKET, ""))
    except ValueError:
        return None


def _quantile(quantile: float, buckets: list[tuple[float, float]]) -> float:
    """Linear interpolation within the bucket that holds the rank (Prometheus' bucketQuantile)."""
    if math.isnan(quantile):
        return math.nan
    if not 0 <= quantile <= 1:
        return math.copysign(math.inf, quantile)
    bounds = [bound for bound, _ in buckets]
    counts = list(accumulate((count for _, count in buckets), max))  # a scrape in between can make them fall: not here
    if len(buckets) < 2 or bounds[-1] != math.inf or not counts[-1] > 0:
        return math.nan
    rank = quantile * counts[-1]
    index = next((i for i, count in enumerate(counts[:-1]) if count >= rank), len(counts) - 1)
    if index == len(counts) - 1:
        return bounds[-2]
    if index == 0 and bounds[0] <= 0:
        return bounds[0]
    lower, below = (bounds[index - 1], counts[index - 1]) if index else (0.0, 0.0)
    within = counts[index] - below
    share = (rank - below) / within if within else math.nan
    return lower + (bounds[index] - lower) * share
