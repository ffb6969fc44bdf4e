"""The brief: where an incident stands, in short sentences to read aloud on a call or to hand over with a command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from cockpit.incident.clocks import Due, clocks
from cockpit.incident.deliveries import FAILED, LOST
from cockpit.incident.fact import Fact
from cockpit.incident.policies import Policy
from cockpit.incident.state import Run, Sent, State
from cockpit.incident.terms import Role, Status
from cockpit.incident.times import lasting
from cockpit.text import clean

MOST = 4
"""So many of a kind are read; how many more there are is said."""


class Section(Struct, frozen=True):
    """One part: its name and its sentences, at least one."""

    title: str
    lines: tuple[str, ...]


class Brief(Struct, frozen=True):
    """The whole, in the order in which it is read."""

    sections: tuple[Section, ...]

    def text(self) -> str:
        """As plain text: each part's name in front of its first line."""
        lines = []
        for section in self.sections:
            for number, line in enumerate(section.lines):
                lines.append(f"{section.title + ':' if number == 0 else '':<13}{line}")
        return "\n".join(lines)


def brief(state: State, *, label: str, now: datetime, policy: Policy | None) -> Brief:
    """The brief of the incident as `state` has it at `now`; what is not recorded is said to be so.

    Args:
        label: the incident's label for people.
        policy: for what is due; None where there is none.
    """
    told = _Teller(state, now)
    parts: tuple[tuple[str, Iterable[str], str], ...] = (
        ("Status", told.status(label), ""),
        ("Impact", told.impact(), ""),
        ("Known", told.known(), "Nothing is confirmed or decided yet."),
        ("Eliminated", told.hypotheses("eliminated"), "Nothing yet."),
        ("May be", told.hypotheses("open"), "No hypothesis is open."),
        ("Asked", told.asks(), "Nobody owes an answer."),
        ("In flight", told.in_flight(), "No change is under way."),
        ("In place", told.in_place(), "Nothing was done against it yet."),
        ("People", told.people(policy), "Nobody has a role."),
        ("Due", told.due(clocks(state, policy)), "No clock runs."),
        ("Told", told.messages(), "Nobody was told anything yet."),
    )
    return Brief(tuple(Section(title, _some(lines, none)) for title, lines, none in parts))


def _some(lines: Iterable[str], none: str) -> tuple[str, ...]:
    """The first lines, each of one line, and how many there are besides; `none` where there is none."""
    every = [" ".join(clean(line).split()) for line in lines]
    if len(every) <= MOST + 1:
        return tuple(every) or (none,)
    return (*every[:MOST], f"and {len(every) - MOST} more: `incident show` has all")


