"""Catching up: what changed in an incident while somebody was not looking, grouped, counted, each with its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.clocks import Due
from cockpit.incident.entry import Entry
from cockpit.incident.state import Run, Sent, State
from cockpit.incident.times import lasting
from cockpit.incident.wording import headline, shown
from cockpit.text import clean

NEXT = 3
"""So many of what is due next are told."""


class Line(Struct, frozen=True):
    """One thing: when it was, or will be due; what; and the id of the entry that says so, where one does."""

    at: datetime
    text: str
    entry: str = ""


class Group(Struct, frozen=True):
    """Things of one sort, at least one."""

    title: str
    lines: tuple[Line, ...]


class CaughtUp(Struct, frozen=True):
    """What somebody missed.

    Args:
        since: where it begins, in words.
        entries: how many entries of others the timeline shows since then.
        groups: in the order in which they are read; what is in place, asked and due is as it stands now.
    """

    since: str
    entries: int
    groups: tuple[Group, ...]


def catch_up(state: State, missed: Sequence[Entry], reader: str, since: str, due: Sequence[Due]) -> CaughtUp:
    """What `reader` is to know of an incident.

    Args:
        state: the incident as it stands.
        missed: the entries that were not seen, in the record's order.
        reader: the handle of who reads. What he did himself is not told.
        since: where it begins, in words.
        due: the incident's clocks.
    """
    told = [entry for entry in missed if _is_told(entry, state, reader)]
    teller = _Teller(state, told, reader)
    found: tuple[tuple[str, Iterator[Line]], ...] = (
        ("Asked of you", teller.asked()),
        ("Status", teller.said(*_STATUS)),
        ("People", teller.people()),
        ("Impact", teller.said(kinds.Impact, kinds.Affected)),
        ("Decided", teller.said(kinds.Decision, kinds.KeyEvent, kinds.Mitigation, kinds.BreakGlass)),
        ("Hypotheses", teller.said(kinds.Hypothesis)),
        ("Done", _in_order(teller.done())),
        ("In place now", teller.in_place()),
        ("Told", _in_order(teller.messages())),
        ("Due next", teller.due(due)),
        ("Also", teller.rest()),
    )
    groups = tuple(Group(title, tuple(lines)) for title, each in found if (lines := list(each)))
    return CaughtUp(since, count(missed, state, reader), groups)


def count(missed: Sequence[Entry], state: State, reader: str) -> int:
    """How many of `missed` the timeline shows, and are not the reader's own."""
    return sum(_is_told(entry, state, reader) and shown(entry, state) for entry in missed)


def _is_told(entry: Entry, state: State, reader: str) -> bool:
    return entry.actor != reader and not state.edits.replaced(entry)


_STATUS: tuple[type[kinds.Payload], ...] = (
    kinds.Declared, kinds.Acknowledged, kinds.Severity, kinds.StatusChange, kinds.Closed, kinds.Reopened, kinds.Merge,
    kinds.Contradiction,
)  # fmt: skip
_OF_A_GROUP: tuple[type[kinds.Payload], ...] = (
    *_STATUS, kinds.RoleChange, kinds.Handover, kinds.Impact, kinds.Affected, kinds.Decision, kinds.KeyEvent,
    kinds.Mitigation, kinds.BreakGlass, kinds.Hypothesis, kinds.StepDone, kinds.Message, kinds.Delivery, kinds.Page,
    kinds.RunIntent, kinds.RunResult, kinds.RunVerified, kinds.RunEffect, kinds.MitigationLeft, kinds.Watching,
    kinds.Snapshot,
)  # fmt: skip
_TOLD = frozenset(model.kind for model in _OF_A_GROUP)
"""The kinds that are told in a group of their own, or complete another entry."""
_REST = {
    "note": "notes",
    "threshold": "signals",
    "pods": "signals",
    "rollout": "signals",
    "change": "others' changes",
    "source": "signals",
    "endpoint": "signals",
    "checklist": "checklist items",
    "ask": "asks",
    "action-item": "action items",
}


