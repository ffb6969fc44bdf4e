"""Operators between scalars and vectors: arithmetic, comparison, sets, and which sample meets which."""

from __future__ import annotations

import math
from collections.abc import Callable

from cockpit.simulator.prometheus.errors import ExecutionError
from cockpit.simulator.prometheus.labels import NAME, Labels, drop, keep, labels, without_name, written
from cockpit.simulator.prometheus.syntax import COMPARISONS, Binary, Matching
from cockpit.simulator.prometheus.values import Sample, Vector


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _power(left: float, right: float) -> float:
    try:
        result = left**right
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf if left > 0 or right % 2 == 0 else -math.inf
    return math.nan if isinstance(result, complex) else float(result)


def _modulo(left: float, right: float) -> float:
    return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "%": _modulo,
    "^": _power,
    "atan2": math.atan2,
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}


def between_scalars(operator: str, left: float, right: float) -> float:
    """Arithmetic, or a comparison as 0 or 1."""
    if operator in COMPARISONS:
        return float(_COMPARE[operator](left, right))
    return _ARITHMETIC[operator](left, right)


def with_scalar(expression: Binary, vector: Vector, scalar: float, *, scalar_first: bool) -> Vector:
    """Each sample of `vector` against a number; a comparison without bool filters and keeps the sample as it is."""
    result: Vector = []
    for sample in vector:
        left, right = (scalar, sample.value) if scalar_first else (sample.value, scalar)
        value = between_scalars(expression.operator, left, right)
        if expression.operator not in COMPARISONS or expression.as_bool:
            result.append(sample.computed(value))
        elif value:
            result.append(sample)
    return result


def between_sets(expression: Binary, left: Vector, right: Vector) -> Vector:
    """`and`, `or` and `unless`: by labels alone, whatever the values."""
    matching = expression.matching
    if expression.operator == "or":
        known = {_signature(sample.labels, matching) for sample in left}
        return left + [sample for sample in right if _signature(sample.labels, matching) not in known]
    known = {_signature(sample.labels, matching) for sample in right}
    wanted = expression.operator == "and"
    return [sample for sample in left if (_signature(sample.labels, matching) in known) is wanted]


def between_vectors(expression: Binary, left: Vector, right: Vector) -> Vector:
    """Arithmetic or comparison of the samples whose labels match.

    Raises:
        ExecutionError: a sample has several partners and the expression does not say that it may.
    """
    matching = expression.matching
    many, one, one_side = (right, left, "left") if matching.many == "right" else (left, right, "right")
    partners = _partners(one, matching, one_side)
    result: dict[Labels, Sample] = {}
    matched: set[Labels] = set()
    for sample in many:
        signature = _signature(sample.labels, matching)
        partner = partners.get(signature)
        if partner is None:
            continue
        pair = (partner.value, sample.value) if matching.many == "right" else (sample.value, partner.value)
        value = between_scalars(expression.operator, *pair)
        if expression.operator in COMPARISONS and not expression.as_bool:
            if not value:
                continue
            value = pair[0]
        metric = _result_labels(expression, sample.labels, partner.labels)
        if not matching.many and signature in matched:
            raise ExecutionError(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )
        if metric in result:
            raise ExecutionError("multiple matches for labels: grouping labels must ensure unique matches")
        matched.add(signature)
        result[metric] = Sample(metric, value)
    return list(result.values())


def _partners(vector: Vector, matching: Matching, side: str) -> dict[Labels, Sample]:
    found: dict[Labels, Sample] = {}
    for sample in vector:
        signature = _signature(sample.labels, matching)
        if signature in found:
            raise ExecutionError(
                f"found duplicate series for the match group {written(signature)} on the {side} hand-side of the "
                f"operation: [{written(sample.labels)}, {written(found[signature].labels)}]"
                ";many-to-many matching not allowed: matching labels must be unique on one side"
            )
        found[signature] = sample
    return found


def _signature(metric: Labels, matching: Matching) -> Labels:
    return keep(metric, matching.names) if matching.on else drop(metric, (*matching.names, NAME))


def _result_labels(expression: Binary, many: Labels, one: Labels) -> Labels:
    matching = expression.matching
    plain = without_name(many) if expression.operator not in COMPARISONS or expression.as_bool else many
    if not matching.many:
        return keep(plain, matching.names) if matching.on else drop(plain, matching.names)
    return labels(dict(plain) | {name: dict(one).get(name, "") for name in matching.include})
