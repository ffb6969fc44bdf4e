"""What is drawn of a signal: which values the chart reaches to, its bounds as lines, and the tone of each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cockpit.config import Bound
from cockpit.room.live.courses import Origin
from cockpit.room.views.signals import SignalView
from cockpit.screen.chart.course import Reach
from cockpit.screen.chart.lines import Drawing, Level
from cockpit.screen.chart.scale import Extent, Window
from cockpit.screen.spans import Tone


class Limit(NamedTuple):
    """A bound as a number in the signal's unit, as it is now."""

    words: str
    comparison: str
    value: float
    upward: bool
    tone: Tone

    def beyond(self, value: float) -> bool:
        """Whether `value` is on the alarming side."""
        if value == self.value:
            return self.comparison.endswith("=")
        return (value > self.value) == self.upward


def limits(signal: SignalView, origin: Origin) -> list[Limit]:
    """The breach and the warning, as far as there are numbers for them."""
    sides: tuple[tuple[str, Bound | None, float | None, Tone], ...] = (
        ("breach", origin.breach, signal.breach_level, "bad"),
        ("warning", origin.warning, signal.warning_level, "warn"),
    )
    return [
        Limit(word, bound.comparison, level, bound.upward, tone)
        for word, bound, level, tone in sides
        if bound is not None and level is not None
    ]


def drawing(
    signal: SignalView, origin: Origin, window: Window, height: int, columns: Sequence[Reach | None], cursor: int,
    marks: Mapping[int, str], *, stale: bool, loading: bool,
) -> Drawing:  # fmt: skip
    """The chart of a signal."""
    found = limits(signal, origin)
    levels = [Level(f"{each.words} {each.comparison}", each.value, each.tone) for each in found]
    if signal.baseline is not None:
        levels.append(Level("normal", signal.baseline, "quiet"))
    values = [each for reach in columns if reach for each in reach]
    extent = Extent.of(values, [level.value for level in levels])
    return Drawing(
        window, height, extent, columns, signal.unit, _tone_of(found), levels, cursor, stale, loading, marks
    )  # fmt: skip


def _tone_of(found: Sequence[Limit]) -> Callable[[float], Tone]:
    def tone_of(value: float) -> Tone:
        return next((each.tone for each in found if each.beyond(value)), "accent")

    return tone_of
