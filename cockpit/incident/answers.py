"""Which fact of the record answers a checklist item: by a closed set of names that a list's YAML uses.

A wrong tick is worse than none: each answer looks for the deed itself, not for something that makes it likely, and is
gone when the deed no longer holds. Where several facts make one answer, the one that completed it is given.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from cockpit.incident import kinds
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import SECTIONS
from cockpit.incident.policies import CUSTOMERS, INTERNAL
from cockpit.incident.state import Run, Sent, State
from cockpit.incident.terms import Role

Answer = Callable[[State], Fact | None]
"""Gives the fact that answers an item, or nothing while there is none."""

_ALARMS = ("warning", "breach")
_STEP = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")


def _first(facts: Iterable[Fact | None]) -> Fact | None:
    return min((fact for fact in facts if fact is not None), key=lambda fact: fact.at, default=None)


def _all(facts: Iterable[Fact | None]) -> Fact | None:
    """The last of facts that must all be there; of those of one moment the one that is named last."""
    every = list(facts)
    known = [fact for fact in every if fact is not None]
    return max(reversed(known), key=lambda fact: fact.at) if known and len(known) == len(every) else None


def _graded(state: State) -> Fact | None:
    return _all([state.declared, state.severities[0].fact if state.severities else None])


def _regraded(state: State) -> Fact | None:
    """The severity became another one after the declaration."""
    said = state.severities
    return next((now.fact for before, now in pairwise(said) if now.value != before.value), None)


def _grade_explained(state: State) -> Fact | None:
    """The severity that stands was given with a reason."""
    return state.severities[-1].fact if state.severities and state.severities[-1].text else None


def _held(*roles: Role) -> Answer:
    """All of `roles` are held now; by the entry that filled the last of them."""

    def answer(state: State) -> Fact | None:
        taken = {role: fact for role, handle, fact in state.role_history if handle and state.roles.get(role) == handle}
        return _all(taken.get(role) for role in roles)

    return answer


def _paged(state: State) -> Fact | None:
    """Somebody was paged, and the last page of each went out: by hand as it was recorded, else by its message."""
    last = {page.target: (page, fact) for page, fact in state.pages}
    return _all(_went_out(state, page, fact) for page, fact in last.values())


def _went_out(state: State, page: kinds.Page, fact: Fact) -> Fact | None:
    sent = state.messages.get(page.message)
    return fact if sent is None else sent.delivered


def _delivered(state: State, *audiences: str) -> Iterator[tuple[Sent, Fact]]:
    """The messages to `audiences` that some channel took, in the order in which they went out."""
    told = [(each, each.delivered) for each in state.messages.values() if each.message.audience in audiences]
    out = [(each, fact) for each, fact in told if fact is not None]
    yield from sorted(out, key=lambda pair: pair[1].at)


def _told(audience: str, *, again: bool = False) -> Answer:
    """`audience` was told that something is wrong; `again`: and how it went on."""

    def answer(state: State) -> Fact | None:
        told = [fact for each, fact in _delivered(state, audience) if not _says_resolved(each)]
        return told[int(again)] if len(told) > int(again) else None

    return answer


def _resolution_told(*audiences: str) -> Answer:
    """One of `audiences` was told of the resolution that stands, by a message that was written after it."""

    def answer(state: State) -> Fact | None:
        end = state.resolved
        told = ((each, fact) for each, fact in _delivered(state, *audiences) if _says_resolved(each))
        return _first(fact for each, fact in told if end is not None and each.fact.at >= end.at)

    return answer


def _did(deed: str, since: Callable[[State], Fact | None]) -> Answer:
    """A message with `deed` was taken, which was written at the fact of `since` or after it."""

    def answer(state: State) -> Fact | None:
        after = since(state)
        done = [each for each in state.messages.values() if each.message.deed == deed and each.delivered is not None]
        return _first(each.delivered for each in done if after is not None and each.fact.at >= after.at)

    return answer


def _says_resolved(sent: Sent) -> bool:
    return "resolved" in sent.message.status.casefold()


def _items_assigned(state: State) -> Fact | None:
    """There are action items, and each has an owner and a day."""
    items = [item for item in state.action_items.values() if item.state != "dropped"]
    return _all(item.changed if item.owner and item.due else None for item in items)


def _items_done(state: State) -> Fact | None:
    """There are action items, and each that was not dropped is done."""
    items = [item for item in state.action_items.values() if item.state != "dropped"]
    return _all(item.settled if item.state == "done" else None for item in items)


def _mitigated(state: State) -> Fact | None:
    """Something was done against the impact: said in words, or executed, and not found to have failed since."""
    runs = (run for run in state.runs.values() if run.intent.mitigates and run.outcome == "succeeded")
    stand = (run for run in runs if not run.undone_by and not (run.verified and run.verified.verdict == "failed"))
    return _first([*(run.ended for run in stand), *(fact for _, fact in state.mitigations)])


def _alarming(state: State) -> bool:
    """Whether the last word of any signal was that something is not well."""
    crossed = any(each.state in _ALARMS for each, _ in state.thresholds.values())
    failing = any(each.state == "failing" for each, _ in state.endpoints.values())
    return crossed or failing or bool(state.unready) or (state.pods is not None and state.pods[0].state == "crashing")


def _restored(state: State) -> Fact | None:
    """It was resolved, no signal contradicts it, and no service is left that was said to be affected."""
    left = any(each.state == "affected" for each, _ in state.affected.values())
    return None if left or _alarming(state) else state.resolved


def _verified(state: State) -> Fact | None:
    """A change that stands was verified, or all thresholds came back after the mitigation; and nothing was amiss
    since."""
    if _alarming(state):
        return None
    returns = [fact.at for crossed, fact in state.thresholds.values() if crossed.before in _ALARMS]
    checked = [_checked(run) for run in state.runs.values() if run.changes]
    since = [fact for fact in checked if fact is not None and all(fact.at >= at for at in returns)]
    return _first([*since, _came_back(state)])


def _checked(run: Run) -> Fact | None:
    """When a run that nobody has taken back was verified."""
    verified = run.verified is not None and run.verified.verdict == "verified" and not run.undone_by
    return run.checked if verified else None


def _came_back(state: State) -> Fact | None:
    """The last threshold's return after the mitigation, when every one that ever crossed is ok."""
    if state.mitigated is None or any(crossed.state != "ok" for crossed, _ in state.thresholds.values()):
        return None
    since = state.mitigated.at
    back = [fact for crossed, fact in state.thresholds.values() if crossed.before in _ALARMS and fact.at > since]
    return max(back, key=lambda fact: fact.at, default=None)


