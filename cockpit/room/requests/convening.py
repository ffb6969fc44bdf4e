"""The post-mortem after a resolution: its time, who is to come, and the message that invites to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from cockpit.incident.audiences import REVIEWERS
from cockpit.incident.calendar import USUAL, Calendar
from cockpit.incident.entry import Draft
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import Message
from cockpit.incident.policies import INTERNAL
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.message.mail.meeting import Invited, Meeting, calendar_of, invitation, options_of, slot, told
from cockpit.message.public import is_public
from cockpit.room.requests.deeds import called, doing, responders, settled
from cockpit.room.requests.desk import Desk, Refusal

TEMPLATE = "post-mortem-invitation"


class Convene(Struct, frozen=True):
    """Invite to the post-mortem, at the time that `slot` finds after the resolution."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The invitation, to the first audience that has mail: the reviewers, else one inside the house."""
        made = convened(state, desk)
        return [] if made is None else [desk.draft(made)]

    def lacking(self, state: State, desk: Desk) -> Iterator[str]:
        """The documents' bot schedules it."""
        if state.resolved is not None and not _audience(desk):
            yield f"sends no invitation to the post-mortem ({when(state, desk)}): no audience has mail"


def convened(state: State, desk: Desk) -> Message | None:
    """The message that invites; None where no audience has mail, or nothing is resolved."""
    audience = _audience(desk)
    if not audience or state.resolved is None:
        return None
    title, text = _worded(state, desk)
    earlier = sum(each.message.deed == "meeting" for each in state.messages.values())
    about = options_of(state.incident or desk.incident, _meeting(state, desk), _invited(state, desk), earlier)
    channels = desk.places.carrying(audience)
    return doing("meeting", audience, channels, state, desk, title=title, text=text, options=about)


def ended(state: State, desk: Desk, text: str) -> list[Message]:
    """What a resolution with these words means elsewhere: pages and ticket are resolved, the post-mortem is called."""
    after = state.copy()
    after.status, after.resolved = Status.RESOLVED, Fact(desk.now, desk.actor, "")
    meeting = convened(after, desk)
    return [*settled(state, desk, text), *([meeting] if meeting is not None else [])]


def calendar_file(state: State, desk: Desk) -> str:
    """The .ics of the post-mortem: as it was sent last, else as it would be; raises Refusal before a resolution."""
    sent = [each.message for each in state.messages.values() if each.message.deed == "meeting"]
    if sent:
        return calendar_of(sent[-1], now=desk.now, organizer=desk.places.organizer)
    if state.resolved is None:
        raise Refusal("the post-mortem has a time when the incident is resolved; `incident resolve` ends it")
    people = _invited(state, desk)
    return invitation(desk.incident, _meeting(state, desk), *_worded(state, desk), people, now=desk.now)


def when(state: State, desk: Desk) -> str:
    """The time of a resolved incident's post-mortem, in UTC and in the calendar's zone."""
    meeting = _meeting(state, desk)
    return told(meeting, _calendar(desk)) + (
        ", later than 48 hours: no business hour is sooner" if meeting.late else ""
    )


def _meeting(state: State, desk: Desk) -> Meeting:
    assert state.resolved is not None, "a post-mortem is after a resolution"
    return slot(state.resolved.at, _calendar(desk))


def _calendar(desk: Desk) -> Calendar:
    return desk.policy.calendar if desk.policy else USUAL


def _audience(desk: Desk) -> str:
    inside = (name for name in (REVIEWERS, INTERNAL, *desk.places.audiences) if not is_public(name))
    return next((name for name in inside if desk.places.carrying(name)), "")


def _invited(state: State, desk: Desk) -> Sequence[Invited]:
    roles = {handle: " and ".join(role.label.lower() for role in state.roles_of(handle)) for handle in _people(state)}
    everybody = dict.fromkeys((*responders(state, desk), *roles))
    return [Invited(handle, roles.get(handle, ""), desk.addresses.get(handle, "")) for handle in everybody]


def _people(state: State) -> Sequence[str]:
    """Whoever held a role, also one that was handed over since."""
    return tuple(dict.fromkeys(holder for _, holder, _ in state.role_history if holder))


def _worded(state: State, desk: Desk) -> tuple[str, str]:
    """Title and text of the invitation: the template's words, and who is invited."""
    review = f"cockpit review --incident {desk.label}" if desk.label else ""
    fields = {"begins": when(state, desk), "review": review}
    written = desk.write(REVIEWERS, state, TEMPLATE, fields) if desk.write is not None else None
    people = ", ".join(f"{each.handle} ({each.what})" if each.what else each.handle for each in _invited(state, desk))
    title = written.title if written is not None else f"Post-mortem: {called(state, desk)}"
    text = written.text if written is not None else f"When: {fields['begins']}"
    return title, f"{text}\n\nInvited: {people}"
