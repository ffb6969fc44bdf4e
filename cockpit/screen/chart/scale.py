"""The two axes of a chart: where an instant and a value stand, and the round ones that are written beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cockpit.incident.quantities import quantity

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_SECONDS = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Seconds between two instants that are written on the axis."""
_SQUASHED = 4.0
"""A bound is brought into the picture as long as the readings keep at least this part of its height."""
_NOTHING = 1e-200
"""Readings that are less apart stand on one height: what is divided by so little is no number any more."""
_LABEL = 9
"""Cells that an instant on the axis takes at least, with the space to the next."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The lowest and the highest value that a chart shows; `low` is less than `high`."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float], bounds: Sequence[float]) -> Extent:
        """Round values around all of `values`, from zero where that is near, with the bounds that are not too far.

        Where all values are the same, no bound is too far: there is no shape that it could squash.
        """
        low, high = (min(values), max(values)) if values else (0.0, 0.0)
        shapeless = low == high
        if 0 < low <= high * 0.6 or low == high:
            low = min(0.0, low)
        own = (high - low) or abs(high) or 1.0
        for bound in sorted(bounds, key=lambda each: abs(each - high)):
            near, far = min(low, bound), max(high, bound)
            if shapeless or far - near <= own * _SQUASHED:
                low, high = near, far
        if high - low < _NOTHING:
            high = low + 1.0
        return cls(*_rounded(low, high))

    def part(self, value: float) -> float:
        """Where `value` stands: 0 at the lowest, 1 at the highest; what is beyond is less or more."""
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Whether `value` is in the picture."""
        return self.low <= value <= self.high

    def ticks(self, most: int) -> list[float]:
        """Round values from the lowest to the highest, as many as can be told apart and at most `most`."""
        step = _step(self.high - self.low, max(1, most - 1))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [index * step for index in range(first, last + 1)]


def _step(length: float, most: int) -> float:
    """The smallest round step of which at most `most` make up `length`."""
    wanted = length / most
    size = 10.0 ** math.floor(math.log10(wanted))
    return next(size * each for each in (*_ROUND, 20.0) if size * each >= wanted * (1 - 1e-9))


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Both moved out to the next round value."""
    step = _step(high - low, 8)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def labels(extent: Extent, unit: str, height: int) -> dict[int, str]:
    """What is written beside which row of a chart, counted from its top."""
    found: dict[int, str] = {}
    for value in extent.ticks(max(2, height // 3 + 1)):
        found.setdefault(row_of(extent.part(value), height), quantity(value, unit))
    return found


def row_of(part: float, height: int) -> int:
    """The row, counted from the top, in which the part of the height stands."""
    return min(height - 1, max(0, height - 1 - math.floor(part * height)))


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that a chart shows in `width` columns."""

    begin: datetime
    end: datetime
    width: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.begin).total_seconds()

    @property
    def column(self) -> float:
        """Seconds of a column."""
        return self.seconds / self.width

    def place(self, at: datetime) -> int:
        """The column of `at`; below zero or from the width on when it is not in the window, whose end is in it."""
        if at == self.end:
            return self.width - 1
        return math.floor((at - self.begin).total_seconds() / self.column)

    def time(self, column: int) -> datetime:
        """The instant in the middle of a column."""
        return self.begin + timedelta(seconds=(column + 0.5) * self.column)

    def ticks(self) -> list[tuple[int, str]]:
        """Columns and what is written under them: round instants in UTC, the day where one begins."""
        step = next((each for each in _SECONDS if each / self.column >= _LABEL), _SECONDS[-1])
        at = math.ceil(self.begin.timestamp() / step) * step
        found = []
        while at <= self.end.timestamp():
            instant = datetime.fromtimestamp(at, UTC)
            found.append((self.place(instant), _written(instant, step)))
            at += step
        return found


def _written(at: datetime, step: int) -> str:
    if at.hour == at.minute == at.second == 0:
        return f"{at:%b %d}"
    return f"{at:%H:%M:%S}" if step < 60 else f"{at:%H:%M}"
