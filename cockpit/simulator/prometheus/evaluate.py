"""Evaluates an expression over the stored series, at one moment or at each step of a range."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from time import monotonic

from cockpit.simulator.prometheus import functions
from cockpit.simulator.prometheus.aggregate import aggregate
from cockpit.simulator.prometheus.errors import ExecutionError
from cockpit.simulator.prometheus.labels import Labels, without_name
from cockpit.simulator.prometheus.matching import between_scalars, between_sets, between_vectors, with_scalar
from cockpit.simulator.prometheus.rates import over_time
from cockpit.simulator.prometheus.storage import Series, Storage
from cockpit.simulator.prometheus.syntax import (
    SET_OPERATORS,
    Aggregation,
    Binary,
    Call,
    Expression,
    Negation,
    Number,
    Selector,
    Text,
)
from cockpit.simulator.prometheus.values import Matrix, Sample, Value, Vector, Window

_TURN = 0.01
"""Real seconds after which a long evaluation lets others have their turn."""


class Evaluation:
    """One query: an expression over a storage. The series it selects are looked up once, however many steps it has."""

    def __init__(self, storage: Storage, expression: Expression) -> None:
        self._storage = storage
        self._expression = expression
        self._selected: dict[Selector, list[Series]] = {}

    def at(self, time: int) -> Value:
        """The value at `time` (milliseconds).

        Raises:
            ExecutionError: the series at that moment do not fit the expression.
        """
        return _unique(self._value(self._expression, time))

    async def over(self, start: int, end: int, step: int, within: float) -> Matrix:
        """The value at `start`, `start + step`, … up to `end` (milliseconds), as one window per series.

        Other requests are answered meanwhile.

        Args:
            within: real seconds that it may take.

        Raises:
            ExecutionError: the series at one of the moments do not fit the expression.
            TimeoutError: it takes longer.
        """
        times: defaultdict[Labels, list[int]] = defaultdict(list)
        values: defaultdict[Labels, list[float]] = defaultdict(list)
        began = yielded = monotonic()
        for time in range(start, end + 1, step):
            if (now := monotonic()) - yielded > _TURN:
                await asyncio.sleep(0)
                yielded = monotonic()
            if now - began > within:
                raise TimeoutError
            value = _unique(self._value(self._expression, time))
            for sample in [Sample((), value)] if isinstance(value, float) else _vector(value):
                times[sample.labels].append(time)
                values[sample.labels].append(sample.value)
        return [Window(metric, times[metric], values[metric]) for metric in sorted(times)]

    def _value(self, expression: Expression, time: int) -> Value:
        match expression:
            case Number() | Text():
                return expression.value
            case Selector():
                return self._instant(expression, time) if expression.window is None else self._range(expression, time)
            case Aggregation():
                return aggregate(expression, self._vector(expression.expression, time))
            case Negation():
                value = self._value(expression.expression, time)
                return -value if isinstance(value, float) else [s.computed(-s.value) for s in _vector(value)]
            case Binary():
                return self._binary(expression, time)
            case Call():
                return self._call(expression, time)

    def _vector(self, expression: Expression, time: int) -> Vector:
        return _vector(self._value(expression, time))

    def _series(self, selector: Selector) -> list[Series]:
        found = self._selected.get(selector)
        if found is None:
            found = self._selected[selector] = self._storage.select(selector.matchers)
        return found

    def _instant(self, selector: Selector, time: int) -> Vector:
        moment = time - selector.offset
        found = ((series.labels, series.at(moment)) for series in self._series(selector))
        return [Sample(metric, value) for metric, value in found if value is not None]

    def _range(self, selector: Selector, time: int) -> Matrix:
        end = time - selector.offset
        start = end - (selector.window or 0)
        windows = [
            Window(series.labels, *series.between(start, end))
            for series in self._series(selector)
            if series.overlaps(start, end)  # of pods that come and go, most series are of another time
        ]
        return [window for window in windows if len(window.times)]

    def _binary(self, expression: Binary, time: int) -> Value:
        left, right = self._value(expression.left, time), self._value(expression.right, time)
        if isinstance(left, float) and isinstance(right, float):
            return between_scalars(expression.operator, left, right)
        if isinstance(right, float):
            return with_scalar(expression, _vector(left), right, scalar_first=False)
        if isinstance(left, float):
            return with_scalar(expression, _vector(right), left, scalar_first=True)
        operate = between_sets if expression.operator in SET_OPERATORS else between_vectors
        return operate(expression, _vector(left), _vector(right))

    def _call(self, call: Call, time: int) -> Value:
        if call.function == "absent":
            return functions.absent(call.arguments[0], self._vector(call.arguments[0], time))
        if call.function == "time":
            return time / 1000
        if call.arguments[0].type == "range vector":
            return self._over_time(call, time)
        return functions.call(call.function, [self._value(argument, time) for argument in call.arguments])

    def _over_time(self, call: Call, time: int) -> Vector:
        selector = call.arguments[0]
        assert isinstance(selector, Selector)  # nothing else is a range vector: the parser refuses subqueries
        end = time - selector.offset
        start = end - (selector.window or 0)
        found = ((window, over_time(call.function, window, start, end)) for window in self._range(selector, time))
        return [Sample(without_name(window.labels), value) for window, value in found if value is not None]


def _unique(value: Value) -> Value:
    """Refuse a vector in which two series have become one by losing their names."""
    if isinstance(value, list) and len({element.labels for element in value}) < len(value):
        raise ExecutionError("vector cannot contain metrics with the same labelset")
    return value


def _vector(value: Value) -> Vector:
    assert isinstance(value, list)  # the parser has checked the types
    return [sample for sample in value if isinstance(sample, Sample)]
