"""Which operators may stand between which types."""

from __future__ import annotations

from cockpit.simulator.prometheus.errors import OperandError
from cockpit.simulator.prometheus.syntax import COMPARISONS, SET_OPERATORS, Binary, Expression, Matching, ValueType


def binary(operator: str, left: Expression, right: Expression, matching: Matching | None, *, as_bool: bool) -> Binary:
    """The two expressions around `operator`, checked as Prometheus checks them.

    Raises:
        OperandError: they do not go together.
    """
    allowed = ("scalar", "instant vector")
    for where, side in (("left", left), ("right", right)):
        if side.type not in allowed:
            raise OperandError("binary expression must contain only scalar and instant vector types", where)
    vectors = [side.type == "instant vector" for side in (left, right)]
    if as_bool and operator not in COMPARISONS:
        raise OperandError("bool modifier can only be used on comparison operators", "operator")
    if operator in COMPARISONS and not as_bool and not any(vectors):
        raise OperandError("comparisons between scalars must use BOOL modifier", "operator")
    if operator in SET_OPERATORS and not all(vectors):
        raise OperandError(f'set operator "{operator}" not allowed in binary scalar expression')
    if matching is not None and not all(vectors):
        raise OperandError("vector matching only allowed between instant vectors")
    if matching is not None and matching.many and operator in SET_OPERATORS:
        raise OperandError(f'no grouping allowed for "{operator}" operation')
    gives: ValueType = "instant vector" if any(vectors) else "scalar"
    return Binary(operator, left, right, gives, matching or Matching(), as_bool)
