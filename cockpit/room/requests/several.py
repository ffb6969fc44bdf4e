"""What has several effects: parts that are decided one after the other and written as one set of entries, or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.fold import apply
from cockpit.incident.ids import new_id
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.wording import headline
from cockpit.record.store import Store
from cockpit.room.requests.desk import Announcement, Desk, Refusal, Request
from cockpit.room.requests.edits import Redact
from cockpit.room.requests.lifecycle import Start
from cockpit.room.requests.ready import made_ready

NO_CHANNEL = "opens no incident channel: none is configured"
"""What the documents' bot does at the start (incident-response-process.md:115) and this configuration cannot."""


@dataclass(frozen=True, slots=True)
class Several:
    """Requests that belong together. It is shown and asked once, and then all of it is written, or nothing.

    Args:
        parts: in their order; each is decided on the incident as it is after those before it.
        confirmed: it was asked already, or need not be.
    """

    parts: tuple[Request, ...]
    confirmed: bool = False

    async def ready(self, store: Store) -> Several:
        """With every part ready."""
        return replace(self, parts=tuple([await made_ready(part, store) for part in self.parts]))

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entries of all parts."""
        return [draft for draft, _, _ in _played(self.parts, state, desk)]


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the audiences whose templates fit the incident as it is. `fields` fill the templates' blanks."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The messages, for the outbox to deliver once they are durable."""
        return [desk.draft(message) for message in self.told(state, desk).messages]

    def told(self, state: State, desk: Desk) -> Announcement:
        """Who is told what, and who is not; raises Refusal."""
        if desk.compose is None:
            raise Refusal("there are no templates to announce with; see `templates:` in the configuration")
        return desk.compose(state, self.fields)


def declares(request: Request) -> bool:
    """Whether `request` begins an incident."""
    return isinstance(request, Start) or (isinstance(request, Several) and any(map(declares, request.parts)))


def another(request: Request) -> bool:
    """Whether `request` begins an incident beside one that is open."""
    if isinstance(request, Start):
        return request.another
    return isinstance(request, Several) and any(map(another, request.parts))


def drills(request: Request) -> bool:
    """Whether what `request` begins is a drill."""
    if isinstance(request, Start):
        return request.drill
    return isinstance(request, Several) and any(map(drills, request.parts))


def preview(request: Request, state: State, desk: Desk) -> tuple[str, ...]:
    """Every effect of a request that has several or that nothing brings back, in words, and what cannot be done; empty
    when nothing need be asked.

    Raises:
        Refusal: it cannot be done.
    """
    if isinstance(request, Redact) and not request.confirmed:
        return request.effects(state, desk)
    if not isinstance(request, Several) or request.confirmed:
        return ()
    played = [(entry, after) for _, entry, after in _played(request.parts, state, desk)]
    effects = [_effect(entry, played[-1][1]) for entry, _ in played]
    announced = [part.told(played[-1][1], desk) for part in request.parts if isinstance(part, Announce)]
    missing = [f"tells {audience} nothing: {why}" for each in announced for audience, why in each.untold]
    missing += [NO_CHANNEL] if declares(request) else []
    return tuple(effect for effect in (*effects, *missing) if effect)


def _played(requests: Sequence[Request], state: State, desk: Desk) -> Iterator[tuple[Draft, Entry, State]]:
    """Each draft, the entry that it would be, and the incident, which goes on with the next."""
    tail, state = Tail("preview"), state.copy()
    for request in requests:
        for draft in request.decide(state, desk):
            entry, tail = seal(draft, tail, id=new_id(), now=desk.now)
            apply(state, entry)
            yield draft, entry, state


def _effect(entry: Entry, state: State) -> str:
    """What an entry to be does, as a sentence without its subject; nothing where another entry's sentence says it."""
    payload = kinds.read(entry)
    if isinstance(payload, kinds.Declared):
        return _declares(payload, state)
    if isinstance(payload, kinds.Severity):
        begins = state.declared is not None and state.declared.at == entry.occurred
        return "" if begins else f"sets the severity {payload.severity}"
    if isinstance(payload, kinds.StatusChange):
        deed = "resolves it" if payload.status is Status.RESOLVED else f"sets the status {payload.status.value}"
        return f"{deed}: {payload.text}" if payload.text else deed
    if isinstance(payload, kinds.Page):
        return _page(payload, state)
    if isinstance(payload, kinds.Message):
        of_page = any(page.message == payload.message for page, _ in state.pages)
        text = " ".join(payload.text.split())
        told = f"tells {payload.audience} by {' → '.join(payload.channels)}: {payload.title} – {text}"
        return "" if of_page else told
    return headline(entry, state).text


def _declares(declared: kinds.Declared, state: State) -> str:
    where, level = declared.target, f"{state.severity} " if state.severity else ""
    place = f"pinned to {where.cluster}/{where.namespace}" if where else "pinned to no cluster: none is configured"
    return f"declares {'the drill ' if declared.drill else ''}{level}{declared.name}, {place}"


def _page(page: kinds.Page, state: State) -> str:
    sent = state.messages.get(page.message)
    if sent is not None:
        return f"pages {page.target} by {' → '.join(sent.message.channels)}"
    return f"notes that {page.target} is to be paged by hand{f' ({page.by_hand})' if page.by_hand else ''}"
