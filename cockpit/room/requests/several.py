"""What has several effects: parts that are decided one after the other and written as one set of entries, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.fold import apply
from cockpit.incident.ids import new_id
from cockpit.incident.state import State
from cockpit.incident.wording import headline
from cockpit.room.requests.desk import Desk, Request


@dataclass(frozen=True, slots=True)
class Several:
    """Requests that belong together. It is shown and asked once, and then all of it is written, or nothing.

    Args:
        parts: in their order; each is decided on the incident as it is after those before it.
        missing: what was asked for and cannot be done, in words.
    """

    parts: tuple[Request, ...]
    missing: tuple[str, ...] = ()

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entries of all parts."""
        return [draft for draft, _, _ in _played(self.parts, state, desk)]

    def preview(self, state: State, desk: Desk) -> tuple[str, ...]:
        """Every effect in words, and what cannot be done."""
        played = _played(self.parts, state, desk)
        said = [_effect(draft, entry, after, desk) for draft, entry, after in played]
        return (*(words for words in said if words), *self.missing)


@dataclass(frozen=True, slots=True)
class Announcing:
    """A request that is to be told to others in the same act; the room's messages make `Several` of it."""

    request: Request
    announce: bool = False
    pages: tuple[str, ...] = ()

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """What the request itself becomes."""
        return self.request.decide(state, desk)


@dataclass(frozen=True, slots=True)
class Tell:
    """A message that is ready goes into the outbox."""

    message: kinds.Message

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The message."""
        return [desk.draft(self.message)]


def after(requests: Sequence[Request], state: State, desk: Desk) -> State:
    """The incident as it will be after `requests`; raises Refusal as they do."""
    played = _played(requests, state, desk)
    return played[-1][2] if played else state


def _played(requests: Sequence[Request], state: State, desk: Desk) -> list[tuple[Draft, Entry, State]]:
    """Each draft, the entry that it would be, and the incident after it."""
    tail, found, state = Tail("preview"), [], state.copy()
    for request in requests:
        for draft in request.decide(state, desk):
            entry, tail = seal(draft, tail, id=new_id(), now=desk.now)
            state = state.copy()
            apply(state, entry)
            found.append((draft, entry, state))
    return found


def _effect(draft: Draft, entry: Entry, state: State, desk: Desk) -> str:
    payload = kinds.read(entry)
    if isinstance(payload, kinds.Declared):
        place = f", pinned to {desk.target.context}/{desk.target.namespace}" if desk.target else ""
        return f"declares {payload.name}{' as a drill' if payload.drill else ''}{place}"
    if isinstance(payload, kinds.Severity):
        return f"sets the severity {payload.severity}"
    if isinstance(payload, kinds.Message):
        text = " ".join(payload.text.split())
        return f"tells {payload.audience} by {', else '.join(payload.channels)}: {payload.title} – {text}"
    if isinstance(payload, kinds.Page):
        how = "" if payload.message else " by hand: no channel reaches them"
        return f"pages {payload.target}{how}"
    if isinstance(payload, kinds.StatusChange):
        return f"sets the status {payload.status.value}{f': {payload.text}' if payload.text else ''}"
    return headline(entry, state).text
