"""Many incidents measured together: per month and service, with the trend against the goals of the plan.

The goals: targets met for all severities, MTTR down 10 % a quarter, similar incidents down 20 % a year
(production-incident-response-plan.md:604-606). Drills never count, a merged duplicate counts in the one that goes on,
and false alarms count in the false positive rate alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean, median

from cockpit.incident.clocks import clocks
from cockpit.incident.measures import Judged, Measure, accuracy, false_positive, measures
from cockpit.incident.policies import Policy
from cockpit.incident.state import State

MTTR_GOAL = -0.10
"""By how much the mean time to resolution should change from one quarter to the next (line 605)."""
SIMILAR_GOAL = -0.20
"""By how much the number of similar incidents should change from one year to the next (line 606)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One incident that counts, measured."""

    incident: str
    label: str
    service: str
    name: str
    severity: str
    declared: datetime
    measures: Mapping[str, Measure]
    accuracy: Judged
    false_positive: Judged
    deadlines: tuple[int, int]
    """How many of its policy's clocks were met, and how many there were that ended."""
    open: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """A duration over several incidents, in seconds. `known` are the incidents that it stands on."""

    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    mean: float | None = None
    median: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many; what nobody has said is counted apart."""

    yes: int
    of: int
    unknown: int = 0

    @property
    def part(self) -> float | None:
        """As a part of one; None of nothing."""
        return self.yes / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Group:
    """The incidents of one key, such as a month and a service."""

    key: tuple[str, ...]
    cases: tuple[Case, ...]
    spreads: Mapping[str, Spread]
    accuracy: Share
    false_positives: Share
    deadlines: Share
    severities: Mapping[str, int] = field(default_factory=dict)

    @property
    def still_open(self) -> int:
        """How many are not over."""
        return sum(case.open for case in self.cases)


@dataclass(frozen=True, slots=True)
class Trend:
    """One goal: the change from one period to the next, as a part; None while two periods cannot be compared."""

    title: str
    change: float | None
    goal: float
    text: str

    @property
    def reached(self) -> bool | None:
        """Whether it is as good as the goal; None where it is not computable."""
        return None if self.change is None else self.change <= self.goal


def counted(states: Iterable[tuple[str, State]], policies: Mapping[str, Policy]) -> list[Case]:
    """The incidents that count, of `(label, state)` pairs, the first declared first."""
    found = [
        _case(label, state, policies.get(state.policy))
        for label, state in states
        if state.declared is not None and not state.drill and not state.merged_into
    ]
    return sorted(found, key=lambda case: (case.declared, case.incident))


def _case(label: str, state: State, policy: Policy | None) -> Case:
    assert state.declared is not None
    ended = [due for due in clocks(state, policy) if due.done is not None]
    return Case(
        incident=state.incident,
        label=label,
        service=state.service or "no service",
        name=state.name,
        severity=state.severity or "none",
        declared=state.declared.at,
        measures={measure.name: measure for measure in measures(state)},
        accuracy=accuracy(state),
        false_positive=false_positive(state),
        deadlines=(sum(due.done <= due.due for due in ended if due.done), len(ended)),
        open=not state.over,
    )


def month(case: Case) -> str:
    """The month of its declaration, UTC."""
    return f"{case.declared:%Y-%m}"


def quarter(case: Case) -> str:
    """The quarter of its declaration, UTC."""
    return f"{case.declared:%Y}-Q{(case.declared.month + 2) // 3}"


def service(case: Case) -> str:
    """The service that it was declared on."""
    return case.service


KEYS: Mapping[str, Callable[[Case], str]] = {"month": month, "service": service}
"""What incidents can be grouped by."""


def grouped(cases: Sequence[Case], by: Sequence[str] = ()) -> list[Group]:
    """The cases in groups by the keys named, in the order of the keys; one group of all when none is named."""
    keys: dict[tuple[str, ...], list[Case]] = {}
    for case in cases:
        keys.setdefault(tuple(KEYS[name](case) for name in by), []).append(case)
    return [group(key, keys[key]) for key in sorted(keys)]


def group(key: tuple[str, ...], cases: Sequence[Case]) -> Group:
    """These cases measured together."""
    real = [case for case in cases if not case.false_positive.value]
    names = list(real[0].measures) if real else []
    return Group(
        key=key,
        cases=tuple(cases),
        spreads={name: _spread([(case, case.measures[name]) for case in real]) for name in names},
        accuracy=_share(case.accuracy for case in real),
        false_positives=_share(case.false_positive for case in cases),
        deadlines=Share(sum(case.deadlines[0] for case in real), sum(case.deadlines[1] for case in real)),
        severities=dict(sorted(Counter(case.severity for case in real).items())),
    )


def _spread(measured: Sequence[tuple[Case, Measure]]) -> Spread:
    known = [(case.label, measure.seconds) for case, measure in measured if measure.seconds is not None]
    unknown = tuple(case.label for case, measure in measured if measure.seconds is None)
    if not known:
        return Spread((), unknown)
    seconds = [value for _, value in known]
    return Spread(tuple(label for label, _ in known), unknown, fmean(seconds), median(seconds))


def _share(judged: Iterable[Judged]) -> Share:
    values = [each.value for each in judged]
    said = [value for value in values if value is not None]
    return Share(sum(said), len(said), len(values) - len(said))


def trends(cases: Sequence[Case]) -> list[Trend]:
    """How the last quarter and the last year stand against the plan's goals."""
    real = [case for case in cases if not case.false_positive.value]
    return [_mttr(real), _similar(real)]


def _mttr(cases: Sequence[Case]) -> Trend:
    title, quarters = "MTTR, quarter on quarter", sorted({quarter(case) for case in cases})
    means: list[tuple[str, float]] = []
    for name in quarters:
        spread = _spread([(case, case.measures["resolve"]) for case in cases if quarter(case) == name])
        if spread.mean is not None:
            means.append((name, spread.mean))
    if len(means) < 2:
        return Trend(title, None, MTTR_GOAL, "not computable: fewer than two quarters with a resolved incident")
    (before, was), (last, now) = means[-2:]
    if was == 0:
        return Trend(title, None, MTTR_GOAL, f"not computable: it was 0 in {before}")
    return Trend(title, now / was - 1, MTTR_GOAL, f"{before} to {last}")


def _similar(cases: Sequence[Case]) -> Trend:
    """Similar are incidents of one service and one name: what people called alike."""
    title = "Similar incidents, year on year"
    years = Counter(f"{case.declared:%Y}" for case in _repeated(cases))
    known = sorted({f"{case.declared:%Y}" for case in cases})
    if len(known) < 2:
        return Trend(title, None, SIMILAR_GOAL, "not computable: fewer than two years of incidents")
    before, last = known[-2:]
    if not years[before]:
        return Trend(title, None, SIMILAR_GOAL, f"not computable: none was similar in {before}")
    return Trend(title, years[last] / years[before] - 1, SIMILAR_GOAL, f"{before} to {last}")


def _repeated(cases: Sequence[Case]) -> list[Case]:
    """The incidents that had happened before: the same name on the same service."""
    seen: set[tuple[str, str]] = set()
    found = []
    for case in cases:
        if (case.service, case.name) in seen:
            found.append(case)
        seen.add((case.service, case.name))
    return found
