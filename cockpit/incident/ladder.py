"""The escalation ladder: who is called in after whom, when each was, and who is next when nobody acknowledged in time.

The rungs are those that the policy calls whatever the severity, in its order; then those of the severity alone; at the
end those whose condition only people can judge, which are never next by themselves. Somebody is on a rung since a page
to him went out, or was noted to be made by hand. The next is due when the incident is not acknowledged within the time
that the severity allows for it, counted anew from each rung.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.clocks import reached
from cockpit.incident.due import AT_ONCE, ends
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import Page
from cockpit.incident.policies import Call, Level, Policy, Range, key_of
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.times import span, time_of_day
from cockpit.values import replace

_QUIET = (Status.MITIGATING, Status.MONITORING, Status.RESOLVED, Status.CLOSED)


class Rung(Struct, frozen=True):
    """Somebody on the ladder.

    Attributes:
        call: who it is by the policy, with its condition, its way and its lines.
        target: what `page` is told to reach him: a target of the configuration, else the policy's own word for him.
        page: the last page to him, with the fact of it; None when he was not paged.
        reached: when that page went out; None while no channel has taken it.
        by: when the policy wants him called at the latest, where it says so as a time and without a condition.
    """

    call: Call
    target: str
    page: tuple[Page, Fact] | None = None
    reached: datetime | None = None
    by: datetime | None = None


class Ladder(Struct, frozen=True):
    """The rungs in their order, and how long the last of them has been waited for.

    Attributes:
        since: when the last rung was reached, else when the incident was declared.
        last: who was reached last; empty where nobody was.
        within: how long is waited for an acknowledgement before the next one is due.
        waiting: whether nobody has acknowledged, and nothing else makes the next one needless.
        next: who is next: the first that was not paged; None at the ladder's end.
    """

    rungs: tuple[Rung, ...]
    since: datetime
    last: str
    within: timedelta
    waiting: bool
    next: Rung | None

    def due(self, now: datetime) -> bool:
        """Whether the next one is due at `now`, because nobody acknowledged in time."""
        return self.waiting and self.next is not None and now - self.since >= self.within

    def words(self, state: State, now: datetime) -> str:
        """How long the last rung has been waited for at `now`, and what follows from that, in one sentence."""
        if state.acknowledged is not None:
            return f"acknowledged by {state.acknowledged.actor} at {time_of_day(state.acknowledged.at)}Z"
        if not self.waiting:
            return f"nobody acknowledged it, and it is {state.status.value}: nobody is due to be called"
        waited, allowed = span((now - self.since).total_seconds()), span(self.within.total_seconds())
        since = f"{self.last} was paged {waited} ago" if self.last else f"declared {waited} ago, nobody was paged"
        then = f"{self.next.call.who} is next" if self.next else "everybody on the ladder was paged"
        if self.due(now):
            return f"{since}, and nobody acknowledged within {allowed}: {then}"
        return f"{since}; {then}, if nobody acknowledges within {allowed}" if self.next else f"{since}; {then}"


def fallen(state: State, page: Page) -> str:
    """` only by paper`: that a page went out by a later channel, the ones before it having failed; else empty.

    Whoever is to be woken by a pager may not look at that: it must not read as a page like any other.
    """
    sent = state.messages.get(page.message)
    return f" only by {sent.fallen_to}" if sent is not None and sent.fallen_to else ""


def ladder(state: State, policy: Policy | None, targets: Mapping[str, Sequence[str]]) -> Ladder | None:
    """The ladder of an incident; None before its declaration, and where the policy has none.

    Args:
        targets: the configuration's targets, each with its handles: whom `page` reaches.
    """
    if state.declared is None or policy is None:
        return None
    rungs = tuple(_rung(call, state, policy, targets) for call in _calls(policy, policy.level(state.severity)))
    if not rungs:
        return None
    since, last = max(
        ((rung.reached, rung.call.who) for rung in rungs if rung.reached is not None), default=(state.declared.at, "")
    )
    return Ladder(
        rungs,
        since=since,
        last=last,
        within=_patience(policy.level(state.severity)),
        waiting=state.acknowledged is None and state.status not in _QUIET and not state.merged_into,
        next=next((rung for rung in rungs if rung.page is None and not rung.call.when), None),
    )


def _calls(policy: Policy, level: Level | None) -> list[Call]:
    """Everybody once, under the first name that he has: with the severity's time where that has one."""
    graded = {call.key: call for call in (level.escalate if level else ())}
    found: dict[str, Call] = {}
    for call in (*policy.escalation, *graded.values()):
        if call.key in graded and call.within is None:
            call = replace(call, within=graded[call.key].within)
        found.setdefault(call.key, call)
    return sorted(found.values(), key=lambda call: bool(call.when))


def _rung(call: Call, state: State, policy: Policy, targets: Mapping[str, Sequence[str]]) -> Rung:
    pages = [(page, fact) for page, fact in state.pages if call.key in _keys((page.target, *page.handles))]
    page = max(pages, key=lambda each: each[1].at, default=None)
    times = [at for at in (reached(state, *each) for each in pages) if at is not None]
    assert state.declared is not None
    by = ends(state.declared.at, call.within, policy.calendar)
    return Rung(call, _target(call, targets), page, max(times, default=None), by[1] if by and not call.when else None)


def _target(call: Call, targets: Mapping[str, Sequence[str]]) -> str:
    """The configuration's target that is called as the policy calls him, or has him among its handles."""
    return next((name for name, handles in targets.items() if call.key in _keys((name, *handles))), call.who)


def _keys(names: Iterable[str]) -> Iterator[str]:
    return map(key_of, names)


def _patience(level: Level | None) -> timedelta:
    """The severity's time to acknowledge, else to respond; five minutes where it gives neither as a time:
    "Confirm alert received within 5 minutes for P0/P1" (production-incident-response-plan.md:79)."""
    for target in (level.acknowledge, level.respond) if level else ():
        if isinstance(target, Range) and not target.at_once:
            return target.upper
    return AT_ONCE
