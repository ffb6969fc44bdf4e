"""Messages as the room sends them: rendered for a preview, recorded with the status in one act, then delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.incident.clocks import next_update
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Delivery, Message, StatusChange
from cockpit.incident.state import State
from cockpit.incident.terms import SETTABLE, Status
from cockpit.message.audiences import AudienceError, Audiences
from cockpit.message.context import INITIAL, RESOLUTION, UPDATE, context, suggested
from cockpit.message.head import TemplateError
from cockpit.message.outbox import Outbox, Record, Result, pending
from cockpit.message.templates import Rendered, Template, Templates, render
from cockpit.room.requests import Desk, Facts, Refusal
from cockpit.room.room import Room
from cockpit.text import clean, redact

__all__ = ["INITIAL", "RESOLUTION", "UPDATE", "Composed", "Messages", "Rendered", "Template"]

TO = (*SETTABLE, Status.RESOLVED)
"""The statuses that an update may bring with it."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message that is ready: what a preview shows and what will be sent."""

    template: str
    audience: str
    channels: tuple[str, ...]
    rendered: Rendered
    promised: datetime | None
    id: str = field(default_factory=new_id)

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
        )


@dataclass(frozen=True, slots=True)
class Update:
    """A status update: the status with its words, and the message about it, in one set of entries."""

    composed: Composed | None
    to: Status | None = None
    text: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Status first, then the message."""
        if state.declared is None or state.status is Status.CLOSED:
            raise Refusal("there is no open incident to send an update on; declare one (D)")
        drafts = []
        text = redact(clean(self.text, keep_newlines=True)).strip()
        if self.to is not None and (self.to is not state.status or text):
            if state.status is Status.RESOLVED and self.to is not Status.RESOLVED:
                raise Refusal("the incident is resolved; `/reopen WHY` first")
            drafts.append(desk.draft(StatusChange(status=self.to, text=text)))
        if self.composed is not None:
            drafts.append(desk.draft(self.composed.payload()))
        if not drafts:
            raise Refusal("nothing to say: choose a status, or write what is new")
        return drafts


class Messages:
    """What can be said, and to whom.

    Args:
        room: the record.
        templates: all there are.
        audiences: who is reached by which channels.
        outbox: delivers.
    """

    def __init__(self, room: Room, templates: Templates, audiences: Audiences, outbox: Outbox) -> None:
        self._room = room
        self._templates = templates
        self._audiences = audiences
        self._outbox = outbox

    def names(self) -> Sequence[str]:
        """The templates' names."""
        return self._templates.names()

    def template(self, name: str) -> Template:
        """The template of that name; raises Refusal."""
        try:
            return self._templates.get(name)
        except TemplateError as error:
            raise Refusal(str(error)) from None

    def suggested(self, to: Status | None = None) -> str:
        """The template that fits what comes next, if the status became `to`."""
        state = self._room.state.copy()
        if to is not None:
            state.status = to
        name = suggested(state)
        return name if name in self._templates.names() else next(iter(self._templates.names()), "")

    def compose(self, name: str, fields: Mapping[str, str], to: Status | None = None) -> Composed:
        """Render template `name` from the record as it would be with the status `to`; raises Refusal."""
        template, now = self.template(name), self._room.clock.now()
        state = self._room.state.copy()
        if to is not None:
            state.status = to
        promised = next_update(state, self._room.setting.policy, template.audience, now)
        values = context(state, now, promised, label=self._room.label)
        try:
            rendered = render(template, values, fields)
            channels = self._audiences.channels(template.audience)
        except (TemplateError, AudienceError) as error:
            raise Refusal(str(error)) from None
        return Composed(name, template.audience, channels, rendered, promised)

    async def send(self, update: Update) -> Result | None:
        """Record the update and deliver its message; gives what became of it, None when there was no message.

        Raises:
            Refusal, JournalError: nothing was recorded and nothing sent.
        """
        await self._room.perform(update)
        return await self._outbox.deliver(update.composed.payload()) if update.composed else None

    async def go_on(self) -> list[Result]:
        """Deliver what a crash or a full disk left waiting."""
        return await self._outbox.go_on(self._room.state) if pending(self._room.state) else []

    async def retry(self, message: str) -> Result:
        """Try a message again that no channel took; raises Refusal."""
        sent = self._room.state.messages.get(message)
        if sent is None or sent.delivered is not None:
            raise Refusal(f"there is no undelivered message '{clean(message)[:40]}'")
        return await self._outbox.deliver(sent.message)


def recorder(room: Room) -> Record:
    """How the outbox records a delivery."""

    async def record(delivery: Delivery) -> object:
        return await room.perform(Facts(lambda _: [(delivery, None)]))

    return record
