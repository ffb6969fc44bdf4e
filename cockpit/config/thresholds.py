"""What thresholds are written with: bounds that fit together, what is normal, and what a configuration overrides."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.values import Bound, Duration, Strict, Unit

PodsReading = Literal["restarts", "crashing", "ready-percent"]
"""What can be read of the service's pods: the most that one of them restarted within ten minutes, how many do not stay
up, and how many of those wanted serve, in percent."""
PODS_WINDOW = 600.0
"""Seconds over which restarts are counted."""


class Earlier(Strict):
    """What is normal, by what the same signal was earlier: its mean over a while, so long ago.

    `offset` is PromQL's word for it; `{offset: 1d, over: 1h}` is the hour that ended a day ago.
    """

    offset: Duration
    """Seconds before now at which the while ends."""
    over: Duration = 3600.0
    """Seconds of which the mean is taken."""


def _how_normal(value: Any) -> str:
    return "earlier" if isinstance(value, dict | Earlier) else "number"


Baseline = Annotated[Annotated[float, Tag("number")] | Annotated[Earlier, Tag("earlier")], Discriminator(_how_normal)]
"""What is normal for a signal: a number in its unit, or `Earlier`."""


def check_bounds(warning: Bound | None, breach: Bound | None, clear: Bound | None) -> None:
    """Bounds that contradict each other are refused.

    Args:
        clear: the good side at which an alarm is over.

    Raises:
        PydanticCustomError: warning and breach alarm on different sides, or `clear` holds where one of them alarms.
    """
    if warning and breach and warning.upward != breach.upward:
        raise PydanticCustomError("bounds", "has its warning and its breach on different sides; one of them is wrong")
    first = warning or breach
    if clear is None or first is None:
        return
    if clear.upward == first.upward:
        raise PydanticCustomError("bounds", 'has its `clear` on the bad side; write the good side, as "< 0.8"')
    beyond = clear.value > first.value if first.upward else clear.value < first.value
    if clear.relative == first.relative and beyond:
        raise PydanticCustomError("bounds", "has a `clear` that holds where it still alarms; move it to the good side")


class PodsSignal(Strict):
    """Where a threshold's value comes from, when the service's pods give it."""

    pods: PodsReading
    unit: Unit | None = None
    """What it is measured in; it need not be said, as it follows from the reading."""

    @model_validator(mode="after")
    def _measured(self) -> PodsSignal:
        if self.unit not in (None, measured := unit_of_pods(self.pods)):
            raise PydanticCustomError("unit", "is measured in {unit}; write that, or no unit", {"unit": measured})
        return self


def unit_of_pods(reading: PodsReading) -> Unit:
    """What a reading of pods is measured in."""
    return "percent" if reading == "ready-percent" else "count"


class ThresholdOverride(Strict):
    """What stands here replaces the runbook's; what does not, stays."""

    warning: Bound | None = None
    breach: Bound | None = None
    for_: Duration | None = Field(default=None, alias="for")
    """Seconds that the bound must be passed before the state changes."""
    clear: Bound | None = None
    """The good side at which an alarm is over, as `< 0.8`; without it, as soon as its bound is not passed any more."""
    keep_firing_for: Duration | None = None
    """Seconds that an alarm goes on after its bound was last passed: Prometheus' own word."""
    baseline: Baseline | None = None
    """What is normal; for bounds such as `< 50 % of normal`."""

    @model_validator(mode="after")
    def _fit(self) -> ThresholdOverride:
        check_bounds(self.warning, self.breach, self.clear)
        return self
