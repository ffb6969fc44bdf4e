"""Whether an audience is to be told now: by the policy, what was said of the impact, and what was told before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.audiences import (
    CUSTOMER_EMAIL,
    MERCHANTS,
    OUTSIDE,
    PARTNERS,
    PRODUCT,
    REGULATORS,
    SECURITY,
    STAKEHOLDERS,
    SUPPORT,
    reaches,
)
from cockpit.incident.due import ends
from cockpit.incident.policies import CUSTOMERS, INTERNAL, Call, Level, Policy, Range
from cockpit.incident.state import State
from cockpit.message.templates.choosing import told

_PLAN, _RUNBOOK, _PAYMENTS = (
    "production-incident-response-plan.md",
    "payment-service-runbook.md",
    "payment-incident-management.md",
)
OUTAGE = timedelta(minutes=30)
"""After which an outage is told by status page and e-mail (production-incident-response-plan.md:499)."""


class Wanted(Struct, frozen=True):
    """Whether an audience is to be told now, and why, or why not.

    Attributes:
        by: when at the latest, where somebody said so.
    """

    now: bool
    why: str
    by: datetime | None = None


class _Case(Struct, frozen=True):
    """What is decided about: one audience of one incident at one moment."""

    audience: str
    state: State
    policy: Policy | None
    now: datetime

    @property
    def level(self) -> Level | None:
        return self.policy.level(self.state.severity) if self.policy else None

    @property
    def told(self) -> bool:
        return told(self.state, self.audience)

    def source(self, lines: tuple[int, ...], document: str = "") -> str:
        """` (FILE:LINE)`, or nothing for what a team said itself."""
        document = document or (self.policy.document if self.policy else "")
        return f" ({document}:{lines[0]})" if lines and document else ""


def wanted(audience: str, state: State, policy: Policy | None, now: datetime) -> Wanted | None:
    """Whether `audience` is to be told now; None where nothing is said of such an audience.

    The first rule that has something to say of the audience decides: what holds whatever the severity, then what its
    severity asks for, then the customs of the documents for audiences that no severity names.
    """
    case = _Case(audience, state, policy, now)
    for rule in _RULES:
        if (found := rule(case)) is not None:
            return found
    return None


def _over(case: _Case) -> Wanted | None:
    """Who was told that it began is told that it is over; the public page and those inside in any case."""
    if not case.state.over:
        return None
    if case.told:
        return Wanted(True, "they were told of it, and it is over")
    if case.audience in (CUSTOMERS, INTERNAL):
        return Wanted(True, f"it is over ({_RUNBOOK}:171)")
    return Wanted(False, "they were told nothing of it")


def _security(case: _Case) -> Wanted | None:
    said = case.state.impact
    if said is None or not said.security:
        return None
    if case.audience in OUTSIDE:
        return Wanted(False, f"a security incident: disclosure is coordinated ({_PLAN}:501)")
    if case.audience == SECURITY:
        return Wanted(not case.told, "a security incident is theirs to coordinate" + (", and they know" * case.told))
    return None


def _data(case: _Case) -> Wanted | None:
    """Data impact: at once, if customers' data is affected; a mail once."""
    said = case.state.impact
    mailed = case.audience == CUSTOMER_EMAIL and case.told
    if said is not None and said.data and case.audience in (CUSTOMERS, CUSTOMER_EMAIL) and not mailed:
        return Wanted(True, f"data of customers is affected: at once ({_PLAN}:500)")
    return None


def _regulatory(case: _Case) -> Wanted | None:
    if case.audience != REGULATORS:
        return None
    said = case.state.impact
    if said is not None and said.regulatory:
        return Wanted(False, f"regulatory impact ({_PAYMENTS}:43): whoever answers for it decides")
    return Wanted(False, "no regulatory impact was stated")


def _cadence(case: _Case) -> Wanted | None:
    """Audiences that hear regularly: of every update, and the page first of all."""
    if case.audience == CUSTOMERS and not case.told and case.policy and case.state.declared:
        by = case.state.declared.at + case.policy.first_update
        minutes = case.policy.first_update // timedelta(minutes=1)
        return Wanted(True, f"the public page speaks within {minutes} minutes ({_RUNBOOK}:96)", by)
    target = case.level.update.get(case.audience) if case.level else None
    if target is not None and case.level is not None:
        why = f"{case.level.severity}: every {target}{case.source(case.level.sources.get('update', ()))}"
        return Wanted(True, why)
    if case.audience in (CUSTOMERS, INTERNAL):
        return Wanted(True, "they hear of every update")
    return None


