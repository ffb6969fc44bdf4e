"""The clocks of an incident: what is due, when, and whether it was met. From record and policy alone.

When a clock runs:

- The clocks of an incident run from its declaration. After a reopening they run again, from the reopening: the time
  between was nobody's delay. What was done before (an acknowledgement, a call) stays done; the public page is told
  anew, and the resolution target counts anew.
- Of a change of severity the update, acknowledge and resolve clocks take the new targets from the same beginning; who
  is to be told or called in because of the severity is so from when it was set.
- Somebody is told when a page to him went out, when a message to an audience that reaches him was delivered, or when
  the role of that name was taken. Somebody is called in by what is for him: what an audience reads that he is one of
  calls nobody. An escalation that nobody made is no longer due while a mitigation is in place.
- All that wait stop when the incident is resolved, closed or merged into another.
- A snooze holds for the run in which it was given: an update that goes out, or a reopening, begins another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.audiences import reaches
from cockpit.incident.calendar import Calendar
from cockpit.incident.due import SOON, Due, Standing, ends, put_off
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import Page
from cockpit.incident.policies import (
    CUSTOMERS,
    Call,
    Flag,
    Level,
    Policy,
    Range,
    Target,
    key_of,
)
from cockpit.incident.state import Sent, State
from cockpit.incident.terms import Status

__all__ = ["Due", "Standing", "clocks", "next_update", "reached"]

_OVER = (Status.RESOLVED.value, Status.CLOSED.value)
_MITIGATED = (Status.MITIGATING, Status.MONITORING)


def clocks(state: State, policy: Policy | None) -> list[Due]:
    """All clocks of the incident: updates, acknowledge (or respond), resolve, then who is told, then escalations.

    None runs before the declaration. A clock whose target the policy does not give as a time, or that needs a severity
    when none is set, is not there. Names are stable, for snoozes: `update:AUDIENCE`, `ack`, `resolve`, `notify:WHO`,
    `escalate:WHO`, `ask:NUMBER`. Asks that nobody has answered run whatever the policy.
    """
    if state.declared is None:
        return []
    asked = [put_off(clock, state) for clock in _asked(state)]
    if policy is None:
        return [] if state.over or state.merged_into else asked
    level = policy.level(state.severity)
    run = _Run(state, policy.calendar, state.declared.at, _begun(state, state.declared.at))
    found = [*run.updates(policy, level)]
    if level is not None:
        found += [*run.acknowledge(level), *run.resolve(level)]
    told = run.calls("notify", "notify", (*(level.notify if level else ()), *policy.notify))
    called = run.calls("escalate", "escalate to", (*(level.escalate if level else ()), *policy.escalation))
    if state.status in _MITIGATED:
        called = (clock for clock in called if clock.done is not None)
    found += [*asked, *_one_each(told), *_one_each(called)]
    return [clock for clock in found if clock.done is not None] if state.over or state.merged_into else found


def next_update(state: State, policy: Policy | None, audience: str, now: datetime) -> datetime | None:
    """When an update sent at `now` promises the next one to `audience`; None when the policy names no cadence.

    A range promises its upper end: what is promised must be kept.
    """
    level = policy.level(state.severity) if policy else None
    if policy is None or level is None or state.over:
        return None
    found = ends(now, level.update.get(audience), policy.calendar)
    return found[1] if found else None


class _Run(Struct, frozen=True):
    """The clocks of one incident, which was declared at `declared` and runs since `begun`."""

    state: State
    calendar: Calendar
    declared: datetime
    begun: datetime

    def updates(self, policy: Policy, level: Level | None) -> Iterator[Due]:
        """The next update of each audience: the promised instant, or the cadence after the last one that went out.
        Without a cadence a promise alone makes a clock, until a message goes out that promises nothing more.

        Before the first, the public page is due `policy.first_update` after the beginning; other audiences after one
        cadence. A promise that a graver severity has overtaken gives way to the cadence.
        """
        cadences = level.update if level else {}
        for audience in dict.fromkeys((CUSTOMERS, *cadences, *_promised_to(self.state))):
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
            done = _told(self.state, call.key, flagged or self.declared, himself=prefix == "escalate")
            since = max(self._since(done), flagged or graded or self.declared)
            yield from self._clock(f"{prefix}:{call.key}", f"{verb} {call.who}", since, call.within, done)

    def _since(self, done: datetime | None) -> datetime:
        """When a clock began: with the run in which it was done, else with this one."""
        return self.declared if done is not None and done < self.begun else self.begun

    def _clock(
        self, name: str, title: str, since: datetime, target: Target | None, done: datetime | None = None
    ) -> Iterator[Due]:
        """The clock, if its target is a time; what was done before it began was done at once."""
        found = ends(since, target, self.calendar)
        if found is not None:
            clock = Due(name, title, since, *found, done=None if done is None else max(done, since))
            yield put_off(clock, self.state)

    def _sooner(self, since: datetime, promised: Range | None, cadence: Target | None) -> Target | None:
        """What was promised, or the cadence if that is due earlier."""
        if promised is None:
            return cadence
        regular = ends(since, cadence, self.calendar)
        return cadence if regular is not None and regular[1] < since + promised.upper else promised


def _asked(state: State) -> Iterator[Due]:
    """A clock for each ask that waits for its answer."""
    for ask in state.open_asks():
        if ask.due is not None:
            soon = ask.due - (ask.due - ask.opened.at) * SOON
            yield Due(f"ask:{ask.number}", f"{ask.label} {ask.handle}", ask.opened.at, soon, ask.due)


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


def _told(state: State, key: str, earliest: datetime, *, himself: bool) -> datetime | None:
    """When those whom `key` names first heard of it, at `earliest` or later; `himself`: not as one of an audience."""
    pages = [(page, fact) for page, fact in state.pages if key in map(key_of, (page.target, *page.handles))]
    paged = [at for at in (reached(state, page, fact) for page, fact in pages) if at is not None]
    messages = state.messages.values()
    heard = [each for each in messages if not himself or key_of(each.message.audience) == key]
    written = [each.delivered.at for each in heard if each.delivered and reaches(each.message.audience, key)]
    taken = [fact.at for role, holder, fact in state.role_history if holder and key_of(role.label) == key]
    return min((at for at in (*paged, *written, *taken) if at >= earliest), default=None)


def reached(state: State, page: Page, fact: Fact) -> datetime | None:
    """When a page went out: by hand as it was recorded, else when a channel took its message."""
    sent = state.messages.get(page.message)
    if sent is None:
        return fact.at
    return sent.delivered.at if sent.delivered else None


def _last_out(state: State, audience: str) -> tuple[datetime, Sent] | None:
    """The message to `audience` that went out last, however long before it was written; and when."""
    out = [
        (each.delivered.at, each.fact.at, number, each)
        for number, each in enumerate(state.messages.values())
        if each.delivered is not None and each.message.audience == audience
    ]
    last = max(out, key=lambda each: each[:3], default=None)
    return (last[0], last[3]) if last else None


def _promised_to(state: State) -> Iterator[str]:
    """The audiences that were promised another message, whether the policy has a cadence for them or not."""
    for sent in state.messages.values():
        if sent.message.next_update is not None:
            yield sent.message.audience


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
