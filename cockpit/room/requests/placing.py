"""When something can have happened: not in the future, and not before what must have come first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import Said, State
from cockpit.incident.terms import Status
from cockpit.incident.times import echo
from cockpit.room.requests.desk import Desk, Refusal

Limit = tuple[str, datetime]
"""What came first, and when."""

_OF_THE_RESPONSE = (kinds.StatusChange, kinds.Severity, kinds.Closed, kinds.Reopened)
"""What there is only since somebody declared the incident."""
_ENDS = (kinds.Closed, kinds.Reopened)


def placed(payload: kinds.Payload, at: datetime | None, state: State, desk: Desk) -> Draft:
    """The entry to be that says `payload`, occurred at `at` or now; raises Refusal where it cannot have been then."""
    if at is not None:
        must_be_plausible(payload, at, state, desk.now)
    return desk.draft(payload, at=at)


def must_be_plausible(payload: kinds.Payload, at: datetime, state: State, now: datetime, *, instead: str = "") -> None:
    """Raises Refusal where what `payload` says cannot have happened at `at`.

    Args:
        instead: the id of the entry that it takes the place of, which so is no reason against it.
    """
    if at > now + timedelta(seconds=1):  # a clock is read twice on the way here
        raise Refusal(f"{echo(at)} is in the future; an entry says what has happened")
    for what, first in (*_before(payload, state, instead), *_opened(payload, state, instead)):
        if at < first:
            raise Refusal(f"{echo(at)} is before {what} ({echo(first)}); give a later time, or `amend` that one first")
    for what, next in _after(payload, state, instead):
        if at > next:
            raise Refusal(f"{echo(at)} is after {what} ({echo(next)}); give an earlier time: --at WHEN")


def _before(payload: kinds.Payload, state: State, instead: str) -> Iterator[Limit]:
    """What must have come before `payload`."""
    if isinstance(payload, kinds.Acknowledged | kinds.Mitigation) and state.detected:
        yield "it was detected", state.detected.at
    if isinstance(payload, _OF_THE_RESPONSE) and state.declared:
        yield "it was declared", state.declared.at
    resolves = isinstance(payload, kinds.StatusChange) and payload.status is Status.RESOLVED
    if resolves or isinstance(payload, _ENDS):
        # What ends the incident ends nothing when another status comes after it.
        others = [said for said in state.statuses if said.fact.entry != instead]
        if others:
            yield f"its status became {others[-1].value}", others[-1].fact.at


def _opened(payload: kinds.Payload, state: State, instead: str) -> Iterator[Limit]:
    """What is settled was opened before, and what is settled again was settled before."""
    asked = state.asks.get(payload.ask) if isinstance(payload, kinds.Ask) else None
    if asked is not None and asked.opened.entry != instead:
        yield "it was asked", asked.opened.at
    known = state.hypotheses.get(payload.hypothesis) if isinstance(payload, kinds.Hypothesis) else None
    if known is None or known.opened.entry == instead:
        return
    yield "it was opened", known.opened.at
    if known.settled is not None and known.settled.entry != instead:
        yield f"it was {known.state}", known.settled.at


def _after(payload: kinds.Payload, state: State, instead: str) -> Iterator[Limit]:
    """What must have come after `payload`."""
    if isinstance(payload, kinds.Detected) and state.declared:
        yield "the declaration: it was noticed before", state.declared.at
    asked = state.asks.get(payload.ask) if isinstance(payload, kinds.Ask) else None
    if asked is not None and asked.settled and asked.settled.entry != instead:
        yield f"it was {asked.state}", asked.settled.at
    known = state.hypotheses.get(payload.hypothesis) if isinstance(payload, kinds.Hypothesis) else None
    if known is not None and known.opened.entry == instead and known.settled:
        yield f"it was {known.state}", known.settled.at


def standing_at(history: tuple[Said, ...], at: datetime | None) -> str | None:
    """What a history said at `at`, or says now; None where it had not begun."""
    said = [step.value for step in history if at is None or step.fact.at <= at]
    return said[-1] if said else None
