"""The clocks of an incident: what is due, when, and whether it was met. From record and policy alone.

When a clock runs:

- The clocks of an incident run from its declaration. After a reopening they run again, from the reopening: the time
  between was nobody's delay. What was done before (an acknowledgement, a call) stays done; the public page is told
  anew, and the resolution target counts anew.
- Of a change of severity the update, acknowledge and resolve clocks take the new targets from the same beginning; who
  is to be told or called in because of the severity is so from when it was set.
- Somebody is told when he was paged, when a message to the audience of that name was delivered, or when the role of
  that name was taken. An escalation that nobody made is no longer due while a mitigation is in place.
- All that wait stop when the incident is resolved, closed or merged into another.
- A snooze holds for the run in which it was given: an update that goes out, or a reopening, begins another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from cockpit.incident.calendar import Calendar
from cockpit.incident.policies import (
    CUSTOMERS,
    Call,
    Flag,
    Level,
    NextBusinessDay,
    Policy,
    Range,
    Target,
    Words,
    key_of,
)
from cockpit.incident.state import Sent, State
from cockpit.incident.terms import Role, Status

Standing = Literal["running", "due soon", "overdue", "met", "missed"]

SOON = 0.2
"""A plain target is due soon when less than this part of it is left."""
AT_ONCE = timedelta(minutes=5)
"""What is due immediately is due soon from the start and overdue after this: "Immediate (within 5 minutes)"
(production-incident-response-plan.md:24)."""
_OVER = (Status.RESOLVED.value, Status.CLOSED.value)
_MITIGATED = (Status.MITIGATING, Status.MONITORING)


@dataclass(frozen=True, slots=True)
class Due:
    """One clock. `due` is when it is overdue, `done` when what it waited for happened.

    `snoozed_until` and `why` are set when somebody put it off; `due` is then where it was put.
    """

    name: str
    title: str
    since: datetime
    soon: datetime
    due: datetime
    done: datetime | None = None
    snoozed_until: datetime | None = None
    why: str = ""

    def standing(self, now: datetime) -> Standing:
        """Where the clock stands at `now`."""
        if self.done is not None:
            return "met" if self.done <= self.due else "missed"
        if now >= self.due:
            return "overdue"
        return "due soon" if now >= self.soon else "running"

    def left(self, now: datetime) -> timedelta:
        """What is left at `now`; negative when overdue."""
        return self.due - now

    def snoozed(self, now: datetime) -> bool:
        """Whether it is put off at `now`, and nobody needs to be reminded."""
        return self.done is None and self.snoozed_until is not None and now < self.snoozed_until


def clocks(state: State, policy: Policy | None) -> list[Due]:
    """All clocks of the incident: updates, acknowledge (or respond), resolve, then who is told, then escalations.

    None runs before the declaration. A clock whose target the policy does not give as a time, or that needs a severity
    when none is set, is not there. Names are stable, for snoozes: `update:AUDIENCE`, `ack`, `resolve`, `notify:WHO`,
    `escalate:WHO`, `ask:NUMBER`. Asks that nobody has answered run whatever the policy.
    """
    if state.declared is None:
        return []
    if policy is None:
        return [] if state.over or state.merged_into else _asked(state)
    level = policy.level(state.severity)
    run = _Run(state, policy.calendar, state.declared.at, _begun(state, state.declared.at))
    found = [*run.updates(policy, level)]
    if level is not None:
        found += [*run.acknowledge(level), *run.resolve(level)]
    told = run.calls("notify", "notify", (*(level.notify if level else ()), *policy.notify))
    called = run.calls("escalate", "escalate to", (*(level.escalate if level else ()), *policy.escalation))
    if state.status in _MITIGATED:
        called = (clock for clock in called if clock.done is not None)
    found += [*_asked(state), *_one_each(told), *_one_each(called)]
    return [clock for clock in found if clock.done is not None] if state.over or state.merged_into else found


def next_update(state: State, policy: Policy | None, audience: str, now: datetime) -> datetime | None:
    """When an update sent at `now` promises the next one to `audience`; None when the policy names no cadence.

    A range promises its upper end: what is promised must be kept.
    """
    level = policy.level(state.severity) if policy else None
    if policy is None or level is None or state.over:
        return None
    ends = _ends(now, level.update.get(audience), policy.calendar)
    return ends[1] if ends else None


@dataclass(frozen=True, slots=True)
class _Run:
    """The clocks of one incident, which was declared at `declared` and runs since `begun`."""

    state: State
    calendar: Calendar
    declared: datetime
    begun: datetime

    def updates(self, policy: Policy, level: Level | None) -> Iterator[Due]:
        """The next update of each audience: the promised instant, or the cadence after the last one that went out.

        Before the first, the public page is due `policy.first_update` after the beginning; other audiences after one
        cadence. A promise that a graver severity has overtaken gives way to the cadence.
        """
        cadences = level.update if level else {}
        for audience in dict.fromkeys((CUSTOMERS, *cadences)):
            target, since, last = cadences.get(audience), self.begun, _last_out(self.state, audience)
            if last is None or last[0] < self.begun:
                target = _plain(policy.first_update) if audience == CUSTOMERS else target
            else:
                since = last[0]
                target = self._sooner(since, _promised(last[1], since), target)
            title = "page" if audience == CUSTOMERS else audience
            yield from self._clock(f"update:{audience}", title, since, target)

    def acknowledge(self, level: Level) -> Iterator[Due]:
        """That somebody takes it; where the policy has a response time only, that is the target."""
        taken = self.state.acknowledged
        title = "acknowledge" if level.acknowledge else "respond"
        done = taken.at if taken else None
        yield from self._clock("ack", title, self._since(done), level.acknowledge or level.respond, done)

    def resolve(self, level: Level) -> Iterator[Due]:
        """That it is over. Merging a duplicate resolves nothing."""
        over = self.state.over and not self.state.merged_into
        ended = self.state.resolved or (self.state.closed if over else None)
        yield from self._clock("resolve", "resolve", self.begun, level.resolve, ended.at if ended else None)

    def calls(self, prefix: str, verb: str, calls: Iterable[Call]) -> Iterator[Due]:
        """Who is to be told or called in, as far as the record says that the condition holds."""
        graded = _graded(self.state)
        for call in calls:
            flagged = _flagged(self.state, call.flag) if call.flag else None
            if (flagged is None) if call.flag else call.when:
                continue
            done = _told(self.state, call.key, flagged or self.declared)
            since = max(self._since(done), flagged or graded or self.declared)
            yield from self._clock(f"{prefix}:{call.key}", f"{verb} {call.who}", since, call.within, done)

    def _since(self, done: datetime | None) -> datetime:
        """When a clock began: with the run in which it was done, else with this one."""
        return self.declared if done is not None and done < self.begun else self.begun

    def _clock(
        self, name: str, title: str, since: datetime, target: Target | None, done: datetime | None = None
    ) -> Iterator[Due]:
        """The clock, if its target is a time; what was done before it began was done at once."""
        ends = _ends(since, target, self.calendar)
        if ends is not None:
            clock = Due(name, title, since, *ends, done=None if done is None else max(done, since))
            yield self._put_off(clock)

    def _put_off(self, clock: Due) -> Due:
        """The clock as a snooze of this run has put it off; never to an earlier instant."""
        snooze, said = self.state.snoozes.get(clock.name, (None, None))
        if snooze is None or said is None or said.at < clock.since or snooze.until <= max(clock.due, said.at):
            return clock
        if clock.done is not None and clock.done < said.at:
            return clock
        soon = max(clock.soon, snooze.until - (snooze.until - said.at) * SOON)
        return replace(clock, soon=soon, due=snooze.until, snoozed_until=snooze.until, why=snooze.why)

    def _sooner(self, since: datetime, promised: Range | None, cadence: Target | None) -> Target | None:
        """What was promised, or the cadence if that is due earlier."""
        if promised is None:
            return cadence
        ends = _ends(since, cadence, self.calendar)
        return cadence if ends is not None and ends[1] < since + promised.upper else promised


def _asked(state: State) -> list[Due]:
    """A clock for each ask that waits for its answer."""
    found = []
    for ask in state.open_asks():
        if ask.due is not None:
            since, soon = ask.opened.at, ask.due - (ask.due - ask.opened.at) * SOON
            found.append(Due(f"ask:{ask.number}", f"{ask.label} {ask.handle}", since, soon, ask.due))
    return found


def _ends(since: datetime, target: Target | None, calendar: Calendar) -> tuple[datetime, datetime] | None:
    """When a target that runs from `since` is due soon, and when it is overdue; None for what is no time."""
    if target is None or isinstance(target, Words):
        return None
    if isinstance(target, NextBusinessDay):
        opening = calendar.next_business_day(since)
        return opening, calendar.closing(opening)
    if target.at_once:
        return since, since + AT_ONCE
    soon = target.lower if target.lower < target.upper else target.upper * (1 - SOON)
    return since + soon, since + target.upper


def _begun(state: State, declared: datetime) -> datetime:
    """When the incident began to run: the declaration, or the last reopening."""
    begun, over = declared, False
    for said in state.statuses:
        ended = said.value in _OVER
        if over and not ended:
            begun = max(begun, said.fact.at)
        over = ended
    return begun


def _graded(state: State) -> datetime | None:
    """Since when the severity is what it is, however often it was set to the same."""
    since = None
    for said in reversed(state.severities):
        if said.value != state.severity:
            break
        since = said.fact.at
    return since


def _flagged(state: State, flag: Flag) -> datetime | None:
    """Since when the impact is said to be one of `flag`; None while nobody says so."""
    since = None
    for impact, fact in reversed(state.impacts):
        said: bool | None = getattr(impact, flag)
        if said is False:
            break
        since = fact.at if said else since
    return since


def _told(state: State, key: str, earliest: datetime) -> datetime | None:
    """When those whom `key` names first heard of it, at `earliest` or later."""
    paged = [fact.at for page, fact in state.pages if key in map(key_of, (page.target, *page.handles))]
    messages = state.messages.values()
    written = [each.delivered.at for each in messages if each.delivered and key_of(each.message.audience) == key]
    roles = [role for role in Role if key_of(role.label) == key]
    taken = [fact.at for role, holder, fact in state.role_history if holder and role in roles]
    return min((at for at in (*paged, *written, *taken) if at >= earliest), default=None)


def _last_out(state: State, audience: str) -> tuple[datetime, Sent] | None:
    """The message to `audience` that went out last, however long before it was written; and when."""
    out = [
        (each.delivered.at, each.fact.at, number, each)
        for number, each in enumerate(state.messages.values())
        if each.delivered is not None and each.message.audience == audience
    ]
    last = max(out, key=lambda each: each[:3], default=None)
    return (last[0], last[3]) if last else None


def _promised(sent: Sent, delivered: datetime) -> Range | None:
    """How long after its delivery the message promises the next one.

    One that went out after the instant that it promised promises as much time as it did when it was written.
    """
    promise = sent.message.next_update
    if promise is None:
        return None
    span = promise - delivered if promise > delivered else promise - sent.fact.at
    return _plain(span) if span > timedelta(0) else None


def _plain(span: timedelta) -> Range:
    return Range(span, span)


def _one_each(found: Iterable[Due]) -> list[Due]:
    """One clock of each name: of several the one that waits, then the one that is due first."""
    best: dict[str, Due] = {}
    for clock in found:
        known = best.setdefault(clock.name, clock)
        if (clock.done is not None, clock.due) < (known.done is not None, known.due):
            best[clock.name] = clock
    return list(best.values())
