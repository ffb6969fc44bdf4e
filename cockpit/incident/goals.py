"""How incidents stand against the goals of the plan (production-incident-response-plan.md:604-606).

"Meet SLA targets for all severity levels", "Reduce MTTR by 10% quarterly", "Reduce similar incidents by 20% annually".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.cases import Case, share, spread
from cockpit.incident.measures import NOT_COMPUTABLE

YEAR = timedelta(days=365)
_ROUNDING = 1e-9
"""What is exactly the goal reaches it, whatever the last binary digit of the division."""


class Goal(Struct, frozen=True):
    """One goal, and how far it is reached.

    Attributes:
        value: a part of one: of what was kept, or by how much something changed; None where it is not computable.
        goal: what it should be: at least so much where `at_least`, else at most.
        text: what was compared, or why nothing could be.
        line: of the plan.
    """

    name: str
    title: str
    value: float | None
    goal: float
    at_least: bool
    text: str
    line: int

    @property
    def reached(self) -> bool | None:
        """Whether it is as good as the goal; None where it is not computable."""
        if self.value is None:
            return None
        short_of = self.goal - self.value if self.at_least else self.value - self.goal
        return short_of <= _ROUNDING


def goals(cases: Sequence[Case], now: datetime) -> list[Goal]:
    """The three, over these cases; `now` is aware UTC and says which quarter still runs."""
    real = [case for case in cases if not case.false_alarm]
    kept, kept_text = _response(real)
    faster, faster_text = _mttr(real, now)
    fewer, fewer_text = _similar(real, now)
    return [
        Goal("response", "Response targets met", kept, 1.0, True, kept_text, 604),
        Goal("mttr", "MTTR, by quarter", faster, -0.10, False, faster_text, 605),
        Goal("similar", "Similar incidents, by year", fewer, -0.20, False, fewer_text, 606),
    ]


_Found = tuple[float | None, str]


def _response(cases: Sequence[Case]) -> _Found:
    """The share of the severity that is served worst: the goal is kept when all are."""
    shares = {
        severity: share(c.judged["response-target"] for c in cases if c.severity == severity and not c.open)
        for severity in sorted({case.severity for case in cases})
    }
    parts = {severity: each.part for severity, each in shares.items() if each.part is not None}
    if not parts:
        return None, f"{NOT_COMPUTABLE}no incident that is over had a response target"
    words = [f"{severity} {shares[severity].yes} of {shares[severity].of}" for severity in parts]
    unknown = sum(each.unknown for each in shares.values())
    return min(parts.values()), ", ".join([*words, *([f"{unknown} not computable"] if unknown else [])])


def _mttr(cases: Sequence[Case], now: datetime) -> _Found:
    """The change of the mean time to resolve, from the quarter before to the last one in which something was resolved.

    Quarters are of the declaration, UTC.
    """
    ended = [case for case in cases if not case.open and case.measures["resolve"].seconds is not None]
    if not ended:
        return None, f"{NOT_COMPUTABLE}no incident has a time to resolve"
    last = max(_quarter(case.declared) for case in ended)
    found = [
        spread([case for case in ended if _quarter(case.declared) == each], "resolve") for each in (last - 1, last)
    ]
    was, is_ = (each.mean for each in found)
    if not was or is_ is None:
        why = "was 0 s" if was == 0 else "has none that was resolved"
        return None, f"{NOT_COMPUTABLE}{_named(last - 1)}, the quarter before {_named(last)}, {why}"
    so_far = " so far" if _quarter(now) == last else ""
    words = f"{_named(last - 1)} (n {len(found[0].known)}) to {_named(last)}{so_far} (n {len(found[1].known)})"
    return (is_ - was) / was, words


def _quarter(at: datetime) -> int:
    """Quarters are counted, so that the one before is one less."""
    return at.year * 4 + (at.month - 1) // 3


def _named(quarter: int) -> str:
    return f"{quarter // 4}-Q{quarter % 4 + 1}"


def _similar(cases: Sequence[Case], now: datetime) -> _Found:
    """The change of how many were not the first of their kind in a year, from the 365 days before to the last 365.

    Of one kind are those of one service that the same scenario of its runbook helped: the record knows that, while two
    people seldom call one cause by the same words. Of others it cannot tell, and they are counted apart.
    """
    first = min((case.declared for case in cases), default=now)
    if first > now - 2 * YEAR:
        return None, f"{NOT_COMPUTABLE}the record has no incident that is two years old"
    years = [[case for case in cases if now - (n + 1) * YEAR < case.declared <= now - n * YEAR] for n in (1, 0)]
    was, is_ = (_repeated(year) for year in years)
    unknown = sum(not case.scenario for year in years for case in year)
    if not was:
        return None, f"{NOT_COMPUTABLE}none was known to be similar in the year before the last 365 days"
    apart = f"; of {unknown} no scenario is known" if unknown else ""
    return (is_ - was) / was, f"{was} in the year before the last 365 days, {is_} in these{apart}"


def _repeated(cases: Sequence[Case]) -> int:
    """How many had one of their kind before them."""
    alike = Counter((case.service, case.scenario) for case in cases if case.scenario)
    return sum(many - 1 for many in alike.values())
