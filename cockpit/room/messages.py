"""Messages as the room sends them: rendered for a preview, recorded with the status in one act, then delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.incident.clocks import next_update
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Message, StatusChange
from cockpit.incident.state import State
from cockpit.incident.terms import SETTABLE, Status
from cockpit.message.audiences import AudienceError, Audiences, of_drills
from cockpit.message.context import INITIAL, RESOLUTION, UPDATE, context, suggested
from cockpit.message.head import TemplateError
from cockpit.message.outbox import Result
from cockpit.message.templates import Rendered, Template, Templates, render
from cockpit.room.delivering import Delivering
from cockpit.room.requests import Desk, Refusal
from cockpit.room.requests.desk import Announcement, optional, worded
from cockpit.room.requests.staying import left
from cockpit.room.room import Room
from cockpit.text import clean

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
    stays: frozenset[str] = frozenset()
    break_glass: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Status first, then the message; what stays in place before a resolution."""
        if state.declared is None or state.status is Status.CLOSED:
            raise Refusal("there is no open incident to send an update on; declare one (D)")
        drafts = []
        text = optional(self.text, "the update")
        if self.to is Status.RESOLVED and state.status is not Status.RESOLVED:
            drafts += [desk.draft(each) for each in left(state, self.stays)]
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
        delivering: takes them to their channels.
    """

    def __init__(self, room: Room, templates: Templates, audiences: Audiences, delivering: Delivering) -> None:
        self._room = room
        self._templates = templates
        self._audiences = audiences
        self._delivering = delivering
        room.compose = self._announcement

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
        return self._fitting(state)

    def _fitting(self, state: State) -> str:
        name = suggested(state)
        return name if name in self._templates.names() else next(iter(self._templates.names()), "")

    def compose(self, name: str, fields: Mapping[str, str], to: Status | None = None) -> Composed:
        """Render template `name` from the record as it would be with the status `to`; raises Refusal."""
        state = self._room.state.copy()
        if to is not None:
            state.status = to
        return self._compose(name, fields, state)

    def plain(self, audience: str, text: str) -> Composed:
        """A message of the words alone, without a template; raises Refusal."""
        state = self._room.state
        try:
            channels = self._audiences.channels(audience)
        except AudienceError as error:
            raise Refusal(str(error)) from None
        said = worded(text, "the message")
        promised = next_update(state, self._room.policy, audience, self._room.clock.now())
        title = state.title or state.name or state.service
        rendered = Rendered(title=title, status=state.status.value, text=said)
        return Composed("", audience, of_drills(channels) if state.drill else channels, rendered, promised)

    def _compose(self, name: str, fields: Mapping[str, str], state: State) -> Composed:
        template, now = self.template(name), self._room.clock.now()
        promised = next_update(state, self._room.policy, template.audience, now)
        label = self._room.label if state.incident == self._room.incident else ""
        values = context(state, now, promised, label=label)
        try:
            rendered = render(template, values, fields)
            channels = self._audiences.channels(template.audience)
            channels = of_drills(channels) if state.drill else channels
        except (TemplateError, AudienceError) as error:
            raise Refusal(str(error)) from None
        return Composed(name, template.audience, channels, rendered, promised)

    def _announcement(self, state: State, fields: Mapping[str, str]) -> Announcement:
        """The messages that fit `state`; raises Refusal, naming the blanks that must be filled."""
        fitting, untold = self._for_all(state)
        _must_be_filled(fitting, fields)
        made = []
        for template in fitting:
            own = {field.name: fields[field.name] for field in template.fields if field.name in fields}
            made.append(self._compose(template.name, own, state).payload())
        return Announcement(tuple(made), tuple(untold))

    def _for_all(self, state: State) -> tuple[list[Template], list[tuple[str, str]]]:
        """The template that fits what comes next, with those of other audiences of the same kind, as their names end:
        `status-page-update` and a team's own `internal-update`. And the audiences that have none, with why.
        """
        first = self.template(self._fitting(state))
        kind, fitting, untold = first.name.rpartition("-")[2], [first], []
        every = [self._templates.get(name) for name in self._templates.names()]
        for audience in self._audiences.names():
            own = [each for each in every if each.audience == audience and each.name.endswith(f"-{kind}")]
            if audience == first.audience or not self._audiences.reaches(audience):
                continue
            if own:
                fitting.append(own[0])
            else:
                untold.append((audience, f"no template for them ends in -{kind}"))
        return fitting, untold

    async def send(self, update: Update) -> Result | None:
        """Record the update and deliver its message; gives what became of it, None when there was no message.

        Raises:
            Refusal, JournalError: nothing was recorded and nothing sent.
        """
        results = await self._delivering.delivered(await self._room.perform(update))
        return results[0] if results else None


def _must_be_filled(templates: Sequence[Template], fields: Mapping[str, str]) -> None:
    """Raises Refusal where a blank is not filled, or what is given is no blank of any."""
    blanks = {blank.name: blank for template in templates for blank in template.fields}
    named = ", ".join(template.name for template in templates)
    for name in fields.keys() - blanks.keys():
        raise Refusal(f"'{clean(name)[:40]}' is no blank of {named}; there are: {', '.join(blanks) or 'none'}")
    if empty := [each for each in blanks.values() if each.required and not fields.get(each.name, "").strip()]:
        wanted = "; ".join(f"--set {each.name}=TEXT ({each.hint})" for each in empty)
        raise Refusal(f"{named} has blanks to fill before it is announced: {wanted}")
