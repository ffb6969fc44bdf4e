"""What an expression gives: a number, a text, a vector of samples or a matrix of series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cockpit.simulator.prometheus.labels import Labels, without_name


class Sample(NamedTuple):
    """One series' value at the moment of evaluation."""

    labels: Labels
    value: float

    def computed(self, value: float) -> Sample:
        """A new value for the same labels, which is no longer the metric itself and so loses its name."""
        return Sample(without_name(self.labels), value)


class Window(NamedTuple):
    """One series' samples in a window; times in milliseconds."""

    labels: Labels
    times: Sequence[int]
    values: Sequence[float]


Vector = list[Sample]
Matrix = list[Window]
Value = float | str | Vector | Matrix
