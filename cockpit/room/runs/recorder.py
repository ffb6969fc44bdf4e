"""The runs' way into the record: each entry goes to the incident that its run began in, or waits for the journal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.incident.kinds import BreakGlass, Payload, RunResult, RunVerified
from cockpit.record.errors import JournalError
from cockpit.room.facts.telling import RETRY
from cockpit.room.permission import deed_of_risk
from cockpit.room.requests import Facts, Refusal, worded
from cockpit.room.room import Room
from cockpit.text import safe

if TYPE_CHECKING:
    from cockpit.action.model import Plan


class Waiting(Struct, frozen=True):
    """An entry that the journal did not take: which incident's, and when it occurred."""

    incident: str
    payload: Payload
    occurred: datetime
    actor: str = ""
    role: str | None = None


class RoomRecorder:
    """Writes a run's entries into the room.

    What happened cannot be refused afterwards: a result or a verdict that the journal does not take waits here, with
    the time at which it occurred, until `catch_up` could write it. An intent waits only where somebody chose so.

    Args:
        room: where they are recorded.
        changed: called when something began or ceased to wait.
    """

    def __init__(self, room: Room, changed: Callable[[], None] = lambda: None) -> None:
        self._room = room
        self._changed = changed
        self._incidents: dict[str, str] = {}
        self._operators: dict[str, tuple[str, str | None]] = {}
        self._allowed: set[str] = set()
        self._broken: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self.waiting: deque[Waiting] = deque()

    def allow(self, run: str) -> None:
        """Somebody chose that `run` is executed though its intent cannot be recorded now."""
        self._allowed.add(run)

    def break_glass(self, run: str, why: str) -> None:
        """Somebody executes `run` though his roles do not let him: its intent comes with that, and why."""
        self._broken[run] = why

    async def intent(self, plan: Plan) -> None:
        """Record what will be executed; raises JournalError, unless the run was allowed to go on without."""
        self._operators[plan.run] = (self._room.keyboard.must_be_held(), self._room.role)
        payloads = [*self._glass(plan), plan.intent()]
        try:
            await self._write(plan.run, *payloads)
        except JournalError:
            if plan.run not in self._allowed:
                raise
            for payload in payloads:
                self._wait(plan.run, payload)
        self._incidents[plan.run] = self._room.incident

    def _glass(self, plan: Plan) -> list[Payload]:
        """That the operator's roles do not let him, where they do not."""
        why, deed = self._broken.pop(plan.run, ""), deed_of_risk(plan.amounts_to)
        if not why or not self._room.forbidden(deed):
            return []
        return [BreakGlass(deed=deed, what=safe(plan.title), why=worded(why, "the reason"), run=plan.run)]

    async def result(self, result: RunResult) -> None:
        """Record how it ended."""
        await self._write_or_wait(result.run, result)

    async def verified(self, verified: RunVerified) -> None:
        """Record whether it took hold."""
        await self._write_or_wait(verified.run, verified)

    async def catch_up(self) -> None:
        """Write what waits, oldest first; raises JournalError, and keeps the rest."""
        async with self._turn:
            while self.waiting:
                await self._room.perform_in(self.waiting[0].incident, _late(self.waiting[0]))
                self.waiting.popleft()
                self._changed()

    async def write_waiting(self) -> None:
        """Write what waits as soon as it can be; for ever."""
        while True:
            await self._room.clock.sleep(RETRY)
            with suppress(JournalError, Refusal):
                await self.catch_up()

    async def _write_or_wait(self, run: str, payload: Payload) -> None:
        try:
            if self.waiting:
                await self.catch_up()
            await self._write(run, payload)
        except (JournalError, Refusal):
            self._wait(run, payload)

    async def _write(self, run: str, *payloads: Payload) -> None:
        """Record `payloads` as the deed of whoever began the run: another may hold the keyboard when it ends."""
        actor, role = self._operators.get(run, ("", None))
        facts = Facts(lambda _: [(payload, None) for payload in payloads], actor, role)
        await self._room.perform_in(self._incidents.get(run, ""), facts)

    def _wait(self, run: str, payload: Payload) -> None:
        incident = self._incidents.get(run, self._room.incident)
        actor, role = self._operators.get(run, ("", None))
        self.waiting.append(Waiting(incident, payload, self._room.clock.now(), actor, role))
        self._changed()


def _late(waiting: Waiting) -> Facts:
    """What waited, with the time at which it occurred."""
    return Facts(lambda _: [(waiting.payload, waiting.occurred)], waiting.actor, waiting.role)
