"""Runs as the room has them: prepared, launched, followed; each leaves its intent and result in the record."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct, field

from cockpit.action.errors import ActionError
from cockpit.action.kubernetes.patience import SLOW, WAITING
from cockpit.action.live import Progress, Terminal
from cockpit.action.model import Action, Confirmation, Plan
from cockpit.action.runner import Runner
from cockpit.incident.kinds import RunResult, RunVerified
from cockpit.kube.errors import KubeError
from cockpit.record.errors import JournalError
from cockpit.room.requests import Refusal
from cockpit.room.room import Room
from cockpit.room.runs.recorder import RoomRecorder
from cockpit.room.runs.turns import Turns
from cockpit.room.trouble import RunTrouble

__all__ = ["Confirmation", "Flight", "Plan", "RunTrouble", "Runs", "Terminal"]

KEPT_LINES = 2000
"""Lines of live output kept for the screen; the record keeps its own."""


class Flight(Struct):
    """One execution on its way. Changed on the event loop only.

    `standing` is running, verifying, or how it ended: succeeded, failed, cancelled, unknown, verified, refused.
    """

    plan: Plan
    began: datetime
    standing: str = "running"
    saying: str = ""
    ended: datetime | None = None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    result: RunResult | None = None
    verified: RunVerified | None = None
    trouble: str = ""
    unrecorded: bool = False
    """Nothing was executed, because its intent could not be recorded."""
    task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.ended is not None


class Runs:
    """The runs of one room.

    Args:
        room: where they are recorded.
        runner: executes them.
        recorder: writes their entries.
        turns: who may change something now.
        changed: called whenever a flight has something new, and at its end.
    """

    def __init__(
        self, room: Room, runner: Runner, recorder: RoomRecorder, turns: Turns, changed: Callable[[Flight], None]
    ) -> None:
        self._room = room
        self._runner = runner
        self._recorder = recorder
        self._turns = turns
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()
        self._flights: list[Flight] = []

    async def prepare(self, action: Action, waits: Callable[[str], None] = lambda _: None) -> Plan:
        """The plan of `action`, for the preview.

        Args:
            waits: called with the words when it takes long because a server is slow.

        Raises:
            RunTrouble: it cannot be looked at.
        """
        telling = asyncio.create_task(self._tell_slow(waits))
        try:
            return await self._runner.prepare(action)
        except (ActionError, KubeError) as error:
            raise RunTrouble(str(error)) from error
        finally:
            telling.cancel()

    async def _tell_slow(self, waits: Callable[[str], None]) -> None:
        await self._room.clock.sleep(SLOW)
        waits(WAITING)

    @property
    def under_way(self) -> list[Flight]:
        """What is not over yet, the first first."""
        return [flight for flight in self._flights if not flight.over]

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return bool(self._tasks)

    def launch(
        self,
        plan: Plan,
        given: Confirmation | None = None,
        *,
        unrecorded: bool = False,
        terminal: Terminal | None = None,
    ) -> Flight:
        """Execute `plan` and, when it changes something, verify it. The flight goes on whatever screen is closed.

        With `unrecorded` it goes on, too, when its intent cannot be recorded: somebody chose so.
        """
        if unrecorded:
            self._recorder.allow(plan.run)
        if given is not None and given.break_glass.strip():
            self._recorder.break_glass(plan.run, given.break_glass)
        flight = Flight(plan, self._room.clock.now())
        self._flights = [*self.under_way, flight]
        task = asyncio.create_task(self._fly(flight, given, terminal))
        flight.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return flight

    async def close(self) -> None:
        """Cancel what is under way, and wait until its end is recorded."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fly(self, flight: Flight, given: Confirmation | None, terminal: Terminal | None) -> None:
        try:
            await self._execute(flight, given, terminal)
        except asyncio.CancelledError:
            flight.standing = "cancelled"
            raise
        except (ActionError, KubeError, JournalError, Refusal) as error:
            flight.standing, flight.trouble = "failed" if flight.result else "refused", str(error)
            flight.unrecorded = isinstance(error, JournalError) and flight.result is None
        finally:
            flight.ended = self._room.clock.now()
            self._changed(flight)

    async def _execute(self, flight: Flight, given: Confirmation | None, terminal: Terminal | None) -> None:
        hear = self._hear(flight)
        if flight.plan.changes:
            async with self._turns.holding(flight.plan.title) as told:
                if told:
                    hear(Progress(0.0, told, (told,)))
                flight.result = await self._runner.execute(flight.plan, given, hear, terminal)
        else:
            flight.result = await self._runner.execute(flight.plan, given, hear, terminal)
        flight.standing = flight.result.outcome
        if flight.plan.changes and flight.result.outcome in ("succeeded", "unknown"):
            flight.standing = "verifying"
            self._changed(flight)
            flight.verified = await self._runner.verify(flight.plan, hear)
            flight.standing = {"failed": "not verified", "unknown": "unknown"}.get(flight.verified.verdict, "verified")
        flight.saying = flight.result.error

    def _hear(self, flight: Flight) -> Callable[[Progress], None]:
        def hear(progress: Progress) -> None:
            flight.saying = progress.text
            flight.lines.extend(progress.lines)
            self._changed(flight)

        return hear
