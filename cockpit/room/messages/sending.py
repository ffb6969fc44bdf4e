"""Messages as the room sends them: composed for a preview, recorded with the status in one act, then delivered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cockpit.incident.policies import CUSTOMERS
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.message.delivery.result import Result
from cockpit.message.templates.choosing import INITIAL, RESOLUTION, UPDATE
from cockpit.message.templates.context import NAMES
from cockpit.message.templates.head import TemplateError
from cockpit.message.templates.rendering import render
from cockpit.message.templates.template import Rendered, Template
from cockpit.room.messages.composed import TO, Composed, Update
from cockpit.room.messages.composing import Means, Occasion, compose, plain, suggested
from cockpit.room.messages.delivering import Delivering
from cockpit.room.messages.destinations import NO_WISHES, Destination, Wishes, destinations, none_fits, ready
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import NOTHING, Announcement
from cockpit.room.room import Room

__all__ = [
    "INITIAL", "RESOLUTION", "TO", "UPDATE", "Composed", "Destination", "Messages", "Rendered", "Template", "Update",
    "Wishes", "ready",
]  # fmt: skip


class Messages:
    """What can be said, and to whom.

    Args:
        room: the record.
        means: the templates, audiences and channels.
        delivering: takes messages to their channels.
    """

    def __init__(self, room: Room, means: Means, delivering: Delivering) -> None:
        self._room = room
        self._means = means
        self._delivering = delivering
        room.compose, room.write = self._announcement, self._written

    def names(self) -> Sequence[str]:
        """The templates' names."""
        return self._means.templates.names()

    def broken(self) -> Mapping[str, str]:
        """Why templates of a team's own cannot be used, by name: `FILE:LINE: …`."""
        return self._means.templates.broken

    def vocabulary(self) -> Mapping[str, Sequence[str]]:
        """What a template may use: `names` that the record fills, and `filters`."""
        from cockpit.message.templates.sandbox import FILTERS

        return {"names": sorted(NAMES), "filters": FILTERS}

    def prepare(self) -> None:
        """Make the templates ready before somebody writes; for a thread."""
        self._means.templates.prepare()

    def audiences(self) -> Sequence[str]:
        """Every audience of the configuration."""
        return self._means.audiences.names()

    def template(self, name: str) -> Template:
        """The template of that name; raises Refusal."""
        return self._means.template(name)

    def suggested(self, to: Status | None = None) -> str:
        """The template that fits what customers hear next, if the status became `to`; raises Refusal: none does."""
        fits = suggested(self._means, Occasion.of(self._room, to))
        if not fits:
            raise Refusal(none_fits(self._means, CUSTOMERS))
        return fits

    def compose(
        self, name: str, fields: Mapping[str, str], to: Status | None = None, *, audience: str = "", text: str = "",
        options: Mapping[str, str] | None = None,
    ) -> Composed:  # fmt: skip
        """Render template `name` from the record as it would be with the status `to`; raises Refusal.

        Args:
            fields: what fills its blanks, by name; one that is left out is what the record knows.
            audience: who is told; else whom the template is for.
            text: what is new, which comes with the status.
            options: what the channel needs besides the words.
        """
        occasion = Occasion.of(self._room, to, text)
        return compose(self._means, occasion, name, fields, audience=audience, options=options)

    def plain(self, audience: str, text: str) -> Composed:
        """A message of the words alone, without a template; raises Refusal."""
        return plain(self._means, Occasion.of(self._room), audience, text)

    def destinations(self, to: Status | None = None, text: str = "", wishes: Wishes = NO_WISHES) -> list[Destination]:
        """Everybody who can be told of the incident as it would be with the status `to` and its words `text`.

        `Update(tuple(each.composed for each in chosen if each.composed), to, text)` is the act. Raises Refusal where
        `text` is too long; what keeps one audience from being told is in its own `trouble`.
        """
        return destinations(self._means, Occasion.of(self._room, to, text), wishes)

    def _announcement(self, state: State, fields: Mapping[str, str], audiences: Collection[str] = ()) -> Announcement:
        """What everybody is told who is named, else whom the policy wants to be told now, and who is not, with why;
        raises OpenBlanks, Refusal."""
        occasion = Occasion(state, self._room, self._room.clock.now())
        for name in audiences or (CUSTOMERS,):
            self._means.channels_of(name, state)
        ticks = {name: name in audiences for name in self._means.audiences.names()} if audiences else {}
        every = destinations(self._means, occasion, Wishes(fields, ticks=ticks))
        told = [each for each in every if (each.audience in audiences if audiences else each.ticked)]
        messages = [each.payload() for each in ready(told, fields)]
        others = [] if audiences else [each for each in every if not each.ticked and each.channels]
        untold = [(each.audience, each.trouble or each.why) for each in others]
        return Announcement(tuple(messages), tuple(untold))

    def _written(
        self, audience: str, state: State, template: str = "", fields: Mapping[str, str] = NOTHING,
        telling: Collection[str] = (),
    ) -> Rendered | None:  # fmt: skip
        """What `audience` hears next, also where no channel of its own reaches it; see `Write`."""
        occasion = Occasion(state, self._room, self._room.clock.now(), tuple(telling))
        name = template or suggested(self._means, occasion, audience)
        if name not in self._means.templates.names():
            return None
        try:
            return render(self._means.template(name), occasion.values(audience), fields)
        except TemplateError:  # a blank that a person fills, which nobody is asked for here
            return None

    async def send(self, update: Update) -> Result | None:
        """Record the update and deliver its messages; gives what became of the first, None when there was none.

        Raises:
            Refusal, JournalError: nothing was recorded and nothing sent.
        """
        results = await self.send_all(update)
        return results[0] if results else None

    async def send_all(self, update: Update) -> list[Result]:
        """Record the update, all of it or nothing, and deliver its messages; gives what became of each.

        Raises:
            Refusal, JournalError: nothing was recorded and nothing sent.
        """
        return await self._delivering.delivered(await self._room.perform(update))
