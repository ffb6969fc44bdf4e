"""A silence in an Alertmanager: the preview is which alerts it covers now; it ends by itself, or is expired."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Live
from cockpit.action.model import Never, Outcome, Plan, Situation, Verdict
from cockpit.action.ports import Firing, Silencer, SilencerError
from cockpit.incident.ids import new_id
from cockpit.incident.times import lasting
from cockpit.runbook.actions import LONGEST_SILENCE
from cockpit.runbook.matchers import Matcher
from cockpit.values import replace

_LISTED = 20
"""Covered alerts that a preview names."""
_LOOK_EVERY = 1.0
VERB = "silence"
"""What a run's prior state says of itself when it was one."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Silences the alerts that fit all `matchers` for `seconds`, a day at most.

    Args:
        matchers: what was asked for; the labels by which the service's alerts are known are added.
        why: what stands at the silence.
        silencer: the Alertmanager.
    """

    matchers: tuple[Matcher, ...]
    seconds: float
    why: str
    silencer: Silencer
    heading: Heading = field(default_factory=lambda: Heading("Silence"))

    needs_cluster = False

    async def prepare(self, access: object, situation: Situation) -> Plan:
        """Ask which alerts it would cover; what stands against it is a refusal."""
        where, run = self.silencer, new_id()
        matchers = tuple(dict.fromkeys((*where.match, *self.matchers)))
        begins = where.clock.now()
        ends = begins + timedelta(seconds=min(self.seconds, LONGEST_SILENCE))
        said = ": ".join(filter(None, (where.label, self.why or self.heading.title)))
        comment = f"{said} ({mark(run)})"
        plan = Plan(
            run=run,
            title=self.heading.title,
            risk=self.heading.risk or "changing",
            command=_command(where, matchers, self.seconds, comment),
            execution=Never(),
            step=self.heading.step,
            request=f"POST {where.url}/api/v2/silences",
            server=where.url,
            object=f"alerts/{' '.join(map(str, self.matchers))}",
            after=f"silenced until {ends:%H:%M}Z",
            undo="expire the silence",
            prior={"verb": VERB, "alertmanager": where.name, "ends": ends.isoformat()},
            checks=("rollout-complete",),
            verify_timeout=30.0,
        )
        if refusals := self._refusals(situation, matchers):
            return replace(plan, refusals=refusals)
        try:
            covered = await where.covered(matchers)
        except SilencerError as error:
            return replace(plan, refusals=(str(error),))
        return replace(
            plan,
            execution=Silencing(where, matchers, begins, ends, comment, mark(run)),
            before=f"{_alerts(sum(each.loud for each in covered))} telling somebody",
            change=(*map(str, matchers), *_lines(covered)),
            warnings=_warnings(covered),
        )

    def _refusals(self, situation: Situation, matchers: Sequence[Matcher]) -> tuple[str, ...]:
        found = [not_here(self.silencer, situation)]
        if self.seconds > LONGEST_SILENCE:
            found.append(f"it would last {lasting(self.seconds)}, and a silence may last a day at most")
        if self.seconds < 1:
            found.append("it would end at once; give it minutes or hours")
        if all(each.everything for each in matchers):
            found.append("its matchers fit every alert there is; name one that an alert must have")
        return tuple(filter(None, found))


@dataclass(frozen=True, slots=True)
class Silencing:
    """A previewed silence, made once. What was sent and not answered is looked for by its mark."""

    silencer: Silencer
    matchers: tuple[Matcher, ...]
    begins: datetime
    ends: datetime
    comment: str
    mark: str

    async def run(self, live: Live) -> Outcome:
        """Make it."""
        live.sent = True
        try:
            id = await self.silencer.make(self.matchers, self.begins, self.ends, self.comment)
        except SilencerError as error:
            if not error.sent:
                live.sent = False
                return Outcome("failed", 1, str(error))
            live.say(f"{error}; finding out what became of it")
            found = await self.settle(live)
            return Outcome(found.outcome, found.exit, "; ".join(filter(None, (str(error), found.error))))
        await live.write([f"silence {id} until {self.ends:%Y-%m-%d %H:%M:%S}Z"])
        return Outcome("succeeded", 0)

    async def settle(self, live: Live) -> Outcome:
        """Whether it is there, by its mark."""
        try:
            found = await self.silencer.marked(self.mark)
        except SilencerError as error:
            return Outcome("unknown", None, f"whether the silence was made is not known: {error}")
        if found is None:
            return Outcome("failed", 1, "there is no such silence")
        await live.write([f"silence {found.id} until {found.ends:%Y-%m-%d %H:%M:%S}Z"])
        return Outcome("succeeded", 0, "it is there")

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """It is active, and what it covers tells nobody."""
        deadline = live.clock.monotonic() + timeout
        while True:
            try:
                found = await self.silencer.marked(self.mark)
                loud = [each for each in await self.silencer.covered(self.matchers) if each.loud]
            except SilencerError as error:
                if live.clock.monotonic() >= deadline:
                    return Verdict("unknown", (str(error),))
            else:
                if found is None or found.state == "expired":
                    return Verdict("failed", ("the silence is not there",))
                if found.state == "active" and not loud:
                    return Verdict("verified", (f"active until {found.ends:%H:%M}Z, what it covers tells nobody",))
                if live.clock.monotonic() >= deadline:
                    return Verdict("failed", (f"it is {found.state}, and {_alerts(len(loud))} still tell somebody",))
            live.say("waits for the silence to take hold")
            await live.clock.sleep(_LOOK_EVERY)


@dataclass(frozen=True, slots=True)
class Expire:
    """Ends the silence that `run` made.

    Args:
        run: the id of the run.
        silencer: the Alertmanager that it was made in.
    """

    run: str
    silencer: Silencer
    heading: Heading = field(default_factory=lambda: Heading("Expire the silence"))

    needs_cluster = False

    async def prepare(self, access: object, situation: Situation) -> Plan:
        """Look for the silence; one that ended by itself needs nothing."""
        where = self.silencer
        plan = Plan(
            run=new_id(),
            title=self.heading.title,
            risk="changing",
            command=f"{_amtool(where)} silence expire …",
            execution=Never(),
            step=self.heading.step,
            server=where.url,
            object=f"silence/{mark(self.run)}",
            after="expired",
            undo_of=self.run,
            checks=("rollout-complete",),
            verify_timeout=30.0,
        )
        if refusal := not_here(where, situation):
            return replace(plan, refusals=(refusal,))
        try:
            found = await where.marked(mark(self.run))
            loud = await where.silenced_by(found.id) if found else []
        except SilencerError as error:
            return replace(plan, refusals=(str(error),))
        if found is None:
            return replace(plan, refusals=(f"{where.name} does not know the silence any more: it has ended",))
        if found.state == "expired":
            return replace(plan, refusals=(f"the silence ended at {found.ends:%H:%M}Z by itself",))
        return replace(
            plan,
            execution=Expiring(where, found.id, mark(self.run)),
            command=f"{_amtool(where)} silence expire {shlex.quote(found.id)}",
            request=f"DELETE {where.url}/api/v2/silence/{found.id}",
            object=f"silence/{found.id}",
            before=f"silenced until {found.ends:%H:%M}Z",
            change=_lines(loud, "would tell again"),
        )


@dataclass(frozen=True, slots=True)
class Expiring:
    """The end of a silence, brought about once. Ending it a second time changes nothing."""

    silencer: Silencer
    id: str
    mark: str

    async def run(self, live: Live) -> Outcome:
        """End it."""
        live.sent = True
        try:
            await self.silencer.expire(self.id)
        except SilencerError as error:
            if not error.sent:
                live.sent = False
                return Outcome("failed", 1, str(error))
            found = await self.settle(live)
            return Outcome(found.outcome, found.exit, "; ".join(filter(None, (str(error), found.error))))
        await live.write([f"silence {self.id} expired"])
        return Outcome("succeeded", 0)

    async def settle(self, live: Live) -> Outcome:
        """Whether it has ended."""
        try:
            found = await self.silencer.marked(self.mark)
        except SilencerError as error:
            return Outcome("unknown", None, f"whether the silence ended is not known: {error}")
        ended = found is None or found.state == "expired"
        return Outcome("succeeded", 0, "it has ended") if ended else Outcome("failed", 1, "it has not ended")

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """It has ended."""
        outcome = await self.settle(live)
        verdicts: dict[str, Verdict] = {
            "succeeded": Verdict("verified", ("the silence has ended",)),
            "failed": Verdict("failed", ("the silence has not ended",)),
        }
        return verdicts.get(outcome.outcome, Verdict("unknown", (outcome.error,)))


def mark(run: str) -> str:
    """By what a silence is found again: it stands in its comment."""
    return f"cockpit {run}"


def not_here(silencer: Silencer, situation: Situation) -> str:
    """Why this Alertmanager may not be changed; empty when it may."""
    if situation.drill and not silencer.near:
        return f"this is a drill, and {silencer.url} is not this machine: a silence there would hide real alerts"
    return silencer.forbidden


def _amtool(silencer: Silencer) -> str:
    return f"amtool --alertmanager.url={shlex.quote(silencer.url)}"


def _command(silencer: Silencer, matchers: Sequence[Matcher], seconds: float, comment: str) -> str:
    said = [f"--duration={seconds:.0f}s", f"--author={silencer.by}", f"--comment={comment}", *map(str, matchers)]
    return f"{_amtool(silencer)} silence add {shlex.join(said)}"


def _lines(covered: Sequence[Firing], what: str = "covers") -> tuple[str, ...]:
    lines = [f"{what} {each.title}" for each in covered[:_LISTED]]
    if len(covered) > _LISTED:
        lines.append(f"{what} {len(covered) - _LISTED} more")
    return tuple(lines)


def _warnings(covered: Sequence[Firing]) -> tuple[str, ...]:
    if not covered:
        return ("nothing that fires now is covered",)
    quiet = sum(not each.loud for each in covered)
    grave = sum(each.severity in ("critical", "page") for each in covered)
    return tuple(
        words
        for words in (
            f"{quiet} of them tell nobody already" if quiet else "",
            f"{_alerts(grave)} of severity critical tell nobody then" if grave else "",
        )
        if words
    )


def _alerts(number: int) -> str:
    return "1 alert" if number == 1 else f"{number} alerts"