def _called(case: _Case) -> Wanted | None:
    """Whom the policy names, for this severity or whatever it is."""
    calls = [call for call in _calls(case) if reaches(case.audience, call.who)]
    found = [said for call in calls if (said := _of_call(case, call, calls)) is not None]
    if not found:
        return None
    first = next((said for said in found if said.now), found[0])
    if case.told and first.now:
        return _status_tells(case) or Wanted(False, f"they were told already; {first.why}")
    return first


def _calls(case: _Case) -> Iterator[Call]:
    level = case.level
    if level is not None:
        yield from level.notify
        yield from (call for call in level.escalate if call.key == "leadership")
    if case.policy is not None:
        yield from case.policy.notify
        yield from (call for call in case.policy.escalation if call.key == "leadership")


def _of_call(case: _Case, call: Call, every: Sequence[Call]) -> Wanted | None:
    """What one of the policy's notices says of now; None where its condition does not hold. Those of `every` whom the
    same line names are named with it."""
    severity = f"{case.level.severity}: " if case.level and call in (*case.level.notify, *case.level.escalate) else ""
    source = case.source(call.lines, call.document)
    if call.flag is not None:
        holds = bool(case.state.impact and getattr(case.state.impact, call.flag))
        return Wanted(True, f"{call.when or call.flag}: {call.within or 'now'}{source}") if holds else None
    if call.when:
        return _conditional(case, call, source)
    named = ", ".join(each.who for each in every if each.lines == call.lines and each.within == call.within)
    words = f"{severity}{named}{f', {call.within}' if call.within is not None else ''}{source}"
    if call.within is None or case.state.declared is None:
        return Wanted(True, words)
    due = ends(case.state.declared.at, call.within, case.policy.calendar) if case.policy else None
    if due is None:
        return Wanted(True, words)
    soon = isinstance(call.within, Range) or case.now >= due[0]
    return Wanted(soon, words, due[1])


def _conditional(case: _Case, call: Call, source: str) -> Wanted:
    """A condition in words: the record may know that it holds; else people do."""
    words = f"{call.when}{source}"
    if reaches(SUPPORT, call.who):
        return Wanted(_customers_see(case), words)
    if reaches(PRODUCT, call.who):
        return Wanted(_is_grave(case), words)
    return Wanted(False, f"if so: {words}")


def _email(case: _Case) -> Wanted | None:
    """An outage of more than 30 minutes: status page and e-mail."""
    if case.audience != CUSTOMER_EMAIL or case.state.declared is None:
        return None
    source = f"outage over 30 minutes: status page and e-mail ({_PLAN}:499)"
    if not _is_outage(case):
        return Wanted(False, f"if it is an {source}")
    began = (case.state.detected or case.state.declared).at
    if case.told:
        return Wanted(False, f"they were told already; {source}")
    return Wanted(case.now - began >= OUTAGE, source, began + OUTAGE)


def _status_tells(case: _Case) -> Wanted | None:
    """`/incident status` notifies the stakeholders."""
    if case.audience == STAKEHOLDERS and case.told:
        return Wanted(True, "a status update notifies stakeholders (incident-response-process.md:127)")
    return None


def _affected(case: _Case) -> Wanted | None:
    """Merchants and partners, where they are affected; support, of all that customers see."""
    if case.audience == SUPPORT:
        return Wanted(_customers_see(case), f"all that customers see ({_PLAN}:506)")
    if case.audience not in (MERCHANTS, PARTNERS):
        return None
    said = case.state.impact
    words = f"{said.who} {said.text}".lower() if said else ""
    return Wanted(case.audience[:-1] in words, f"if they are affected ({_PAYMENTS}:58)")


_RULES: tuple[Callable[[_Case], Wanted | None], ...] = (
    _over, _security, _data, _regulatory, _cadence, _email, _called, _status_tells, _affected,
)  # fmt: skip


def _customers_see(case: _Case) -> bool:
    """Whether customers see something of it: it is grave, they or merchants noticed it, they were told, or an impact on
    somebody was stated."""
    said = case.state.impact
    stated = said is not None and bool(said.who or said.how_many or said.text)
    noticed = case.state.detected_by in ("customer", "merchant")
    return _is_grave(case) or stated or noticed or told(case.state, CUSTOMERS)


def _is_grave(case: _Case) -> bool:
    """Of the two highest severities, which are an outage or a feature that users miss in every document."""
    levels = list(case.policy.levels) if case.policy else []
    return case.state.severity in levels[:2]


def _is_outage(case: _Case) -> bool:
    """Of the highest severity, which is "service down" in every document."""
    levels = list(case.policy.levels) if case.policy else []
    return bool(levels) and case.state.severity == levels[0]
