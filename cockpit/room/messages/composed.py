"""A message that is ready to go, and the act that records it with the status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Deed, Message, StatusChange
from cockpit.incident.state import State
from cockpit.incident.terms import SETTABLE, Status
from cockpit.message.templates.template import Rendered
from cockpit.room.refusal import Refusal
from cockpit.room.requests.convening import ended
from cockpit.room.requests.deeds import moved
from cockpit.room.requests.desk import Desk, optional
from cockpit.room.requests.in_place import left

TO = (*SETTABLE, Status.RESOLVED)
"""The statuses that an update may bring with it."""


class Composed(Struct, frozen=True):
    """A message that is ready: what a preview shows and what will be sent.

    Attributes:
        standing: the incident's status as the message has it.
        options: what its channel needs besides the words; see `cockpit.incident.kinds.Message`.
        answers: what a person filled into the blanks.
    """

    template: str
    audience: str
    channels: tuple[str, ...]
    rendered: Rendered
    promised: datetime | None
    id: str = field(default_factory=new_id)
    deed: Deed = "tell"
    standing: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)

    def payload(self) -> Message:
        """The message as the record keeps it."""
        return Message(
            message=self.id,
            template=self.template,
            audience=self.audience,
            channels=self.channels,
            title=self.rendered.title,
            status=self.rendered.status,
            text=self.rendered.text,
            next_update=self.promised,
            deed=self.deed,
            standing=self.standing,
            options=dict(self.options),
            answers=dict(self.answers),
        )


class Update(Struct, frozen=True):
    """A status update: the status with its words, and the messages about it, in one set of entries.

    Args:
        composed: the message, or one for each audience that is told; None or none: only the status is recorded.
        to: the status; None: it stays, and nothing is said of it.
        text: what is new, for the timeline.
        stays: see `Resolve`.
    """

    composed: Composed | tuple[Composed, ...] | None
    to: Status | None = None
    text: str = ""
    stays: frozenset[str] = frozenset()
    break_glass: str = ""

    @property
    def messages(self) -> tuple[Composed, ...]:
        """All that are told."""
        if self.composed is None:
            return ()
        return self.composed if isinstance(self.composed, tuple) else (self.composed,)

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Status first, then the messages, then what a resolution means elsewhere; before it what stays in place."""
        if state.declared is None or state.status is Status.CLOSED:
            raise Refusal("there is no open incident to send an update on; declare one (D)")
        drafts, heard = [], []
        text = optional(self.text, "the update")
        if self.to is Status.RESOLVED and state.status is not Status.RESOLVED:
            drafts += [desk.draft(each) for each in left(state, self.stays)]
        if self.to is not None and (self.to is not state.status or text):
            if state.status is Status.RESOLVED and self.to is not Status.RESOLVED:
                raise Refusal("the incident is resolved; `/reopen WHY` first")
            drafts.append(desk.draft(StatusChange(status=self.to, text=text)))
            heard = moved(self.to, text, state, desk)
        drafts += [desk.draft(message.payload()) for message in self.messages]
        drafts += [desk.draft(each) for each in heard]
        if self.to is Status.RESOLVED and state.status is not Status.RESOLVED:
            drafts += [desk.draft(each) for each in ended(state, desk, text)]
        if not drafts:
            raise Refusal("nothing to say: choose a status, or write what is new")
        return drafts
