"""Many incidents measured together, in groups by month and service: means, medians and shares.

Drills never count, and a merged duplicate counts in the incident that goes on. A false alarm counts in the false
positive rate alone; what is still open is counted, and measured when it is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from statistics import fmean, median

from msgspec import Struct

from cockpit.incident.measures import Judged, Measure, judgements, measures
from cockpit.incident.policies import Policy
from cockpit.incident.state import State


class Case(Struct, frozen=True):
    """One incident that counts, measured.

    Attributes:
        scenario: the runbook's scenario whose step helped, where the record knows one.
        declared: aware UTC.
    """

    incident: str
    label: str
    service: str
    severity: str
    scenario: str
    declared: datetime
    open: bool
    measures: Mapping[str, Measure]
    judged: Mapping[str, Judged]

    @property
    def false_alarm(self) -> bool:
        """Whether it was none."""
        return bool(self.judged["false-positive"].value)


class Spread(Struct, frozen=True):
    """A duration over several incidents, in seconds.

    Attributes:
        known: the labels of those that it stands on.
        unknown: how many were not computable, by the reason.
        mean, median: None where nothing is known.
    """

    known: tuple[str, ...]
    unknown: Mapping[str, int]
    mean: float | None = None
    median: float | None = None


class Share(Struct, frozen=True):
    """How many of how many; those of which the record cannot tell are counted apart."""

    yes: int
    of: int
    unknown: int = 0

    @property
    def part(self) -> float | None:
        """As a part of one; None of nothing."""
        return self.yes / self.of if self.of else None


class Group(Struct, frozen=True):
    """The incidents of one key, such as a month and a service. `ended` is what is measured."""

    key: tuple[str, ...]
    ended: tuple[Case, ...]
    still_open: tuple[Case, ...]
    false_alarms: tuple[Case, ...]
    spreads: Mapping[str, Spread]
    shares: Mapping[str, Share]
    severities: Mapping[str, int]


def counted(states: Iterable[tuple[str, State]], policies: Mapping[str, Policy], now: datetime) -> list[Case]:
    """The incidents that count, of `(label, state)` pairs, the first declared first.

    Args:
        policies: by name; each incident is held against the one that its record names.
        now: aware UTC.
    """
    found = [
        _case(label, state, state.declared.at, judgements(state, policies.get(state.policy), now))
        for label, state in states
        if state.declared is not None and not state.drill and not state.merged_into
    ]
    return sorted(found, key=lambda case: (case.declared, case.incident))


def _case(label: str, state: State, declared: datetime, judged: Iterable[Judged]) -> Case:
    return Case(
        incident=state.incident,
        label=label,
        service=state.service or "no service",
        severity=state.severity or "none",
        scenario=_scenario(state),
        declared=declared,
        open=not state.over,
        measures={measure.name: measure for measure in measures(state)},
        judged={each.name: each for each in judged},
    )


def _scenario(state: State) -> str:
    """The scenario of the last mitigating step that succeeded and was not undone; a step is `SCENARIO.STEP`."""
    runs = [run for run in state.runs.values() if run.intent.mitigates and run.outcome == "succeeded"]
    helped = [run.intent.step for run in runs if run.intent.step and not run.undone_by]
    return helped[-1].partition(".")[0] if helped else ""


def _month(case: Case) -> str:
    return f"{case.declared:%Y-%m}"


def _service(case: Case) -> str:
    return case.service


KEYS: Mapping[str, Callable[[Case], str]] = {"month": _month, "service": _service}
"""What incidents can be grouped by: the month of the declaration, UTC; the service that it was declared on."""


def grouped(cases: Sequence[Case], by: Sequence[str]) -> list[Group]:
    """The cases in groups by the keys named, in the order of the keys."""
    keys: dict[tuple[str, ...], list[Case]] = {}
    for case in cases:
        keys.setdefault(tuple(KEYS[name](case) for name in by), []).append(case)
    return [group(key, keys[key]) for key in sorted(keys)]


def group(key: tuple[str, ...], cases: Sequence[Case]) -> Group:
    """These cases measured together; they may be none."""
    real = [case for case in cases if not case.false_alarm]
    ended = tuple(case for case in real if not case.open)
    over = [case for case in cases if not case.open]
    names = ended[0].judged if ended else {}
    shares = {name: share(case.judged[name] for case in ended) for name in names if name != "false-positive"}
    return Group(
        key=key,
        ended=ended,
        still_open=tuple(case for case in real if case.open),
        false_alarms=tuple(case for case in cases if case.false_alarm),
        spreads={name: spread(ended, name) for name in (ended[0].measures if ended else ())},
        shares=shares | {"false-positive": share(case.judged["false-positive"] for case in over)},
        severities=dict(sorted(Counter(case.severity for case in real).items())),
    )


def spread(cases: Sequence[Case], name: str) -> Spread:
    """The measure `name` over these cases."""
    measured = [(case.label, case.measures[name]) for case in cases]
    unknown = dict(Counter(measure.why for _, measure in measured if measure.seconds is None).most_common())
    known = [(label, measure.seconds) for label, measure in measured if measure.seconds is not None]
    if not known:
        return Spread((), unknown)
    seconds = [value for _, value in known]
    return Spread(tuple(label for label, _ in known), unknown, fmean(seconds), median(seconds))


def share(judged: Iterable[Judged]) -> Share:
    """How many are true."""
    values = [each.value for each in judged]
    told = [value for value in values if value is not None]
    return Share(sum(told), len(told), len(values) - len(told))
