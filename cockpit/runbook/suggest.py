"""Which scenario fits what is seen now, and which severity the criteria propose; each with its evidence in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cockpit.runbook.model import Impact, Runbook, Scenario, Threshold

RECENT = timedelta(hours=2)
"""A release that began within this time speaks for a scenario that suspects releases."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is seen now.

    Attributes:
        pods: how many pods have each status that kubectl would show.
        breached: ids of the thresholds in breach; `warning` of those in warning.
        release: what the latest release is called, as `release 1.4.2`; empty when it is not known.
        release_began: when its rollout began; aware, None when it is not known.
        now: aware; for the age of the release.
    """

    pods: Mapping[str, int] = field(default_factory=dict)
    breached: frozenset[str] = frozenset()
    warning: frozenset[str] = frozenset()
    release: str = ""
    release_began: datetime | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A scenario that fits. `evidence` is for people: `3 pods crash (CrashLoopBackOff) since release 1.4.2`."""

    scenario: Scenario
    evidence: str
    score: int


def suggestions(runbook: Runbook, facts: Facts) -> list[Suggestion]:
    """The scenarios that something speaks for, the best first; of equal ones, the runbook's order holds.

    Crashing pods weigh most, because a status is seen and a threshold only measured; then breaches, then warnings. A
    recent release adds to a scenario that suspects releases, and is never enough alone.
    """
    found = (_weighed(runbook, scenario, facts) for scenario in runbook.scenarios)
    return sorted((each for each in found if each), key=lambda each: -each.score)


def _weighed(runbook: Runbook, scenario: Scenario, facts: Facts) -> Suggestion | None:
    when = scenario.suggest_when
    statuses = [(status, facts.pods.get(status, 0)) for status in when.pods if facts.pods.get(status, 0) > 0]
    breached = [id for id in when.thresholds if id in facts.breached]
    warned = [id for id in when.thresholds if id in facts.warning and id not in facts.breached]
    score = 100 * bool(statuses) + 10 * len(breached) + 3 * len(warned)
    if score == 0:
        return None
    evidence = [_pods(status, count) for status, count in statuses]
    titles = {threshold.id: threshold for threshold in runbook.thresholds}
    evidence += [f"{_title(titles.get(id), id)} in breach" for id in breached]
    evidence += [f"{_title(titles.get(id), id)} in warning" for id in warned]
    words = ", ".join(evidence)
    if when.release and _recent(facts):
        score += 20
        words += f" since {facts.release}" if facts.release else " since the latest release"
    return Suggestion(scenario, words, score)


def _pods(status: str, count: int) -> str:
    return f"{count} pod{'s' if count != 1 else ''} in {status}"


def _title(threshold: Threshold | None, id: str) -> str:
    return threshold.title.lower() if threshold else id


def _recent(facts: Facts) -> bool:
    if facts.release_began is None or facts.now is None:
        return False
    return timedelta() <= facts.now - facts.release_began <= RECENT


@dataclass(frozen=True, slots=True)
class Proposal:
    """A severity that criteria of the document propose; a person sets it, or another."""

    level: str
    criteria: tuple[Impact, ...]


def proposed(runbook: Runbook, readings: Mapping[str, float | None]) -> Proposal | None:
    """The gravest severity of which a criterion holds; None when none does. What is unknown holds nothing.

    Args:
        readings: values by threshold id, in the threshold's unit; None is unknown.
    """
    for severity in runbook.severities:
        if held := _held(severity.impact, readings):
            return Proposal(severity.level, held)
    return None


def _held(impact: Sequence[Impact], readings: Mapping[str, float | None]) -> tuple[Impact, ...]:
    def holds(each: Impact) -> bool:
        value = readings.get(each.threshold) if each.threshold else None
        return value is not None and each.bound is not None and each.bound.breached(value)

    return tuple(each for each in impact if holds(each))
