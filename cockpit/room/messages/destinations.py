"""Destinations: everybody who can be told, whether the policy wants it now, and what each of them would read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from cockpit.incident.audiences import CUSTOMER_EMAIL, STAKEHOLDERS
from cockpit.incident.clocks import Due
from cockpit.incident.policies import CUSTOMERS, INTERNAL
from cockpit.incident.state import State
from cockpit.message.public import Known, is_public, known_of, leaks
from cockpit.message.templates.choosing import fitting, moment
from cockpit.message.templates.head import TemplateError
from cockpit.message.templates.rendering import default
from cockpit.message.templates.template import Template
from cockpit.message.wanted import Wanted, wanted
from cockpit.room.messages.channel_choices import Choice, choices, options
from cockpit.room.messages.composed import Composed
from cockpit.room.messages.composing import Means, Occasion, compose
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import OpenBlanks
from cockpit.text import clean
from cockpit.values import replace

_FIRST = (CUSTOMERS, CUSTOMER_EMAIL, INTERNAL, STAKEHOLDERS)
"""The order in which they are shown; the others follow in the configuration's."""


class Blank(Struct, frozen=True):
    """What a form asks for a template.

    Attributes:
        value: what stands there: what was given, else what the record knows; may be empty.
        given: whether a person said so.
        offered: what was answered the last time, to be taken over on request; empty where nothing was.
    """

    name: str
    hint: str
    required: bool
    value: str
    given: bool
    offered: str

    @property
    def open(self) -> bool:
        """Whether it must be filled before the message can go."""
        return self.required and not self.value


class Destination(Struct, frozen=True):
    """One audience of a message that is about to be told.

    Attributes:
        template: the name of the one that is used; empty where none fits.
        templates: all for this audience, those that fit first.
        channels: tried in this order; empty where no channel reaches it.
        ticked: whether it is to be told: as was chosen, else as the policy wants it now. It changes nothing by itself.
        why: why, or why not, with the document's line.
        by: when the policy wants it told at the latest, where it says so.
        told: when it was last really told (delivered).
        due: the clock of its next update: what was promised, or the cadence; None where none runs.
        composed: the message; None while something is missing.
        trouble: why there is none, and what to do.
        blanks: what the template asks.
        choices: what the channel can be told besides, such as Statuspage's impact and whether subscribers are notified.
        leaks: what the text says that is not for the public; for audiences outside the house.
    """

    audience: str
    template: str
    templates: tuple[str, ...]
    channels: tuple[str, ...]
    ticked: bool
    why: str
    by: datetime | None = None
    told: datetime | None = None
    due: Due | None = None
    composed: Composed | None = None
    trouble: str = ""
    blanks: tuple[Blank, ...] = ()
    choices: tuple[Choice, ...] = ()
    leaks: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Blank, ...]:
        """The blanks that must be filled first."""
        return tuple(blank for blank in self.blanks if blank.open)


class Wishes(Struct, frozen=True):
    """What a person chose so far.

    Attributes:
        fields: what fills the blanks, by their names; one answer serves every template that asks for it.
        templates: another template than the one that fits, by audience.
        options: what a channel is told besides, by audience.
        ticks: who is told, or not, where that was chosen, by audience.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ticks: Mapping[str, bool] = field(default_factory=dict)


NO_WISHES = Wishes()


def destinations(means: Means, occasion: Occasion, wishes: Wishes = NO_WISHES) -> list[Destination]:
    """Every audience of the configuration, with what it would be told on this occasion.

    Those that are ticked, by wish or by the policy, count as told in the same act, so that an internal message says
    "Updating" of the status page.
    """
    state, policy, now = occasion.state, occasion.room.policy, occasion.now
    names = _ordered(means.audiences.names())
    wants = {name: wanted(name, state, policy, now) or _own(means, occasion, name) for name in names}
    occasion = occasion.among([name for name, want in wants.items() if wishes.ticks.get(name, want.now)])
    clocks = {due.name: due for due in occasion.room.clocks()}
    return [
        _destination(means, occasion, wishes, audience, want, clocks.get(f"update:{audience}"))
        for audience, want in wants.items()
    ]


def _own(means: Means, occasion: Occasion, audience: str) -> Wanted:
    """Of an audience that is a team's own invention its templates say when it is told."""
    fits, _ = _templates(means, occasion, audience)
    if fits and means.template(fits[0]).own:
        return Wanted(True, f"your template {fits[0]} is for this moment")
    return Wanted(False, "no policy asks for it")


def _ordered(audiences: Iterable[str]) -> list[str]:
    names = list(audiences)
    first = [name for name in _FIRST if name in names]
    return [*first, *(name for name in names if name not in first)]