def _log_read(state: State) -> Fact | None:
    """A pod's log was read."""
    return _first(run.ended for run in state.runs.values() if run.outcome == "succeeded" and _reads_log(run))


def _reads_log(run: Run) -> bool:
    if "logs" not in run.intent.command:  # hundreds of runs are looked at whenever a checklist is drawn
        return False
    try:
        return "logs" in shlex.split(run.intent.command)
    except ValueError:  # another writer's command, with a quote that nobody closed
        return False


ANSWERS: dict[str, Answer] = {
    "acknowledged": lambda state: state.acknowledged,
    "declared": lambda state: state.declared,
    "declared-with-severity": _graded,
    "severity-changed": _regraded,
    "severity-explained": _grade_explained,
    "commander-assigned": _held(Role.IC),
    "roles-assigned": _held(Role.COMMS, Role.OPS, Role.SCRIBE),
    "paged": _paged,
    "affected": lambda state: _first(fact for _, fact in state.affected.values()),
    "impact": lambda state: _first(fact for said, fact in state.impacts if said.who or said.how_many),
    "impact-since": lambda state: _first(fact for said, fact in state.impacts if said.since),
    "impact-trend": lambda state: _first(fact for said, fact in state.impacts if said.trend),
    "log-read": _log_read,
    "hypothesis": lambda state: _first(each.opened for each in state.hypotheses.values()),
    "cause-confirmed": lambda state: _first(
        each.settled for each in state.hypotheses.values() if each.state == "confirmed"
    ),
    "decision": lambda state: _first(fact for _, fact in state.decisions),
    "mitigated": _mitigated,
    "verified": _verified,
    "channel-opened": _did("open", lambda state: state.declared),
    "channel-archived": _did("archive", lambda state: state.closed),
    "post-mortem-scheduled": _did("meeting", lambda state: state.resolved),
    "told-internal": _told(INTERNAL),
    "told-customers": _told(CUSTOMERS),
    "told-customers-again": _told(CUSTOMERS, again=True),
    "resolved": lambda state: state.resolved,
    "restored": _restored,
    "resolution-told": _resolution_told(INTERNAL, CUSTOMERS),
    "resolution-told-customers": _resolution_told(CUSTOMERS),
    "closed": lambda state: state.closed,
    "handed-over": lambda state: _first(each.settled for each in state.handovers.values() if each.state == "accepted"),
    "action-items-assigned": _items_assigned,
    "action-items-done": _items_done,
}
"""Every answer by its name."""


def answer_of(name: str) -> Answer | None:
    """The answer called `name`; None when there is none of that name.

    Besides the names of `ANSWERS`: `ran:STEP` (a runbook's step was executed and succeeded; any one of several with
    commas), `verified:STEP` (and what it changed was verified), `review:SECTION` (a person wrote that part of the
    review; all of several with commas).
    """
    kind, _, rest = name.partition(":")
    names = rest.split(",")
    if not rest:
        return ANSWERS.get(name)
    if kind in ("ran", "verified") and all(_STEP.fullmatch(each) for each in names):
        return _ran(frozenset(names), checked=kind == "verified")
    if kind == "review" and set(names) <= set(SECTIONS):
        return lambda state: _all(state.reviews[each][1] if each in state.reviews else None for each in names)
    return None


def steps_of(name: str) -> tuple[str, ...]:
    """The runbook's steps that the answer called `name` looks for; empty for all others."""
    kind, _, rest = name.partition(":")
    return tuple(rest.split(",")) if rest and kind in ("ran", "verified") else ()


def _ran(steps: frozenset[str], *, checked: bool) -> Answer:
    def fact(run: Run) -> Fact | None:
        if run.intent.step not in steps or run.outcome != "succeeded" or run.undone_by:
            return None
        return _checked(run) if checked else run.ended

    def by_hand(state: State) -> list[Fact | None]:
        return [said for id, (_, said) in state.steps_done.items() if id in steps and not checked]

    return lambda state: _first((*map(fact, state.runs.values()), *by_hand(state)))
