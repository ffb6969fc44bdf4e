"""The measures of one incident, each with the entries that it stands on, or why it cannot be computed.

MTTD, MTTR, false positive rate and severity accuracy are the plan's (production-incident-response-plan.md:567-570), the
response targets too (line 604). Nothing is computed from a guessed time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from msgspec import Struct

from cockpit.incident.clocks import clocks
from cockpit.incident.due import Due, ends
from cockpit.incident.fact import Fact
from cockpit.incident.policies import CUSTOMERS, Policy
from cockpit.incident.state import Said, State
from cockpit.incident.terms import Status
from cockpit.incident.times import echo
from cockpit.values import replace

NOT_COMPUTABLE = "not computable: "


class Measure(Struct, frozen=True):
    """A duration. `seconds` is None where it is not computable, and `why` says so; `entries` are the ids behind it."""

    name: str
    seconds: float | None
    entries: tuple[str, ...] = ()
    why: str = ""
    counts: str = ""
    """What counts, where there was more than one: of a reopened incident."""

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.name]


class Judged(Struct, frozen=True):
    """A yes or no about the whole incident: None where the record cannot tell, and `why` says so."""

    name: str
    value: bool | None
    entries: tuple[str, ...] = ()
    why: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.name]


TITLES = {
    "detect": "Time to detect",
    "acknowledge": "Time to acknowledge",
    "mitigate": "Time to mitigate",
    "resolve": "Time to resolve",
    "first-update": "Time to the first public update",
    "first-severity": "First severity was right",
    "last-severity": "Severity at the end was right",
    "false-positive": "False positive",
    "response-target": "Response target met",
    "resolution-target": "Resolution target met",
}


def measures(state: State) -> list[Measure]:
    """The durations of an incident, in the order in which things happen.

    Detecting runs from when the impact is said to have begun, else from the first breach; acknowledging, mitigating and
    resolving from the detection; the first update from the declaration. Of a reopened incident the first mitigation and
    the last resolution count.
    """
    found, public = state.detected, _first_public(state)
    measured = [
        _between("detect", _began(state), "nothing says when it began", found, "no detection time"),
        _between("acknowledge", found, "no detection time", state.acknowledged, "nobody acknowledged it"),
        _between("mitigate", found, "no detection time", state.mitigated, "nothing mitigated it"),
        _between("resolve", found, "no detection time", state.resolved, "it is not resolved"),
        _between("first-update", state.declared, "it was never declared", public, "customers were told nothing"),
    ]
    if not _reopened(state):
        return measured
    counts = {"mitigate": "reopened: the first mitigation counts", "resolve": "reopened: the last resolution counts"}
    return [replace(each, counts=counts.get(each.name, "")) for each in measured]


def judgements(state: State, policy: Policy | None, now: datetime) -> list[Judged]:
    """What is true of the incident or not: its severity, whether it was one at all, whether its targets were met.

    Args:
        policy: the one that the record names; None where it is not known.
        now: a target that is overdue at this instant is missed; aware.
    """
    said = state.severities
    return [
        _accuracy("first-severity", said[0] if said else None, state, policy),
        _accuracy("last-severity", said[-1] if said else None, state, policy),
        _false_positive(state),
        *_targets(state, policy, now),
    ]


def _began(state: State) -> Fact | None:
    """When it began, as far as it is known: the impact's own word, else the first signal in breach. A breach that was
    read only after somebody had noticed tells nothing of when it began."""
    told = [Fact(impact.since, fact.actor, fact.entry) for impact, fact in state.impacts if impact.since is not None]
    alarm, found = state.first_alarm, state.detected
    late = alarm is not None and found is not None and alarm.at > found.at
    return told[-1] if told else None if late else alarm


def _first_public(state: State) -> Fact | None:
    """When customers were first told anything."""
    told = [s.delivered for s in state.messages.values() if s.message.audience == CUSTOMERS and s.delivered]
    return min(told, key=lambda fact: fact.at, default=None)


def _between(name: str, since: Fact | None, no_since: str, until: Fact | None, no_until: str) -> Measure:
    if since is None or until is None:
        return Measure(name, None, why=NOT_COMPUTABLE + (no_since if since is None else no_until))
    seconds, entries = (until.at - since.at).total_seconds(), (since.entry, until.entry)
    if seconds < 0:
        why = f"it ended {echo(until.at)}, before it began {echo(since.at)}"
        return Measure(name, None, entries, NOT_COMPUTABLE + why)
    return Measure(name, seconds, entries)


def _reopened(state: State) -> bool:
    over = [said.value in (Status.RESOLVED, Status.CLOSED) for said in state.statuses]
    return any(before and not after for before, after in pairwise(over))


def _accuracy(name: str, said: Said | None, state: State, policy: Policy | None) -> Judged:
    """Whether `said` is the severity that the review gives it in hindsight."""
    review = state.reviews.get("severity")
    if said is None or review is None:
        missing = "nobody set a severity" if said is None else "nobody has reviewed the severity"
        return Judged(name, None, why=NOT_COMPUTABLE + missing)
    level, entries = review[0].text.strip().upper(), (said.fact.entry, review[1].entry)
    if policy is not None and policy.level(level) is None:
        return Judged(name, None, entries, f"{NOT_COMPUTABLE}the review names no severity of {policy.name}")
    return Judged(name, said.value.upper() == level, entries)


def _false_positive(state: State) -> Judged:
    """Whether it was closed as a false alarm; not known before it is closed."""
    if state.closed is None:
        return Judged("false-positive", None, why=f"{NOT_COMPUTABLE}it is not closed")
    return Judged("false-positive", state.false_alarm is not None, (state.closed.entry,))


def _targets(state: State, policy: Policy | None, now: datetime) -> list[Judged]:
    """Whether the policy's targets were kept, snoozes or not: they put off a reminder, and not what was promised."""
    # As if it were open: its clocks leave out what was never done when they stop, and that is what was missed.
    running = replace(state, status=Status.INVESTIGATING, merged_into="", snoozes={})
    due = {clock.name: clock for clock in clocks(running, policy)}
    response, resolution = _responding(state, policy, due), due.get("resolve")
    ended, none = state.resolved or state.closed, _no_target(state, policy)
    until = min(now, ended.at) if ended and state.over else now
    return [
        _target("response-target", response, state.acknowledged, until, none),
        _target("resolution-target", resolution, ended, until, none),
    ]


def _responding(state: State, policy: Policy | None, due: Mapping[str, Due]) -> Due | None:
    """The clock of the response, which is what the plan's SLA is about (lines 24, 37, 50, 63); the one on the screens
    waits for the acknowledgement, which some policies want sooner."""
    level, clock = policy.level(state.severity) if policy else None, due.get("ack")
    if policy is None or level is None or clock is None or level.respond is None:
        return clock
    found = ends(clock.since, level.respond, policy.calendar)
    return replace(clock, due=found[1]) if found else None


def _target(name: str, due: Due | None, done: Fact | None, until: datetime, no_target: str) -> Judged:
    if due is None:
        return Judged(name, None, why=NOT_COMPUTABLE + no_target)
    if due.done is not None and done is not None:
        return Judged(name, due.done <= due.due, (done.entry,))
    if until >= due.due:
        return Judged(name, False)
    return Judged(name, None, why=f"{NOT_COMPUTABLE}it was not done, and was not due yet")


def _no_target(state: State, policy: Policy | None) -> str:
    if policy is None:
        return f"the policy {state.policy} is not known here" if state.policy else "it has no policy"
    return f"{policy.name} gives {state.severity} no such time" if state.severity else "nobody set a severity"
