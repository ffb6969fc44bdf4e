"""The measures of one incident, each with the entries that it stands on, or why it cannot be computed.

MTTD, MTTR, false positive rate and severity accuracy are the plan's (production-incident-response-plan.md:567-570).
Nothing is computed from a guessed time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cockpit.incident.fact import Fact
from cockpit.incident.policies import CUSTOMERS
from cockpit.incident.state import State


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `seconds` is None where it is not computable, and `why` says so; `entries` are the ids behind it."""

    name: str
    title: str
    seconds: float | None
    entries: tuple[str, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        return self.why if self.seconds is None else f"{self.seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class Judged:
    """A yes or no about the whole incident: None where nobody has said it."""

    name: str
    title: str
    value: bool | None
    entries: tuple[str, ...] = ()
    why: str = ""


TITLES = {
    "detect": "Time to detect",
    "acknowledge": "Time to acknowledge",
    "mitigate": "Time to mitigate",
    "resolve": "Time to resolve",
    "first-update": "Time to the first public update",
}


def measures(state: State) -> list[Measure]:
    """The durations of an incident, in the order in which things happen.

    Detecting runs from when the record first saw it, or from when the impact is said to have begun; acknowledging,
    mitigating and resolving from the detection; the first update from the declaration. Of a reopened incident the last
    resolution counts.
    """
    began, public = _began(state), _first_public(state)
    return [
        _between("detect", began, "nothing says when it began", state.detected, "no detection time"),
        _between("acknowledge", state.detected, "no detection time", state.acknowledged, "nobody acknowledged it"),
        _between("mitigate", state.detected, "no detection time", state.mitigated, "nothing mitigated it"),
        _between("resolve", state.detected, "no detection time", state.resolved, "it is not resolved"),
        _between("first-update", state.declared, "it was never declared", public, "customers were told nothing"),
    ]


def accuracy(state: State) -> Judged:
    """Whether the severity that was set first is the one that it should have had, by the review."""
    title = "Severity accuracy"
    if not state.severities:
        return Judged("severity-accuracy", title, None, why="no severity was set")
    judged = state.reviews.get("severity")
    if judged is None:
        return Judged("severity-accuracy", title, None, why="nobody has reviewed the severity")
    first, (review, fact) = state.severities[0], judged
    right = first.value.upper() == review.text.strip().upper()
    return Judged("severity-accuracy", title, right, (first.fact.entry, fact.entry))


def false_positive(state: State) -> Judged:
    """Whether it was closed as a false alarm; not known before it is closed."""
    title = "False positive"
    if state.closed is None:
        return Judged("false-positive", title, None, why="it is not closed")
    return Judged("false-positive", title, state.false_alarm is not None, (state.closed.entry,))


def _began(state: State) -> Fact | None:
    """When it began, as far as it is known: the impact's own word, else the first signal that was not well."""
    told = [(impact.since, fact) for impact, fact in state.impacts if impact.since is not None]
    if told:
        since, fact = told[-1]
        return Fact(since, fact.actor, fact.entry) if since is not None else None
    return state.first_alarm


def _first_public(state: State) -> Fact | None:
    """When customers were first told anything."""
    told = [s.delivered for s in state.messages.values() if s.message.audience == CUSTOMERS and s.delivered]
    return min(told, key=lambda fact: fact.at, default=None)


def _between(name: str, since: Fact | None, no_since: str, until: Fact | None, no_until: str) -> Measure:
    title = TITLES[name]
    if since is None or until is None:
        missing = no_since if since is None else no_until
        return Measure(name, title, None, why=f"not computable: {missing}")
    seconds = (until.at - since.at).total_seconds()
    if seconds < 0:
        why = f"not computable: it ended {_at(until.at)} before it began {_at(since.at)}"
        return Measure(name, title, None, (since.entry, until.entry), why)
    return Measure(name, title, seconds, (since.entry, until.entry))


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"
