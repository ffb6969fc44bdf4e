"""The functions of scalars and instant vectors."""

from __future__ import annotations

import math
from collections.abc import Callable

from cockpit.simulator.prometheus.histogram import histogram_quantile
from cockpit.simulator.prometheus.labels import NAME, labels
from cockpit.simulator.prometheus.syntax import Expression, Selector
from cockpit.simulator.prometheus.values import Sample, Value, Vector


def call(function: str, arguments: list[Value]) -> Value:
    """One function with its evaluated arguments, whose types the parser has checked."""
    numbers = [argument for argument in arguments if isinstance(argument, float)]
    vector = next((argument for argument in arguments if isinstance(argument, list)), [])
    samples = [sample for sample in vector if isinstance(sample, Sample)]
    match function:
        case "vector":
            return [Sample((), numbers[0])]
        case "scalar":
            return samples[0].value if len(samples) == 1 else math.nan
        case "histogram_quantile":
            return histogram_quantile(numbers[0], samples)
    return [sample.computed(_EACH[function](sample.value, numbers)) for sample in samples]


def absent(argument: Expression, vector: Vector) -> Vector:
    """One sample of 1 when there is none, with the labels that the selector asked for."""
    if vector:
        return []
    asked = argument.matchers if isinstance(argument, Selector) else ()
    names = [matcher.name for matcher in asked]
    wanted = {m.name: m.value for m in asked if m.operator == "=" and m.name != NAME and names.count(m.name) == 1}
    return [Sample(labels(wanted), 1.0)]


def _round(value: float, to: list[float]) -> float:
    if not math.isfinite(value):
        return value
    inverse = 1 / to[0] if to and to[0] else 1.0  # as Prometheus: the inverse avoids most rounding errors
    return math.floor(value * inverse + 0.5) / inverse


def _clamped(pick: Callable[[float, float], float], value: float, bound: float) -> float:
    return math.nan if math.isnan(value) or math.isnan(bound) else pick(value, bound)


_EACH: dict[str, Callable[[float, list[float]], float]] = {
    "abs": lambda value, _: abs(value),
    "clamp_max": lambda value, bound: _clamped(min, value, bound[0]),
    "clamp_min": lambda value, bound: _clamped(max, value, bound[0]),
    "round": _round,
}