def _destination(
    means: Means, occasion: Occasion, wishes: Wishes, audience: str, want: Wanted, due: Due | None
) -> Destination:
    fits, every = _templates(means, occasion, audience)
    name = wishes.templates.get(audience) or (fits[0] if fits else "")
    last = occasion.room.state.last_message(audience)
    offered = choices(means.channels, audience, means.audiences, occasion, wishes.options.get(audience, {}))
    channels = _channels(means, audience, occasion.state)
    made = Destination(
        audience, name, every, channels, audience in occasion.telling, want.why, want.by,
        told=last.delivered.at if last and last.delivered else None, due=due, choices=offered,
    )  # fmt: skip
    if not made.channels:
        return replace(made, ticked=False, trouble=f"no channel reaches '{audience}'; name one under `audiences:`")
    if not name:
        return replace(made, ticked=False, trouble=none_fits(means, audience))
    return _filled(means, occasion, wishes, made)


def none_fits(means: Means, audience: str) -> str:
    """Why nothing can be said to `audience`, in words: a template of ones own that is broken may be why."""
    broken = next(iter(means.templates.broken.values()), "write one")
    return f"no template for {audience} fits what is said now; {broken}"


def _templates(means: Means, occasion: Occasion, audience: str) -> tuple[list[str], tuple[str, ...]]:
    """Those that fit, and all, by name."""
    found = fitting(means.templates, audience, moment(occasion.state, audience), occasion.room.policy)
    fits = [each.name for each in found]
    return fits, tuple(dict.fromkeys([*fits, *(each.name for each in means.templates.of(audience))]))


def _channels(means: Means, audience: str, state: State) -> tuple[str, ...]:
    return means.channels_of(audience, state) if means.audiences.reaches(audience) else ()


def _filled(means: Means, occasion: Occasion, wishes: Wishes, made: Destination) -> Destination:
    """With its blanks and, when nothing is missing, its message."""
    try:
        template = means.template(made.template)
        own = {blank.name: wishes.fields[blank.name] for blank in template.fields if blank.name in wishes.fields}
        made = replace(made, blanks=_blanks(template, occasion, made.audience, own))
        composed = compose(means, occasion, template.name, own, audience=made.audience, options=options(made.choices))
    except (Refusal, TemplateError) as error:
        return replace(made, trouble=str(error))
    said = f"{composed.rendered.title}\n{composed.rendered.text}"
    found = tuple(leaks(said, _known(occasion))) if is_public(made.audience) else ()
    return replace(made, composed=composed, leaks=found)


def _blanks(template: Template, occasion: Occasion, audience: str, own: Mapping[str, str]) -> tuple[Blank, ...]:
    values = occasion.values(audience)
    earlier = _answers(occasion.room.state, audience)
    return tuple(
        Blank(
            each.name,
            each.hint,
            each.required,
            own[each.name].strip() if each.name in own else default(template, each, values),
            each.name in own,
            earlier.get(each.name, ""),
        )
        for each in template.fields
    )


def _answers(state: State, audience: str) -> Mapping[str, str]:
    """What was last answered to each question, first of all in messages to `audience`."""
    every = sorted(state.messages.values(), key=lambda sent: (sent.message.audience == audience, sent.fact.at))
    return {name: said for sent in every for name, said in sent.message.answers.items() if said}


def _known(occasion: Occasion) -> Known:
    people = [handle for target in occasion.room.setting.targets.values() for handle in target.handles]
    return known_of(occasion.state, people=people)


def ready(told: Sequence[Destination], fields: Mapping[str, str]) -> tuple[Composed, ...]:
    """The messages of those who are to be told.

    Args:
        fields: what a person filled in, by the names of the blanks.

    Raises:
        OpenBlanks: a blank must be filled first.
        Refusal: what was given is no blank of any, or a message cannot be composed.
    """
    blanks = {blank.name: blank for each in told for blank in each.blanks}
    named = ", ".join(dict.fromkeys(each.template for each in told))
    for name in fields.keys() - blanks.keys():
        raise Refusal(f"'{clean(name)[:40]}' is no blank of {named}; there are: {', '.join(blanks) or 'none'}")
    if empty := [each for each in blanks.values() if each.open]:
        wanted = "; ".join(f"--set {each.name}=TEXT ({each.hint})" for each in empty)
        asked = tuple((each.name, each.hint) for each in empty)
        raise OpenBlanks(f"{named} has blanks to fill before it is announced: {wanted}", asked)
    if broken := next((each for each in told if each.composed is None), None):
        raise Refusal(broken.trouble)
    return tuple(each.composed for each in told if each.composed is not None)
