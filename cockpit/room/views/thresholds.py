"""What the screens see of signals: each threshold with its reading, and the readings that no threshold judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cockpit.room.views.signals import SignalView
from cockpit.signal.readings import SignalReading
from cockpit.signal.thresholds.standing import ThresholdState


def signal_views(
    thresholds: Iterable[ThresholdState], readings: Iterable[SignalReading], reads: Mapping[str, str]
) -> Sequence[SignalView]:
    """Every threshold, bound or not, then every other signal.

    Args:
        reads: by signal, the part of the board that reads it.
    """
    known = {reading.id: reading for reading in readings}
    found = [_judged(state, known.pop(state.id, None), reads.get(state.id, "")) for state in thresholds]
    return [*found, *(_unjudged(reading, reads.get(reading.id, "")) for reading in known.values())]


def _judged(state: ThresholdState, reading: SignalReading | None, part: str) -> SignalView:
    reason = "unbound: no query" if state.unbound else state.reason or (reading.reason if reading else "")
    return SignalView(
        id=state.id,
        title=state.title,
        unit=state.unit,
        value=state.value,
        state=state.state,
        bound=state.bound,
        reason=reason,
        history=reading.history if reading else (),
        at=reading.at if reading else None,
        since=state.since,
        pending=state.pending_since is not None,
        part=part,
        far=state.far,
        flapping=state.flapping,
        warnings=reading.warnings if reading else (),
        baseline=state.normal,
        warning_level=state.warning_level,
        breach_level=state.breach_level,
    )


def _unjudged(reading: SignalReading, part: str) -> SignalView:
    return SignalView(
        id=reading.id,
        title=reading.title,
        unit=reading.unit,
        value=reading.value,
        state="none" if reading.value is not None else "unknown",
        reason=reading.reason,
        history=reading.history,
        at=reading.at,
        part=part,
        warnings=reading.warnings,
    )
