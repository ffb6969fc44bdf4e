"""Waiting and watching: a countdown that fails as soon as a threshold breaks that had held when it began."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Live
from cockpit.action.model import Never, Outcome, Plan, ReadOnly, Situation
from cockpit.action.ports import BoardView, NoBoard, ThresholdReading
from cockpit.incident.ids import new_id
from cockpit.incident.quantities import bound, quantity
from cockpit.incident.times import lasting

_LOOK_EVERY = 1.0
_MARGIN = 60.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Waits for `seconds`.

    Args:
        stop_on: the thresholds that are watched, by id; all when none is named.
    """

    seconds: float
    stop_on: tuple[str, ...] = ()
    board: BoardView = field(default_factory=NoBoard)
    heading: Heading = field(default_factory=lambda: Heading("Wait"))

    needs_cluster = False

    async def prepare(self, access: object, situation: Situation) -> Plan:
        """The plan; a threshold that is named and not there is a refusal."""
        known = {reading.id: reading.title for reading in self.board.readings()}
        lost = [id for id in self.stop_on if id not in known]
        watched = ", ".join(known.get(id, id) for id in self.stop_on or known)
        stops = f", stops as soon as one of these breaks: {watched}" if watched else "; no threshold is watched"
        there = ", ".join(known) or "none"
        return Plan(
            run=new_id(),
            title=self.heading.title,
            risk=self.heading.risk or "read-only",
            command=shlex.join(["sleep", f"{self.seconds:g}"]),
            execution=Never() if lost else Watching(self.seconds, self.stop_on, self.board),
            step=self.heading.step,
            request=f"waits {lasting(self.seconds)}{stops}",
            server="this machine",
            object="thresholds",
            refusals=tuple(f"there is no threshold `{id}` to watch; there are: {there}" for id in lost),
            checks=self.heading.checks,
            timeout=self.seconds + _MARGIN,
        )


@dataclass(frozen=True, slots=True)
class Watching(ReadOnly):
    """The execution of a wait."""

    seconds: float
    stop_on: tuple[str, ...]
    board: BoardView

    async def run(self, live: Live) -> Outcome:
        """Count down. What is in breach already is only watched once it has recovered."""
        ends = live.clock.monotonic() + self.seconds
        standing = {reading.id for reading in self._watched() if reading.state == "breach"}
        while True:
            readings = self._watched()
            broken = [each for each in readings if each.state == "breach" and each.id not in standing]
            if broken:
                await live.write(_finding(each) for each in readings)
                left = (
                    f"with {_left(ends - live.clock.monotonic())} left"
                    if live.clock.monotonic() < ends
                    else "at the end"
                )
                return Outcome("failed", 1, f"{'; '.join(_finding(each) for each in broken)}: stopped {left}")
            standing -= {each.id for each in readings if each.state in ("ok", "warning")}
            left_over = ends - live.clock.monotonic()
            if left_over <= 0:
                break
            live.say(f"{_left(left_over)} left, {_standing(readings)}")
            await live.clock.sleep(min(_LOOK_EVERY, left_over))
        await live.write(_finding(each) for each in readings)
        return self._ended(readings)

    def _watched(self) -> list[ThresholdReading]:
        return [each for each in self.board.readings() if not self.stop_on or each.id in self.stop_on]

    def _ended(self, readings: Sequence[ThresholdReading]) -> Outcome:
        """Whoever named a threshold wants to know that it held: where it cannot be read, nobody knows."""
        unknown = [each for each in readings if each.state == "unknown"]
        if self.stop_on and unknown:
            return Outcome("unknown", None, f"nobody knows whether it holds: {'; '.join(map(_finding, unknown))}")
        return Outcome("succeeded", 0)


def _left(seconds: float) -> str:
    """`3:20`, `1:00:05`."""
    minutes, rest = divmod(round(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _standing(readings: Iterable[ThresholdReading]) -> str:
    """What does not hold, or that all do; what is not known is none of both."""
    readings = list(readings)
    if not readings:
        return "no threshold is watched"
    bad = [f"{each.title} in {each.state}" for each in readings if each.state in ("warning", "breach")]
    unknown = [f"{each.title} unknown" for each in readings if each.state == "unknown"]
    if not bad and not unknown:
        return "all thresholds hold"
    return ", ".join([*bad, *unknown])


def _finding(reading: ThresholdReading) -> str:
    if reading.state == "unknown":
        return f"{reading.title}: unknown, {reading.reason or 'no reading'}"
    value = quantity(reading.value, reading.unit)
    return f"{reading.title}: {reading.state}, {value} (alarms {bound(reading.bound, reading.unit)})"
