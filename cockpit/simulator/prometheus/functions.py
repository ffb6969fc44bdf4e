"""The functions of scalars and instant vectors."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cockpit.simulator.prometheus.cursor import LABEL
from cockpit.simulator.prometheus.errors import ExecutionError
from cockpit.simulator.prometheus.histogram import histogram_quantile
from cockpit.simulator.prometheus.labels import NAME, REMEMBERED, Labels, labels
from cockpit.simulator.prometheus.syntax import Expression, Selector
from cockpit.simulator.prometheus.values import Sample, Value, Vector


def call(function: str, arguments: list[Value]) -> Value:
    """One function with its evaluated arguments, whose types the parser has checked."""
    numbers = [argument for argument in arguments if isinstance(argument, float)]
    samples: Any = next((argument for argument in arguments if isinstance(argument, list)), [])
    match function:
        case "vector":
            return [Sample((), numbers[0])]
        case "scalar":
            return samples[0].value if len(samples) == 1 else math.nan
        case "histogram_quantile":
            return histogram_quantile(numbers[0], samples)
        case "label_replace":
            return _relabelled(samples, [argument for argument in arguments if isinstance(argument, str)])
    return [sample.computed(_EACH[function](sample.value, numbers)) for sample in samples]


def absent(argument: Expression, vector: Vector) -> Vector:
    """One sample of 1 when there is none, with the labels that the selector asked for."""
    if vector:
        return []
    asked = argument.matchers if isinstance(argument, Selector) else ()
    names = [matcher.name for matcher in asked]
    wanted = {m.name: m.value for m in asked if m.operator == "=" and m.name != NAME and names.count(m.name) == 1}
    return [Sample(labels(wanted), 1.0)]


def _relabelled(samples: Vector, texts: list[str]) -> Vector:
    """`label_replace`: where the whole of a label matches, another one is set to the expanded replacement."""
    to, replacement, of, expression = texts
    if not LABEL.fullmatch(to):
        raise ExecutionError(f"invalid destination label name in label_replace(): {to}")
    try:
        pattern = re.compile(f"(?s:{expression})")
    except re.error:
        raise ExecutionError(f"invalid regular expression in label_replace(): {expression}") from None
    return [Sample(_replaced(metric, to, replacement, of, pattern), value) for metric, value in samples]


@lru_cache(REMEMBERED)
def _replaced(metric: Labels, to: str, replacement: str, of: str, pattern: re.Pattern[str]) -> Labels:
    found = pattern.fullmatch(dict(metric).get(of, ""))
    if not found:
        return metric
    groups = ["", *found.groups("")]
    value = _GROUP.sub(lambda group: groups[int(group[1])] if int(group[1]) < len(groups) else "", replacement)
    return labels({**dict(metric), to: value})


_GROUP = re.compile(r"\$\{?(\d+)\}?")


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