class _Teller:
    """Says each group of what was missed."""

    def __init__(self, state: State, missed: Sequence[Entry], reader: str) -> None:
        self._state = state
        self._missed = missed
        self._reader = reader
        self._kinds = {entry.id: entry.kind for entry in missed}

    def said(self, *models: type[kinds.Payload]) -> Iterator[Line]:
        """Entries of these kinds, as the timeline words them."""
        wanted = {model.kind for model in models}
        for entry in self._missed:
            if entry.kind in wanted and shown(entry, self._state):
                yield self._line(entry, headline(entry, self._state).text)

    def _line(self, entry: Entry, text: str) -> Line:
        return Line(entry.occurred, " ".join(clean(text).split()), entry.id)

    def people(self) -> Iterator[Line]:
        """Who took a role and who left one, and what was offered to whom."""
        for entry in self._missed:
            payload = self._state.edits.payload(entry)
            if isinstance(payload, kinds.RoleChange):
                why = f" – {payload.why}" if payload.why else ""
                who = f"{payload.handle} is" if payload.handle else "nobody is"
                yield self._line(entry, f"{who} {payload.role.label.lower()}{why}, by {entry.actor}")
            elif isinstance(payload, kinds.Handover) and payload.state != "accepted":  # the role's own entry says so
                yield self._line(entry, headline(entry, self._state).text)

    def done(self) -> Iterator[Line]:
        """What was run, with its outcome; of what only looked, how often."""
        runs = [run for run in self._state.runs.values() if self._touched(run)]
        for run in runs:
            if run.changes:
                yield Line(run.started.at, f"{_what(run)}: {_outcome(run)}, by {run.started.actor}", run.started.entry)
        yield from self.said(kinds.StepDone)
        looks = [run for run in runs if not run.changes]
        if looks:
            last = looks[-1]
            text = f"{_times(len(looks), 'look')}, the last: {last.intent.title} by {last.started.actor}"
            yield Line(last.started.at, clean(text), last.started.entry)

    def _touched(self, run: Run) -> bool:
        facts = (run.started, run.ended, run.checked)
        news = any(fact is not None and fact.entry in self._kinds for fact in facts)
        return news and run.started.actor != self._reader

    def in_place(self) -> Iterator[Line]:
        """What was changed and not undone, whoever did it and when, the latest first."""
        for run in self._state.in_place():
            yield Line(run.started.at, f"{_what(run)}, by {run.started.actor}", run.started.entry)

    def messages(self) -> Iterator[Line]:
        """Who was told what, and whether it arrived; who was paged."""
        for sent in self._state.messages.values():
            if sent.fact.entry in self._kinds or (sent.delivered and sent.delivered.entry in self._kinds):
                yield Line(sent.fact.at, _told(sent), sent.fact.entry)
        yield from self.said(kinds.Page)

    def asked(self) -> Iterator[Line]:
        """What the reader owes an answer to, since whenever."""
        for ask in self._state.open_asks():
            if ask.handle == self._reader:
                by = f"by {ask.due:%H:%M}Z, " if ask.due else ""
                yield Line(ask.opened.at, f"{by}{ask.label}: {ask.text}", ask.opened.entry)
        for offer in self._state.handovers.values():
            if offer.state == "offered" and offer.to == self._reader:
                text = f"{offer.role.label} is offered to you: `handover {offer.role.value} --accept`"
                yield Line(offer.offered.at, text, offer.offered.entry)

    def due(self, clocks: Sequence[Due]) -> Iterator[Line]:
        """The next deadlines, what is overdue first."""
        waiting = sorted((each for each in clocks if each.done is None), key=lambda each: each.due)
        for each in waiting[:NEXT]:
            yield Line(each.due, each.title)

    def rest(self) -> Iterator[Line]:
        """How many of all else, with the time of the last."""
        last: dict[str, tuple[int, Entry]] = {}
        for entry in self._missed:
            if entry.kind not in _TOLD:
                sort = _REST.get(entry.kind, "other entries")
                last[sort] = (last.get(sort, (0, entry))[0] + 1, entry)
        for sort, (number, entry) in last.items():
            word = sort if number > 1 else "entry" if sort == "other entries" else sort.removesuffix("s")
            yield self._line(entry, f"{number} {word}, the last: {headline(entry, self._state).text}")


def _in_order(lines: Iterator[Line]) -> Iterator[Line]:
    yield from sorted(lines, key=lambda line: line.at)


def _times(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}"


def _what(run: Run) -> str:
    after = f" → {run.intent.after}" if run.intent.after and run.intent.after not in run.intent.title else ""
    return clean(f"{run.intent.title}{after}")


def _outcome(run: Run) -> str:
    if run.result is None:
        return "no result yet"
    said = {"unknown": "outcome unknown"}.get(run.outcome, run.outcome)
    if run.undone_by:
        return f"{said}, undone since"
    words: dict[str, str] = {"verified": ", verified", "failed": ", and it did not help", "unknown": ", not verified"}
    return f"{said}{words[run.verified.verdict] if run.verified else ''}"


def _told(sent: Sent) -> str:
    return clean(f"{sent.message.audience}: {sent.message.title} – {sent.state}")


def since_words(now: datetime, at: datetime, before: str) -> str:
    """`since you were here at 14:02Z, 37 min ago`; another day is named."""
    day = f"{at:%Y-%m-%d} " if at.date() != now.date() else ""
    return f"{before} {day}{at:%H:%M}Z, {lasting((now - at).total_seconds())} ago"
