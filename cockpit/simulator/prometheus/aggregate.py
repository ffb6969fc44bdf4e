"""Aggregations of a vector into groups: sum, avg, min, max and count."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

from cockpit.simulator.prometheus.labels import NAME, Labels, drop, keep
from cockpit.simulator.prometheus.syntax import Aggregation
from cockpit.simulator.prometheus.values import Sample, Vector


def _numbers(values: Sequence[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


_REDUCE: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": lambda values: min(_numbers(values), default=math.nan),
    "max": lambda values: max(_numbers(values), default=math.nan),
    "count": len,
}


def aggregate(expression: Aggregation, vector: Vector) -> Vector:
    """One sample per group of the vector's labels."""
    groups: defaultdict[Labels, list[float]] = defaultdict(list)
    for sample in vector:
        groups[_group(expression, sample.labels)].append(sample.value)
    reduce = _REDUCE[expression.operator]
    return [Sample(metric, float(reduce(values))) for metric, values in groups.items()]


def _group(expression: Aggregation, metric: Labels) -> Labels:
    if expression.without:
        return drop(metric, (*expression.grouping, NAME))
    return keep(metric, expression.grouping)
