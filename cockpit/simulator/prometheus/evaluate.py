"""Evaluates an expression over the stored series, at one moment or at each step of a range."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar, cast

from cockpit.simulator.prometheus import functions
from cockpit.simulator.prometheus.aggregate import aggregate
from cockpit.simulator.prometheus.errors import ExecutionError
from cockpit.simulator.prometheus.labels import Labels, without_name
from cockpit.simulator.prometheus.matching import between_scalars, between_sets, between_vectors, with_scalar
from cockpit.simulator.prometheus.rates import over_time
from cockpit.simulator.prometheus.storage import LOOKBACK, Series, Storage
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
_NEAR = 60
"""Steps for which the series are looked through at once: of pods that come and go, most series are of another time."""

V = TypeVar("V")
Evaluate = Callable[[int], V]
"""Gives the value at a moment (milliseconds)."""


class _Selection:
    """The series that a selector picks.

    Attributes:
        near: those that may have a sample for the moments that are looked at.
    """

    def __init__(self, storage: Storage, selector: Selector) -> None:
        self.offset, self.window = selector.offset, selector.window or 0
        self.near: list[Series] = []
        self._before = LOOKBACK if selector.window is None else selector.window
        self._all = storage.select(selector.matchers)

    def look_at(self, start: int, end: int) -> None:
        """What comes next are moments from `start` to `end`."""
        first, last = start - self.offset - self._before, end - self.offset
        self.near = [series for series in self._all if series.overlaps(first, last)]

    def instant(self, time: int) -> Vector:
        """The value of each at a moment."""
        moment = time - self.offset
        found = ((series.labels, series.at(moment)) for series in self.near)
        return [Sample(metric, value) for metric, value in found if value is not None]

    def function(self, name: str, time: int) -> Vector:
        """A function of the samples in the window before a moment, of each."""
        end = time - self.offset
        start = end - self.window
        found = ((series.labels, over_time(name, *series.between(start, end), start, end)) for series in self.near)
        return [Sample(without_name(metric), value) for metric, value in found if value is not None]

    def range(self, time: int) -> Matrix:
        """The samples in the window before a moment, of each."""
        end = time - self.offset
        found = ((series.labels, series.between(end - self.window, end)) for series in self.near)
        return [Window(metric, times, values) for metric, (times, values) in found if times]


class Evaluation:
    """One query: an expression over a storage.

    Its parts are made functions of the moment, and the series that it selects are looked up, once, however many steps
    it has. A part that it has twice is one.
    """

    def __init__(self, storage: Storage, expression: Expression) -> None:
        self._storage = storage
        self._selections: list[_Selection] = []
        self._parts: dict[Expression, Evaluate[Value]] = {}
        self._value = self._part(expression)

    def at(self, time: int) -> Value:
        """The value at `time` (milliseconds).

        Raises:
            ExecutionError: the series at that moment do not fit the expression.
        """
        self._look_at(time, time)
        return _unique(self._value(time))

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
        for index, time in enumerate(range(start, end + 1, step)):
            if not index % _NEAR:
                self._look_at(time, min(time + _NEAR * step, end))
            if (now := monotonic()) - yielded > _TURN:
                await asyncio.sleep(0)
                yielded = monotonic()
            if now - began > within:
                raise TimeoutError
            value: Any = _unique(self._value(time))
            for sample in [Sample((), value)] if isinstance(value, float) else value:
                times[sample.labels].append(time)
                values[sample.labels].append(sample.value)
        return [Window(metric, times[metric], values[metric]) for metric in sorted(times)]

    def _look_at(self, start: int, end: int) -> None:
        for selection in self._selections:
            selection.look_at(start, end)

    def _part(self, expression: Expression) -> Evaluate[Value]:
        """The function of an expression; that of an equal one, which remembers the moment that it was asked for."""
        part = self._parts.get(expression)
        if part is None:
            part = self._parts[expression] = _remembered(self._made(expression))
        return part

    def _vector(self, expression: Expression) -> Evaluate[Vector]:
        return cast(Evaluate[Vector], self._part(expression))  # the parser has checked the types

    def _made(self, expression: Expression) -> Evaluate[Value]:
        match expression:
            case Number() | Text():
                return lambda _: expression.value
            case Selector():
                selection = self._selection(expression)
                return selection.instant if expression.window is None else selection.range
            case Aggregation():
                each = self._vector(expression.expression)
                return lambda time: aggregate(expression, each(time))
            case Negation():
                return _negated(self._part(expression.expression))
            case Binary():
                return self._binary(expression)
            case Call():
                return self._call(expression)

    def _selection(self, selector: Selector) -> _Selection:
        self._selections.append(_Selection(self._storage, selector))
        return self._selections[-1]

    def _binary(self, expression: Binary) -> Evaluate[Value]:
        one, other = self._part(expression.left), self._part(expression.right)
        operate = between_sets if expression.operator in SET_OPERATORS else between_vectors

        def value(time: int) -> Value:
            left: Any = one(time)  # the parser has checked the types
            right: Any = other(time)
            if isinstance(left, float):
                if isinstance(right, float):
                    return between_scalars(expression.operator, left, right)
                return with_scalar(expression, right, left, scalar_first=True)
            if isinstance(right, float):
                return with_scalar(expression, left, right, scalar_first=False)
            return operate(expression, left, right)

        return value

    def _call(self, call: Call) -> Evaluate[Value]:
        if call.function == "absent":
            vector = self._vector(call.arguments[0])
            return lambda time: functions.absent(call.arguments[0], vector(time))
        if call.function == "time":
            return lambda time: time / 1000
        if call.arguments[0].type == "range vector":
            selector = call.arguments[0]
            assert isinstance(selector, Selector)  # nothing else is a range vector: the parser refuses subqueries
            selection = self._selection(selector)
            return lambda time: selection.function(call.function, time)
        arguments = [self._part(argument) for argument in call.arguments]
        return lambda time: functions.call(call.function, [argument(time) for argument in arguments])


def _remembered(evaluate: Evaluate[Value]) -> Evaluate[Value]:
    """What a function gives, asked for once at each moment."""
    last: int | None = None
    value: Value = 0.0

    def remembered(time: int) -> Value:
        nonlocal last, value
        if time != last:
            value = evaluate(time)
            last = time
        return value

    return remembered


def _negated(evaluate: Evaluate[Value]) -> Evaluate[Value]:
    def value(time: int) -> Value:
        found = evaluate(time)
        return -found if isinstance(found, float) else [each.computed(-each.value) for each in cast(Vector, found)]

    return value


def _unique(value: Value) -> Value:
    """Refuse a vector in which two series have become one by losing their names."""
    if isinstance(value, list) and len({element.labels for element in value}) < len(value):
        raise ExecutionError("vector cannot contain metrics with the same labelset")
    return value
