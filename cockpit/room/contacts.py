"""Whom one can call: targets, the runbook's contacts, and who is on call, also while everything else is down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.config import Config, PageTarget
from cockpit.message.channel import ChannelError
from cockpit.message.oncall.copy import Fetched, OnCallCopy
from cockpit.message.oncall.pagers import sources
from cockpit.message.oncall.person import OnCallPerson, OnCallSource
from cockpit.room.room import Room
from cockpit.runbook.model import Runbook
from cockpit.text import safe

if TYPE_CHECKING:
    from cockpit.room.plans import Plans

EVERY = 600.0
"""Seconds between two questions to a pager: who is on call changes with a shift."""


class OnCallView(Struct, frozen=True):
    """What one pager says of who is on call.

    Attributes:
        source: the channel's name.
        at: when it said so (aware UTC); None: it never did.
        trouble: why it did not answer last, for people; empty when it did, or was not asked.
    """

    source: str
    people: Sequence[OnCallPerson] = ()
    at: datetime | None = None
    trouble: str = ""


class ContactView(Struct, frozen=True):
    """Somebody who can be called.

    Attributes:
        group: `target` of the configuration, `runbook`, or `on call`.
        name: what `page` is told.
        channels: by which he is paged; empty where it is by hand.
        how: in the document's words, where a runbook has him.
        rota: the schedule or policy, and `until` when it ends.
        source: the pager or the document that says so, and `at` when the pager did.
    """

    group: str
    name: str
    handles: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    channels: tuple[str, ...] = ()
    how: str = ""
    rota: str = ""
    until: datetime | None = None
    source: str = ""
    at: datetime | None = None


class Contacts:
    """Who is on call, from the pagers and from the copy beside the record.

    A drill asks no pager: it reaches nothing but this machine.

    Args:
        near: reach nothing but this machine, as in a demo.
    """

    def __init__(self, room: Room, config: Config, *, near: bool) -> None:
        self._room = room
        self._config = config
        self._near = near
        self._copy = OnCallCopy.beside(room.store.path)
        self._said: dict[str, Fetched] = {}
        self._trouble: dict[str, str] = {}
        self._sources: list[OnCallSource] | None = None
        self._turn = asyncio.Lock()

    def on_call(self) -> list[OnCallView]:
        """What is known, by pager in the configuration's order; a pager that was taken out is not asked any more."""
        return [self._view(name) for name in self._config.channels if name in self._said or name in self._trouble]

    def _view(self, name: str) -> OnCallView:
        said = self._said.get(name)
        return OnCallView(name, said.people if said else (), said.at if said else None, self._trouble.get(name, ""))

    def addresses(self) -> Mapping[str, str]:
        """E-mail addresses by handle, as far as the pagers told them."""
        people = [person for view in self.on_call() for person in view.people]
        return {person.handle: person.email for person in people if person.handle and person.email}

    def first(self) -> str:
        """Who is on call first, by the pagers in the configuration's order: his handle, else his name; or nobody."""
        people = (person for view in self.on_call() for person in view.people)
        return next((person.handle or person.name for person in people), "")

    async def load(self) -> None:
        """Take up what was kept, where no pager has said anything since."""
        self._said = await asyncio.to_thread(self._copy.read) | self._said

    async def refresh(self) -> None:
        """Ask every pager; one that does not answer leaves what it said before, and why it did not."""
        async with self._turn:
            if self._room.state.drill:
                return
            if self._sources is None:
                self._sources = await asyncio.to_thread(
                    sources, self._config.channels, self._room.clock, near=self._near
                )
            for source in self._sources:
                await self._ask(source)

    async def _ask(self, source: OnCallSource) -> None:
        try:
            self._said[source.name] = fetched = Fetched(await source.on_call(), self._room.clock.now())
        except ChannelError as error:
            self._trouble[source.name] = safe(error.reason)
            return
        self._trouble.pop(source.name, None)
        if self._room.store.read_only:
            return
        try:
            await asyncio.to_thread(self._copy.keep, source.name, fetched)
        except OSError as error:
            self._trouble[source.name] = f"no copy of it can be kept: {error.strerror or error}; see the record's disk"

    async def follow(self) -> None:
        """Take up the copy, then ask again and again, until cancelled."""
        await self.load()
        while True:
            await self.refresh()
            await self._room.clock.sleep(EVERY)

    async def close(self) -> None:
        """Let connections go."""
        for source in self._sources or ():
            await source.close()


def everybody(plans: Plans, on_call: Sequence[OnCallView]) -> list[ContactView]:
    """All that can be called: the targets first, then who is on call, then the runbook's contacts."""
    found = [_target(name, each) for name, each in plans.config.targets.items()]
    found += [_on_call(person, view) for view in on_call for person in view.people]
    return found + (_of_runbook(plans.runbook) if plans.runbook else [])


def _target(name: str, target: PageTarget) -> ContactView:
    return ContactView("target", name, tuple(target.handles), target.phone, channels=tuple(target.channels))


def _on_call(person: OnCallPerson, view: OnCallView) -> ContactView:
    return ContactView(
        "on call", person.name, (person.handle,) if person.handle else (), person.phone, person.email,
        rota=person.rota, until=person.until, source=view.source, at=view.at,
    )  # fmt: skip


def _of_runbook(runbook: Runbook) -> list[ContactView]:
    """Those that are filled in; a placeholder reaches nobody."""
    listed: Mapping[str, str] = {each.name: each.how for each in runbook.contacts if not each.unfilled}
    return [ContactView("runbook", name, how=how, source=runbook.document) for name, how in listed.items()]