class _Teller:
    """Says each part of one state at one moment."""

    def __init__(self, state: State, now: datetime) -> None:
        self._state = state
        self._now = now

    def _ago(self, at: datetime) -> str:
        return f"{lasting((self._now - at).total_seconds())} ago"

    @staticmethod
    def _clock(at: datetime) -> str:
        return f"{at:%H:%M}Z"

    def status(self, label: str) -> Iterator[str]:
        """How bad, what, where it stands, since when."""
        state = self._state
        if state.declared is None:
            yield "No incident is declared."
            return
        drill = "This is a drill. " if state.drill else ""
        since = state.statuses[-1].fact.at if state.statuses else state.declared.at
        severity = state.severity or "No severity yet"
        yield f"{drill}{severity}, {state.name}, {state.status.value} since {self._clock(since)}."
        said = next((said for said in reversed(state.statuses) if said.text), None)
        if said is not None:
            yield f"Last said, {self._ago(said.fact.at)}: {said.text}"
        place = f" In {state.target.context}/{state.target.namespace}." if state.target else ""
        noticed = f", noticed by {state.detected_by} {self._clock(state.detected.at)}" if state.detected else ""
        declared = f"{label} declared {self._clock(state.declared.at)}, {self._ago(state.declared.at)}"
        yield f"{declared}{noticed}.{place}"
        if state.merged_into:
            yield "It was merged into another incident and goes on there."

    def impact(self) -> Iterator[str]:
        """Who, how many, since when, which way; and what concerns data, security and the regulator."""
        impact = self._state.impact
        affected = [name for name, (each, _) in self._state.affected.items() if each.state == "affected"]
        if impact is None:
            yield "The impact is not recorded."
        else:
            who = ", ".join(part for part in (impact.text, impact.who, impact.how_many) if part)
            since = f", since {self._clock(impact.since)}" if impact.since else ""
            trend = {"worse": ", getting worse", "better": ", getting better", "stable": ", stable"}
            yield f"{who or 'Whom it hits is not recorded'}{since}{trend.get(impact.trend or '', ', trend unknown')}."
            yield " ".join(_flag(name, getattr(impact, name)) for name in ("data", "security", "regulatory"))
        if affected:
            yield f"Affected: {', '.join(affected)}."

    def known(self) -> Iterator[str]:
        """What was confirmed, decided, and what turned the incident; the latest first."""
        state = self._state
        for each in state.hypotheses.values():
            if each.state == "confirmed":
                yield f"Confirmed {each.label}: {each.text}{f' ({each.evidence})' if each.evidence else ''}"
        said = [(fact, f"Decided: {decision.text}") for decision, fact in state.decisions[-2:]]
        said += [(fact, event.text) for event, fact in state.key_events[-3:]]
        for fact, text in sorted(said, key=lambda each: each[0].at, reverse=True):
            yield f"{self._clock(fact.at)} {text}"

    def hypotheses(self, standing: str) -> Iterator[str]:
        """The hypotheses that are open, or were eliminated, with what speaks against them."""
        for each in self._state.hypotheses.values():
            if each.state == standing:
                yield f"{each.label}: {each.text}{f' ({each.evidence})' if each.evidence else ''}"

    def asks(self) -> Iterator[str]:
        """Who still owes an answer, the most urgent first."""
        for ask in self._state.open_asks():
            due = ""
            if ask.due is not None and not self._state.over:
                left = (ask.due - self._now).total_seconds()
                due = f", overdue by {lasting(left)}" if left <= 0 else f", due in {lasting(left)}"
            taken = " has taken it" if ask.acknowledged else " is asked"
            yield f"{ask.label}: {ask.handle}{taken}{due}: {ask.text}"

    def in_flight(self) -> Iterator[str]:
        """Changes without a result."""
        for run in self._state.runs.values():
            if run.changes and run.result is None:
                yield f"{_what(run)}, begun {self._clock(run.started.at)} by {run.started.actor}, no result yet."
            elif run.changes and run.outcome == "unknown":
                yield f"{_what(run)}, begun {self._clock(run.started.at)}: its outcome is unknown."

    def in_place(self) -> Iterator[str]:
        """What was done against the impact, and whether it helped."""
        for run in self._state.runs.values():
            if run.changes and run.outcome == "succeeded" and run.ended is not None:
                over = run.ends is not None and run.ends <= self._now and not run.undone_by
                yield f"{self._clock(run.ended.at)} {_what(run)}{', ended since.' if over else _helped(run)}"
        for mitigation, fact in self._state.mitigations:
            yield f"{self._clock(fact.at)} {mitigation.text}"

    def people(self, policy: Policy | None) -> Iterator[str]:
        """Who holds which role, and what is offered to whom."""
        state = self._state
        held = [f"{role.label.lower()} {handle}" for role, handle in state.roles.items()]
        if Role.IC not in state.roles:
            level = policy.level(state.severity) if policy else None
            meant = f"; the policy says: {level.commander}" if level and level.commander else ""
            yield f"Nobody commands{meant}."
        if held:
            yield f"{', '.join(held)}.".capitalize()
        for offer in state.handovers.values():
            if offer.state == "offered":
                yield f"{offer.role.label} is offered to {offer.to}, who has not answered yet."

    def due(self, dues: Sequence[Due]) -> Iterator[str]:
        """What is due next, what is overdue first."""
        if self._state.status in (Status.RESOLVED, Status.CLOSED):
            yield "The clocks have stopped."
            return
        waiting = sorted((due for due in dues if due.done is None), key=lambda due: due.due)
        for due in waiting:
            left = due.left(self._now).total_seconds()
            how = f"overdue by {lasting(left)}" if left <= 0 else f"in {lasting(left)}"
            put_off = f" (put off: {due.why})" if due.snoozed(self._now) else ""
            yield f"{due.title} {how}, {self._clock(due.due)}{put_off}"

    def messages(self) -> Iterator[str]:
        """The last message to each audience, and what it promised."""
        last: dict[str, Sent] = {}
        for sent in self._state.messages.values():
            if sent.delivered is not None:
                last[sent.message.audience] = sent
        for audience, sent in last.items():
            fact: Fact = sent.delivered or sent.fact
            promised = sent.message.next_update
            more = f", the next promised by {self._clock(promised)}" if promised else ""
            yield f"{audience}, {self._ago(fact.at)}: {sent.message.title}{more}"
        failed = sum(sent.state in (FAILED, *LOST) for sent in self._state.messages.values())
        if failed:
            yield f"{failed} message{'s were' if failed > 1 else ' was'} not delivered."


def _flag(name: str, said: bool | None) -> str:
    word = {"data": "Data", "security": "Security", "regulatory": "Regulatory"}[name]
    return f"{word}: {'not known' if said is None else 'yes' if said else 'no'}."


def _what(run: Run) -> str:
    after = f" to {run.intent.after}" if run.intent.after and run.intent.after not in run.intent.title else ""
    return f"{run.intent.title}{after}"


def _helped(run: Run) -> str:
    if run.undone_by:
        return ", undone since."
    verdict = run.verified.verdict if run.verified else "unknown"
    return {"verified": ", verified.", "failed": ", and it did not help."}.get(verdict, ", not verified yet.")
