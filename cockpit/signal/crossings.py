"""All thresholds of a service through time: their states as they stand, and the crossings that a timeline tells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cockpit.signal.changes import Change, ThresholdChanged
from cockpit.signal.readings import Round, SignalReading
from cockpit.signal.threshold import Course, Rule, Sample, State, ThresholdState, advance, bound, shown, unbound


class Crossings:
    """The courses of all thresholds.

    Args:
        gaps: of those that have a query, by id, the seconds without a value after which a reading is missing; the other
            thresholds are unbound.
    """

    def __init__(self, rules: Iterable[Rule], gaps: Mapping[str, float]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._gaps = gaps
        self._courses = {id: Course() for id in self._rules}
        self._told: dict[str, State] = {}

    def take(self, brought: Round) -> list[Change]:
        """Take in a round; gives the crossings.

        A past is gone through to know how things stand, and only where they stand now is told.
        """
        changes: list[Change] = []
        for id, rule in self._rules.items():
            past, sample = brought.pasts.get(id), brought.samples.get(id)
            course = self._courses[id]
            if past is not None:
                course = _through(rule, Course(), past, self._gap(id))
            if sample is not None:
                course = advance(rule, course, sample, self._gap(id))
            self._courses[id] = course
            if course.state != "unknown":
                changes += self._tell(rule, course.state, course.known_since)
        return changes

    def silent(self, living: Collection[str], now: datetime) -> list[Change]:
        """Thresholds of `living` sources that have had no value for too long; a lost source speaks for itself."""
        changes: list[Change] = []
        for id, course in self._courses.items():
            since = course.unknown_since
            if id in living and since and course.state == "unknown" and (now - since).total_seconds() > self._gap(id):
                changes += self._tell(self._rules[id], "unknown", since)
        return changes

    def shown(self, readings: Mapping[str, SignalReading]) -> list[ThresholdState]:
        """Every threshold as it stands; one whose reading grew old is unknown."""
        return [self._shown(rule, readings.get(id)) for id, rule in self._rules.items()]

    def _shown(self, rule: Rule, reading: SignalReading | None) -> ThresholdState:
        if rule.id not in self._gaps:
            return unbound(rule)
        state = shown(rule, self._courses[rule.id])
        if reading is not None and reading.reason and state.state != "unknown":
            return replace(
                state, state="unknown", value=None, since=reading.at, reason=reading.reason, pending_since=None
            )  # fmt: skip
        return state

    def _gap(self, id: str) -> float:
        return self._gaps.get(id, 0.0)

    def _tell(self, rule: Rule, state: State, at: datetime | None) -> list[Change]:
        """The change to `state`, when it is news: that all is well, or nothing known, at the start is none."""
        before, self._told[rule.id] = self._told.get(rule.id), state
        if before == state or at is None or (before is None and state in ("ok", "unknown")):
            return []
        course = self._courses[rule.id]
        worse = state in ("warning", "breach")
        crossed = bound(rule, state if worse else before or "unknown")
        return [
            ThresholdChanged(
                rule.id, rule.title, before or "unknown", state, course.value, crossed, rule.unit, at, course.reason
            )
        ]


def _through(rule: Rule, course: Course, samples: Iterable[Sample], gap: float) -> Course:
    """The course after all `samples`."""
    for sample in samples:
        course = advance(rule, course, sample, gap)
    return course
