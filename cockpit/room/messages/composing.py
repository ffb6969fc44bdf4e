"""Composing: a template filled from the record as it would be, for an audience, with what its channels need."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.config import ChannelConfig
from cockpit.incident.clocks import next_update
from cockpit.incident.fact import Fact
from cockpit.incident.policies import CUSTOMERS
from cockpit.incident.state import Said, State
from cockpit.incident.terms import Status
from cockpit.message.audiences import AudienceError, Audiences, of_drills
from cockpit.message.templates.choosing import fitting, moment
from cockpit.message.templates.context import context
from cockpit.message.templates.head import TemplateError
from cockpit.message.templates.rendering import render
from cockpit.message.templates.template import Rendered, Template, Templates
from cockpit.room.messages.composed import Composed
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import optional, worded
from cockpit.room.room import Room
from cockpit.values import replace


@dataclass(frozen=True, slots=True)
class Means:
    """What messages are made of, from the configuration.

    Attributes:
        channels: those that are configured, by name.
    """

    templates: Templates
    audiences: Audiences
    channels: Mapping[str, ChannelConfig] = field(default_factory=dict)

    def template(self, name: str) -> Template:
        """The template of that name; raises Refusal."""
        try:
            return self.templates.get(name)
        except TemplateError as error:
            raise Refusal(str(error)) from None

    def channels_of(self, audience: str, state: State) -> tuple[str, ...]:
        """By which channels `audience` is told of an incident, a drill's own for a drill; raises Refusal."""
        try:
            channels = self.audiences.channels(audience)
        except AudienceError as error:
            raise Refusal(str(error)) from None
        return of_drills(channels) if state.drill else channels


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is told about: the record as it would be, at one instant."""

    state: State
    room: Room
    now: datetime
    telling: tuple[str, ...] = ()
    """The audiences that are told in the same act."""
    _known: dict[tuple[datetime | None, bool], Mapping[str, str]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """What was computed for one audience and is the same for another: cleaning all of it takes milliseconds."""

    @classmethod
    def of(cls, room: Room, to: Status | None = None, text: str = "") -> Occasion:
        """The present incident as it would be with the status `to` and its words `text`."""
        state, now = room.state.copy(), room.clock.now()
        if to is not None:
            state.status = to
            said = optional(text, "the update")
            if said:
                fact = Fact(now, room.actor, "")
                state.statuses = (*state.statuses, Said(to.value, said, fact))
        return cls(state, room, now)

    def among(self, telling: Collection[str]) -> Occasion:
        """The same, where these audiences are told in one act."""
        return replace(self, telling=tuple(telling))

    def values(self, audience: str) -> Mapping[str, str]:
        """What a template for `audience` is filled with; the same object for audiences that are promised the same."""
        promised, public = self.promised(audience), CUSTOMERS in (*self.telling, audience)
        if (promised, public) not in self._known:
            label = self.room.label if self.state.incident == self.room.incident else ""
            telling = (CUSTOMERS,) if public else ()
            self._known[promised, public] = context(
                self.state, self.now, promised, label=label, telling=telling, on_call=self.room.on_call()
            )
        return self._known[promised, public]

    def promised(self, audience: str) -> datetime | None:
        """When a message to `audience` sent now promises the next; raises nothing, None where the policy says none."""
        return next_update(self.state, self.room.policy, audience, self.now)


def suggested(means: Means, occasion: Occasion, audience: str = CUSTOMERS) -> str:
    """The template that fits what `audience` hears next; empty where none does."""
    found = fitting(means.templates, audience, moment(occasion.state, audience), occasion.room.policy)
    return found[0].name if found else ""


def compose(
    means: Means, occasion: Occasion, name: str, fields: Mapping[str, str], *, audience: str = "",
    options: Mapping[str, str] | None = None,
) -> Composed:  # fmt: skip
    """Render template `name`; raises Refusal.

    Args:
        fields: what a person said, by the names of the template's blanks.
        audience: who is told; else whom the template is for.
        options: what the channel needs besides.
    """
    template = means.template(name)
    audience = audience or template.audience
    if audience not in template.audiences:
        raise Refusal(f"the template {name} is for {', '.join(template.audiences)}, not for {audience}")
    try:
        rendered = render(template, occasion.values(audience), fields)
    except TemplateError as error:
        raise Refusal(str(error)) from None
    answers = {key: optional(value, key) for key, value in fields.items()}
    graver = {"severity": occasion.state.severity} if occasion.state.severity else {}
    return Composed(
        name,
        audience,
        means.channels_of(audience, occasion.state),
        rendered,
        occasion.promised(audience),
        standing=occasion.state.status.value,
        options={**graver, **(options or {})},
        answers={key: value for key, value in answers.items() if value},
    )


def plain(means: Means, occasion: Occasion, audience: str, text: str) -> Composed:
    """A message of the words alone, without a template; raises Refusal."""
    state = occasion.state
    channels = means.channels_of(audience, state)
    title = state.title or state.name or state.service
    rendered = Rendered(title=title, status=state.status.value, text=worded(text, "the message"))
    promised = occasion.promised(audience)
    return Composed("", audience, channels, rendered, promised, standing=state.status.value)
