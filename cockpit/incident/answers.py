"""Which fact of the record answers a checklist item: by a closed set of names that a list's YAML uses.

A wrong tick is worse than none: each answer looks for the deed itself, not for something that makes it likely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cockpit.incident.fact import Fact
from cockpit.incident.kinds import SECTIONS
from cockpit.incident.policies import CUSTOMERS, INTERNAL
from cockpit.incident.state import Run, State
from cockpit.incident.terms import Role

Answer = Callable[[State], Fact | None]
"""Gives the fact that answers an item, or nothing while there is none."""


def _first(facts: Iterable[Fact | None]) -> Fact | None:
    return min((fact for fact in facts if fact is not None), key=lambda fact: fact.at, default=None)


def _all(facts: Iterable[Fact | None]) -> Fact | None:
    """The last of facts that must all be there."""
    every = list(facts)
    known = [fact for fact in every if fact is not None]
    return max(known, key=lambda fact: fact.at) if known and len(known) == len(every) else None


def _graded(state: State) -> Fact | None:
    return _all([state.declared, state.severities[0].fact if state.severities else None])


def _assigned(state: State) -> Fact | None:
    """Communications, operations and scribe are all held now."""
    taken = {role: fact for role, handle, fact in state.role_history if handle and state.roles.get(role) == handle}
    return _all(taken.get(role) for role in (Role.COMMS, Role.OPS, Role.SCRIBE))


def _told(audience: str, *, again: bool = False) -> Answer:
    def answer(state: State) -> Fact | None:
        told = sorted(
            (s.delivered for s in state.messages.values() if s.message.audience == audience and s.delivered),
            key=lambda fact: fact.at,
        )
        return told[int(again)] if len(told) > int(again) else None

    return answer


def _resolution_told(state: State) -> Fact | None:
    """Customers were told after the resolution."""
    end = state.resolved
    told = [s.delivered for s in state.messages.values() if s.message.audience == CUSTOMERS and s.delivered]
    return _first(fact for fact in told if end is not None and fact.at >= end.at)


def _items_assigned(state: State) -> Fact | None:
    """There are action items, and each has an owner and a day."""
    items = [item for item in state.action_items.values() if item.state != "dropped"]
    return _all(item.opened if item.owner and item.due else None for item in items)


def _verified(state: State) -> Fact | None:
    return _first(run.checked for run in state.runs.values() if run.verified and run.verified.verdict == "verified")


def _mitigated_by(state: State) -> Fact | None:
    done = [run.ended for run in state.runs.values() if run.intent.mitigates and run.outcome == "succeeded"]
    return _first([*done, *(fact for _, fact in state.mitigations)])


ANSWERS: dict[str, Answer] = {
    "acknowledged": lambda state: state.acknowledged,
    "declared": lambda state: state.declared,
    "declared-with-severity": _graded,
    "roles-assigned": _assigned,
    "paged": lambda state: _first(fact for _, fact in state.pages),
    "affected": lambda state: _first(fact for _, fact in state.affected.values()),
    "impact": lambda state: _first(fact for said, fact in state.impacts if said.who or said.how_many),
    "impact-since": lambda state: _first(fact for said, fact in state.impacts if said.since),
    "impact-trend": lambda state: _first(fact for said, fact in state.impacts if said.trend),
    "mitigated": _mitigated_by,
    "verified": _verified,
    "told-internal": _told(INTERNAL),
    "told-customers": _told(CUSTOMERS),
    "told-customers-again": _told(CUSTOMERS, again=True),
    "resolution-told": _resolution_told,
    "resolved": lambda state: state.resolved,
    "closed": lambda state: state.closed,
    "cause-confirmed": lambda state: _first(
        each.settled for each in state.hypotheses.values() if each.state == "confirmed"
    ),
    "action-items-assigned": _items_assigned,
}
"""Every answer by its name."""


def _ran(steps: Iterable[str], *, checked: bool) -> Answer:
    wanted = frozenset(steps)

    def fact(run: Run) -> Fact | None:
        if run.intent.step not in wanted or run.outcome != "succeeded":
            return None
        if not checked:
            return run.ended
        return run.checked if run.verified and run.verified.verdict == "verified" else None

    return lambda state: _first(fact(run) for run in state.runs.values())


def answer_of(name: str) -> Answer | None:
    """The answer called `name`; None when there is none of that name.

    Besides the names of `ANSWERS`: `ran:STEP` (a runbook's step was executed and succeeded; several with commas),
    `verified:STEP` (and it was verified), `review:SECTION` (a person wrote that part of the review).
    """
    kind, _, rest = name.partition(":")
    if not rest:
        return ANSWERS.get(name)
    if kind in ("ran", "verified"):
        return _ran(rest.split(","), checked=kind == "verified")
    if kind == "review" and rest in SECTIONS:
        return lambda state: state.reviews[rest][1] if rest in state.reviews else None
    return None
