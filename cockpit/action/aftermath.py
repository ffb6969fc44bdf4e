"""Whether the thresholds that were alarming when a change was made are ok again."""

from __future__ import annotations

from collections.abc import Collection

from cockpit.action.live import Live
from cockpit.action.model import Verdict
from cockpit.action.ports import BoardView, ThresholdReading
from cockpit.incident.quantities import bound, quantity

_LOOK_EVERY = 1.0


async def thresholds_back(board: BoardView, alarmed: Collection[str], live: Live, timeout: float) -> Verdict:
    """Wait until each of the `alarmed` thresholds is ok, for `timeout` seconds at most; say which is not."""
    deadline = live.clock.monotonic() + timeout
    said = ""
    while True:
        readings = [reading for reading in board.readings() if reading.id in alarmed]
        waiting = [reading for reading in readings if reading.state != "ok"]
        late = live.clock.monotonic() >= deadline
        if late or not waiting:
            return _verdict(readings)
        now = "waits for " + ", ".join(_short(reading) for reading in waiting)
        if now != said:
            live.say(now)
            said = now
        await live.clock.sleep(_LOOK_EVERY)


def not_awaited(board: BoardView, alarmed: Collection[str]) -> tuple[str, ...]:
    """Of a change that contains and does not mend: each of the `alarmed` thresholds that is not ok, as a check line."""
    still = [reading for reading in board.readings() if reading.id in alarmed and reading.state != "ok"]
    return tuple(f"not waited for, this step alone does not bring it back: {_short(reading)}" for reading in still)


def _verdict(readings: list[ThresholdReading]) -> Verdict:
    """Verified when all are ok; failed when one still alarms; else unknown."""
    states = {reading.state for reading in readings}
    checks = tuple(_finding(reading) for reading in readings)
    if states & {"warning", "breach"}:
        return Verdict("failed", checks)
    return Verdict("verified" if states <= {"ok"} else "unknown", checks)


def _finding(reading: ThresholdReading) -> str:
    """One threshold as a check line."""
    if reading.state == "unknown":
        return f"{reading.title}: unknown, {reading.reason or 'no reading'}"
    again = "back to ok" if reading.state == "ok" else f"still in {reading.state}"
    return f"{reading.title}: {again}, {_value(reading)} (alarms {bound(reading.bound, reading.unit)})"


def _short(reading: ThresholdReading) -> str:
    return f"{reading.title} ({_value(reading)}, alarms {bound(reading.bound, reading.unit)})"


def _value(reading: ThresholdReading) -> str:
    return quantity(reading.value, reading.unit)
