"""All thresholds of a service through time: their states as they stand, and the crossings that a timeline tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cockpit.incident.quantities import took
from cockpit.signal.changes import Change, ThresholdChanged
from cockpit.signal.flapping import Flaps
from cockpit.signal.readings import Round, SignalReading
from cockpit.signal.thresholds.standing import ThresholdState, bound, far, shown, unbound
from cockpit.signal.thresholds.threshold import Course, Normal, Rule, Sample, State, advance
from cockpit.values import replace


class Crossings:
    """The courses of all thresholds.

    Args:
        gaps: of those that have a source, by id, the seconds without a value after which a reading is missing; the
            other thresholds are unbound.
    """

    def __init__(self, rules: Iterable[Rule], gaps: Mapping[str, float]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._gaps = gaps
        self._courses = {id: Course() for id in self._rules}
        self._normals: dict[str, Normal] = {}
        self._seen: dict[str, State] = {}
        self._flaps = {id: Flaps() for id in self._rules}

    def take(self, brought: Round) -> list[Change]:
        """Take in a round; gives the crossings that are told.

        A past is gone through to know how things stand, and only where they stand now is told.
        """
        changes: list[Change] = []
        self._normals.update(brought.normals)
        for id in {**brought.pasts, **brought.samples}:
            rule = self._rules.get(id)
            if rule is not None:
                changes += self._taken(rule, brought.pasts.get(id), brought.samples.get(id))
        return changes

    def _taken(self, rule: Rule, past: Sequence[Sample] | None, sample: Sample | None) -> list[Change]:
        course, gap, normal = self._courses[rule.id], self._gap(rule.id), self._normals.get(rule.id)
        again = past is None and self._seen.get(rule.id) == "unknown"
        if past is not None:
            course = _through(rule, _before(course, past), past, gap, normal)
        if sample is not None:
            course = advance(rule, course, sample, gap, normal)
        self._courses[rule.id] = course
        since = course.sampled if again else course.known_since  # that it is known again is the news
        return self._cross(rule, course.state, since) if course.state != "unknown" else []

    def silent(self, living: Mapping[str, datetime], now: datetime) -> list[Change]:
        """Thresholds that have had no value for too long, of sources that live; a lost source speaks for itself.

        Args:
            living: by threshold, since when its source has lived: one that has come back is given time for a value.
        """
        changes: list[Change] = []
        for id, course in self._courses.items():
            since, lives = course.unknown_since, living.get(id)
            if since is None or lives is None or course.state != "unknown":
                continue
            if (now - max(since, lives)).total_seconds() > self._gap(id):
                changes += self._cross(self._rules[id], "unknown", since)
        return changes

    def settled(self, now: datetime) -> list[Change]:
        """Thresholds that flapped and have been still for a while: how they stand is told."""
        changes: list[Change] = []
        for id, flaps in self._flaps.items():
            if flaps.settled(now):
                self._flaps[id] = Flaps()
                told = self._change(self._rules[id], flaps.worst, self._seen[id], flaps.recent[-1])
                changes.append(replace(told, crossings=flaps.count, lasted=flaps.lasted, settled=True))
        return changes

    def shown(self, readings: Mapping[str, SignalReading]) -> list[ThresholdState]:
        """Every threshold as it stands; one whose reading grew old is unknown."""
        return [self._shown(rule, readings.get(id)) for id, rule in self._rules.items()]

    def _shown(self, rule: Rule, reading: SignalReading | None) -> ThresholdState:
        if rule.id not in self._gaps:
            return unbound(rule)
        flaps = self._flaps[rule.id]
        words = f"flaps: {flaps.count} crossings in {took(flaps.lasted)}" if flaps.began else ""
        state = shown(rule, self._courses[rule.id], self._normals.get(rule.id), words)
        if reading is not None and reading.reason and state.state != "unknown":
            return replace(
                state, state="unknown", value=None, since=reading.at, reason=reading.reason, pending_since=None, far=""
            )  # fmt: skip
        return state

    def _gap(self, id: str) -> float:
        return self._gaps.get(id, 0.0)

    def _cross(self, rule: Rule, state: State, at: datetime | None) -> list[Change]:
        """What is told of the step to `state`: that all is well, or nothing known, at the start is no news."""
        before, self._seen[rule.id] = self._seen.get(rule.id), state
        if before == state or at is None or (before is None and state in ("ok", "unknown")):
            return []
        told = self._change(rule, before or "unknown", state, at)
        flaps = self._flaps[rule.id].crossed(at)
        if flaps.began is None:
            self._flaps[rule.id] = flaps
            return [told]
        tells = flaps.tells(state)
        self._flaps[rule.id] = flaps.telling(state) if tells else flaps
        return [replace(told, crossings=flaps.count, lasted=flaps.lasted)] if tells else []

    def _change(self, rule: Rule, before: State, state: State, at: datetime) -> ThresholdChanged:
        course, normal = self._courses[rule.id], self._normals.get(rule.id)
        crossed = bound(rule, state if state in ("warning", "breach") else before, None, normal)
        return ThresholdChanged(
            rule.id, rule.title, before, state, course.value, crossed, rule.unit, at, course.reason,
            far(rule, course, normal),
        )  # fmt: skip


def _before(course: Course, past: Sequence[Sample]) -> Course:
    """The course as it was when a past began that reaches back only so far: a state that lasted then still does."""
    if not past or course.known_since is None or course.known_since > past[0].at:
        return Course()
    return replace(course, unknown_since=None, reason="")


def _through(rule: Rule, course: Course, samples: Iterable[Sample], gap: float, normal: Normal | None) -> Course:
    """The course after all `samples`; what is normal now is taken to have been normal then."""
    for sample in samples:
        course = advance(rule, course, sample, gap, normal)
    return course
