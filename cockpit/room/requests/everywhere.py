"""What a declaration, a resolution and a reopening bring along in other places, as one act: offered, shown, then done.

The documents' bot opens a channel, pages, keeps a document and posts the first message (incident-response-process.md:
115-119); at the end it updates the page and schedules the post-mortem (133-135). Each part here becomes the messages
that do so, as far as the configuration has the channels; what it lacks is said by `lacking`, and is no error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from msgspec import Struct

from cockpit.incident.audiences import RESPONDERS
from cockpit.incident.entry import Draft
from cockpit.incident.kinds import Message
from cockpit.incident.policies import INTERNAL, key_of
from cockpit.incident.state import State
from cockpit.room.requests.deeds import (
    TICKETS,
    commander,
    doing,
    invited,
    responders,
    room_at,
    ticket_at,
    was_archived,
)
from cockpit.room.requests.desk import Desk, Request
from cockpit.room.requests.pages import Page

ON_CALL = ("on-call", "oncall", "primary", "primary-on-call", "on-call-engineer")
"""Targets that are the on-call team by their name; a service's own, `SERVICE-on-call`, goes before them."""


@runtime_checkable
class Offered(Protocol):
    """A part that nobody named: it does what the configuration makes possible, and nothing where it does not."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entries; none where there is no channel for it, or it was done before."""

    def lacking(self, state: State, desk: Desk) -> Iterator[str]:
        """What cannot be done, each as words that go on from "it"."""


class OpenRoom(Struct, frozen=True):
    """The incident's own channel, with its first message, which is pinned.

    Args:
        again: another one, where the first was archived.
        beside: what tells others in the same act: the first message says so of the public page.
    """

    again: bool = False
    beside: tuple[Request, ...] = ()

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Open, tell, pin, in this order on one channel."""
        where = desk.places.rooms[:1]
        if not where or room_at(state) or (self.again and not was_archived(state)):
            return []
        leads = {"commander": commander(state)}
        opened = doing("open", RESPONDERS, where, state, desk, text="open the incident's own channel", options=leads)
        words = _first(state, desk, self._told(state, desk))
        first = doing("tell", RESPONDERS, where, state, desk, text=words, options={"where": "incident"})
        pinned = doing("pin", RESPONDERS, where, state, desk, text="pin it", options={"message": first.message})
        return [desk.draft(each) for each in (opened, first, pinned)]

    def _told(self, state: State, desk: Desk) -> tuple[str, ...]:
        """The audiences that are told beside it."""
        drafts = (draft for part in self.beside for draft in part.decide(state, desk))
        return tuple(str(draft.payload["audience"]) for draft in drafts if draft.kind == Message.kind)

    def lacking(self, state: State, desk: Desk) -> Iterator[str]:
        """The documents' bot opens one."""
        if not desk.places.rooms and not self.again:
            yield "opens no incident channel: none is configured"


def _first(state: State, desk: Desk, telling: tuple[str, ...]) -> str:
    """The declaration as those inside the house read it, while the audiences `telling` are told of it."""
    write, inside = desk.write, (RESPONDERS, INTERNAL)
    written = [write(audience, state, telling=telling) for audience in inside] if write is not None else []
    return next((each.text for each in written if each is not None), "") or _declaration(state, desk)


def _declaration(state: State, desk: Desk) -> str:
    """Who declared what, where, how bad it is, and who commands."""
    place = f"{state.target.context}/{state.target.namespace}" if state.target else ""
    lines = [
        f"Declared by {desk.actor}: {state.title or state.name}",
        f"Service: {state.service} {place}".rstrip() if state.service else "",
        f"Severity: {state.severity or 'not set yet'}",
        f"Incident commander: {commander(state) or 'nobody yet'}",
    ]
    return "\n".join(line for line in lines if line)


class InviteAll(Struct, frozen=True):
    """Everybody who is known to respond, into the incident's own channel; after those parts that page somebody."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The invitation; nobody is invited where there is no channel."""
        return [desk.draft(each) for each in invited(responders(state, desk), state, desk)]

    def lacking(self, state: State, desk: Desk) -> Iterator[str]:
        """Nothing that the channel's own part does not say."""
        yield from ()


class PageOnCall(Struct, frozen=True):
    """The on-call team, where the configuration has it as a target with a channel."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The page, once."""
        name = on_call(state, desk)
        if not name or name in [page.target for page, _ in state.pages]:
            return []
        return Page(name).decide(state, desk)

    def lacking(self, state: State, desk: Desk) -> Iterator[str]:
        """The documents' bot pages the on-call team."""
        if not on_call(state, desk):
            yield "pages nobody: no target of the configuration is called on-call; --page TARGET names one"


def on_call(state: State, desk: Desk) -> str:
    """The target that is on call: by its name, else whoever commands at this severity by the policy."""
    level = desk.policy.level(state.severity) if desk.policy else None
    own = [f"{desk.service}-{name}" for name in ON_CALL] if desk.service else []
    wanted = [*own, *ON_CALL, *([key_of(level.commander)] if level and level.commander else [])]
    by_key = {key_of(name): name for name, target in desk.targets.items() if target.channels}
    return next((by_key[name] for name in wanted if name in by_key), "")


class MakeTicket(Struct, frozen=True):
    """The incident's ticket."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The ticket, once."""
        where = desk.places.tickets[:1]
        if not where or ticket_at(state):
            return []
        return [desk.draft(doing("ticket", TICKETS, where, state, desk, text=_declaration(state, desk)))]

    def lacking(self, state: State, desk: Desk) -> Iterator[str]:
        """The documents' bot makes none: one who has no tickets misses none."""
        yield from ()
