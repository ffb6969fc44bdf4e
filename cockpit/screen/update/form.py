"""What somebody has chosen and typed in a status update so far, and the draft that keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cockpit.incident.terms import Status
from cockpit.room.messages.sending import TO, Destination, Wishes

_NOBODY, _EVERYBODY = "no", "yes"


@dataclass(slots=True)
class Form:
    """An update as it is being written.

    Attributes:
        to: the status that it brings.
        text: what is new, for the timeline.
        fields: answers to the templates' questions, by name.
        ticks: whom somebody ticked or not, against what the policy wants, by audience.
        templates: another template than the one that fits, by audience.
        options: what a channel is told besides, by audience and option.
    """

    to: Status
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    ticks: dict[str, bool] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def wishes(self) -> Wishes:
        """What is asked of the destinations."""
        answers = {name: value for name, value in self.fields.items() if value}
        options = {name: dict(each) for name, each in self.options.items()}
        return Wishes(answers, dict(self.templates), options, dict(self.ticks))

    def ticked(self, destination: Destination) -> bool:
        """Whether it is to be told: as somebody said, else as the policy wants; never who cannot be told."""
        can = bool(destination.channels and destination.template)
        return can and self.ticks.get(destination.audience, destination.ticked)

    def choose(self, audience: str, option: str, value: str) -> None:
        """Say what a channel is told besides."""
        self.options.setdefault(audience, {})[option] = value

    def draft(self) -> str:
        """All of it as lines `WHAT NAME=VALUE`; empty while nothing was typed or chosen."""
        lines = list(self._lines())
        return "\n".join([f"to={self.to.value}", *lines]) if lines else ""

    def _lines(self) -> Iterator[str]:
        if self.text:
            yield f"text={self.text}"
        yield from (f"field {name}={value}" for name, value in self.fields.items() if value)
        for audience, ticked in self.ticks.items():
            yield f"tick {audience}={_EVERYBODY if ticked else _NOBODY}"
        yield from (f"template {audience}={name}" for audience, name in self.templates.items())
        for audience, chosen in self.options.items():
            yield from (f"option {audience} {name}={value}" for name, value in chosen.items())

    def take_up(self, draft: str) -> None:
        """Go on with a draft; what is not understood of it is what was typed for the timeline."""
        for line in draft.split("\n"):
            what, equals, value = line.partition("=")
            if not equals or not self._take(what.split(" "), value):
                self.text = self.text or line

    def _take(self, what: list[str], value: str) -> bool:
        match what:
            case ["to"] if value in list(TO):
                self.to = Status(value)
            case ["text"]:
                self.text = value
            case ["field", name]:
                self.fields[name] = value
            case ["tick", audience]:
                self.ticks[audience] = value == _EVERYBODY
            case ["template", audience]:
                self.templates[audience] = value
            case ["option", audience, name]:
                self.choose(audience, name, value)
            case _:
                return False
        return True
