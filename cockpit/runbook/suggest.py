"""Which scenario fits what is seen now, and which severity the criteria propose; each with its evidence in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cockpit.runbook.model import Impact, Runbook, Scenario

RECENT = timedelta(hours=2)
"""A release that began within this time speaks for a scenario that suspects releases."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is seen now.

    Attributes:
        pods: how many pods have each status that kubectl would show.
        restarted: how many run again that ended lately, by what they ended by.
        breached: ids of the thresholds in breach; `warning` of those in warning; `pending` of those that are past a
            bound, but not yet for as long as it takes.
        failing: names of the endpoints that fail.
        release: what the latest release is called, as `release 1.4.2`; empty when it is not known.
        release_began: when its rollout began; aware, None when it is not known.
        now: aware; for the age of the release.
    """

    pods: Mapping[str, int] = field(default_factory=dict)
    restarted: Mapping[str, int] = field(default_factory=dict)
    breached: frozenset[str] = frozenset()
    warning: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
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

    Crashing pods weigh most, because a status is seen and a threshold only measured; then pods that crashed lately,
    breaches and endpoints that fail, warnings, and what is past a bound for too short a time. A recent release adds to
    a scenario that suspects releases, and is never enough alone.
    """
    found = (_weighed(runbook, scenario, facts) for scenario in runbook.scenarios)
    return sorted((each for each in found if each), key=lambda each: -each.score)


def _weighed(runbook: Runbook, scenario: Scenario, facts: Facts) -> Suggestion | None:
    when = scenario.suggest_when
    score = 0
    evidence: list[str] = []
    for weight, words, counts in ((100, "", facts.pods), (40, "restarted after", facts.restarted)):
        held = [status for status in when.pods if counts.get(status, 0) > 0]
        found = [" ".join(filter(None, (_pods(counts[status]), words or _in(status), status))) for status in held]
        score, evidence = score + weight * bool(found), evidence + found
    told: set[str] = set()
    for weight, words, ids in ((10, "breach", facts.breached), (3, "warning", facts.warning), (1, "", facts.pending)):
        new = [id for id in when.thresholds if id in ids and id not in told]
        told.update(new)
        score += weight * len(new)
        evidence += [_held_for(_title(runbook, id), words) for id in new]
    unwell = [name for name in when.endpoints if name in facts.failing]
    score, evidence = score + 10 * len(unwell), evidence + [f"endpoint {name} fails" for name in unwell]
    if score == 0:
        return None
    words = ", ".join(evidence)
    if when.release and _recent(facts):
        score += 20
        words += f" since {facts.release}" if facts.release else " since the latest release"
    return Suggestion(scenario, words, score)


def _pods(count: int) -> str:
    return f"{count} pod{'s' if count != 1 else ''}"


def _in(status: str) -> str:
    """A pod is *in* CrashLoopBackOff, and it *is* OOMKilled."""
    return "in" if status.endswith("BackOff") else ""


def _held_for(title: str, state: str) -> str:
    return f"{title} in {state}" if state else f"{title} past its bound, not yet for long enough"


def _title(runbook: Runbook, id: str) -> str:
    """A threshold's title in mid-sentence: `error rate`, `P95 latency`."""
    title = next((threshold.title for threshold in runbook.thresholds if threshold.id == id), id)
    return title if any(each.isupper() or each.isdigit() for each in title[1:2]) else title[:1].lower() + title[1:]


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
