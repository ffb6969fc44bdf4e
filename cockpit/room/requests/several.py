"""What has several effects: parts that are decided one after the other and written as one set of entries, or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.fold import apply
from cockpit.incident.ids import new_id
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.message.public import is_public
from cockpit.record.store import Store
from cockpit.room.requests.desk import Announcement, Desk, OpenBlanks, Refusal, Request
from cockpit.room.requests.everywhere import InviteAll, MakeTicket, Offered, OpenRoom, PageOnCall
from cockpit.room.requests.lifecycle import Start
from cockpit.room.requests.ready import made_ready
from cockpit.values import replace


class Several(Struct, frozen=True):
    """Requests that belong together. It is shown and asked once, and then all of it is written, or nothing.

    Args:
        parts: in their order; each is decided on the incident as it is after those before it.
        confirmed: it was asked already, or need not be.
        despite: whoever asked knows what the public will read, whatever the warnings say.
    """

    parts: tuple[Request, ...]
    confirmed: bool = False
    despite: bool = False

    async def ready(self, store: Store) -> Several:
        """With every part ready."""
        return replace(self, parts=tuple([await made_ready(part, store) for part in self.parts]))

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entries of all parts."""
        return [draft for played in plays(self.parts, state, desk) for draft in played.drafts]


class Announce(Struct, frozen=True):
    """Tell the audiences that the policy wants to be told now, or those that are named, by the templates that fit.

    Args:
        fields: what fills the templates' blanks.
        audiences: exactly these; none: whom the policy wants told.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    audiences: tuple[str, ...] = ()

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The messages, for the outbox to deliver once they are durable."""
        return [desk.draft(message) for message in self.told(state, desk).messages]

    def told(self, state: State, desk: Desk) -> Announcement:
        """Who is told what, and who is not; raises Refusal."""
        if desk.compose is None:
            raise Refusal("there are no templates to announce with; see `templates:` in the configuration")
        return desk.compose(state, self.fields, self.audiences)


class Tell(Struct, frozen=True):
    """Whom the policy wants told now, offered where the configuration has more than files.

    Args:
        fields: what fills the templates' blanks.
        public: also those outside the house; never without their having been shown.
        correcting: only where somebody heard that it is over.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    public: bool = True
    correcting: bool = False

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The messages; none where a blank is open."""
        try:
            return [desk.draft(message) for message in self.told(state, desk).messages]
        except Refusal:  # said by `lacking`
            return []

    def told(self, state: State, desk: Desk) -> Announcement:
        """Who is told what; raises Refusal."""
        if desk.compose is None or not desk.places.anything or (self.correcting and not _said_over(state)):
            return Announcement(())
        every = desk.compose(state, self.fields, ())
        inside = tuple(each.audience for each in every.messages if not is_public(each.audience))
        if self.public or len(inside) == len(every.messages):
            return every
        # Composed for those alone: what they read says whether the public is told.
        messages = desk.compose(state, self.fields, inside).messages if inside else ()
        return replace(every, messages=messages)

    def lacking(self, state: State, desk: Desk) -> Iterator[str]:
        """Why nobody is told."""
        try:
            self.told(state, desk)
        except Refusal as error:
            yield f"tells nobody of it yet: {error}"


def brought(
    start: Start, paged: Sequence[Request] = (), told: Sequence[Request] = (), *, public: bool = True
) -> tuple[Request, ...]:
    """A declaration with all that it brings along: who is `paged` and `told` by name, else who is offered.

    Args:
        public: also those outside the house are offered to be told, since it is shown first.
    """
    called: Sequence[Request] = paged or (PageOnCall(),)
    heard: Sequence[Request] = told or (Tell(public=public),)
    return (start, *called, OpenRoom(beside=tuple(heard)), *heard, MakeTicket(), InviteAll())


def _said_over(state: State) -> bool:
    """Whether a message that says so reached somebody."""
    over = (Status.RESOLVED.value, Status.CLOSED.value)
    told = [each for each in state.messages.values() if each.delivered and each.message.deed == "tell"]
    return any(each.message.standing in over for each in told)


class Played(Struct, frozen=True):
    """One part as it would be done: what it writes, on the incident `before` it, which is `after` it so."""

    part: Request
    before: State
    after: State
    drafts: tuple[Draft, ...]
    entries: tuple[Entry, ...]


def plays(requests: Sequence[Request], state: State, desk: Desk) -> Iterator[Played]:
    """Each part, decided on the incident as those before it leave it; raises Refusal."""
    tail = Tail("preview")
    for request in requests:
        before, state = state, state.copy()
        drafts, entries = request.decide(before, desk), []
        for draft in drafts:
            entry, tail = seal(draft, tail, id=new_id(), now=desk.now)
            apply(state, entry)
            entries.append(entry)
        yield Played(request, before, state, tuple(drafts), tuple(entries))


def parts_of(request: Request) -> tuple[Request, ...]:
    """The parts of what has several, else itself."""
    return request.parts if isinstance(request, Several) else (request,)


def alone(request: Request) -> Request:
    """`request` without what nobody named: what is done when nobody can be asked, or somebody wants no more."""
    named = tuple(part for part in parts_of(request) if not isinstance(part, Offered))
    if not isinstance(request, Several) or not named:
        return request
    return named[0] if len(named) == 1 else replace(request, parts=named)


def blanks(request: Request, state: State, desk: Desk) -> tuple[tuple[str, str], ...]:
    """What must be filled in before `request` tells those whom it would tell: each with a hint; raises Refusal where it
    cannot be done at all."""
    try:
        for played in plays(parts_of(request), state, desk):
            if isinstance(played.part, Tell):
                _look(played.part, played.before, desk)
    except OpenBlanks as error:
        return error.blanks
    return ()


def _look(part: Tell, state: State, desk: Desk) -> None:
    """Raise OpenBlanks where `part` has some; that nobody can be told at all is said by `lacking`."""
    try:
        part.told(state, desk)
    except OpenBlanks:
        raise
    except Refusal:
        return


def filled(request: Request, fields: Mapping[str, str]) -> Request:
    """`request`, with these blanks filled, too."""
    if isinstance(request, Announce | Tell):
        return replace(request, fields={**request.fields, **fields})
    if isinstance(request, OpenRoom):
        return replace(request, beside=tuple(filled(part, fields) for part in request.beside))
    if isinstance(request, Several):
        return replace(request, parts=tuple(filled(part, fields) for part in request.parts))
    return request


def declares(request: Request) -> bool:
    """Whether `request` begins an incident."""
    return any(isinstance(part, Start) for part in parts_of(request))


def seeing(request: Request, seen: str) -> Request:
    """`request`, declaring what the record's own signals noticed: see `Start.seen`."""
    if isinstance(request, Start):
        return replace(request, seen=seen)
    if not isinstance(request, Several):
        return request
    return replace(request, parts=tuple(seeing(part, seen) for part in request.parts))


def says_who_noticed(request: Request) -> bool:
    """Whether a declaration says by whom, or when, it was detected."""
    starts = [part for part in parts_of(request) if isinstance(part, Start)]
    return any(part.alert or part.source or part.detected or part.seen or part.drill for part in starts)


def another(request: Request) -> bool:
    """Whether `request` begins an incident beside one that is open."""
    return any(isinstance(part, Start) and part.another for part in parts_of(request))


def drills(request: Request) -> bool:
    """Whether what `request` begins is a drill."""
    return any(isinstance(part, Start) and part.drill for part in parts_of(request))
