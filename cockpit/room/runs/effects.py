"""Whether a change helped: the signals are kept as it begins, and looked at again 1, 5 and 10 minutes after its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from cockpit.incident import kinds
from cockpit.incident.effect import MINUTES, judged
from cockpit.incident.entry import Entry
from cockpit.incident.state import Run, State
from cockpit.record.errors import JournalError
from cockpit.room.facts.signals import seen as as_seen
from cockpit.room.requests import Facts, Refusal
from cockpit.room.room import Room
from cockpit.room.views.signals import PodsView, SignalView

LOOK = 1.0
"""Seconds between two looks at the clock."""
LATE = timedelta(seconds=45)
"""What is looked at so much later than it should is not the effect after that time any more."""

Seen = Callable[[], tuple[Sequence[SignalView], PodsView] | None]


class Effects:
    """Writes the effect of every change of the present incident, whichever cockpit made it.

    Args:
        room: the record.
        seen: the signals and pods as they are known now; None before anything is watched.
        watching: whether they are about the present record.
        patience: seconds for which another cockpit's word is awaited first.
    """

    def __init__(
        self, room: Room, seen: Seen, watching: Callable[[], bool], patience: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._room = room
        self._seen = seen
        self._watching = watching
        self._patience = patience
        self._begun: list[tuple[kinds.RunEffect, float]] = []

    def note_beginnings(self, entries: Sequence[Entry]) -> None:
        """Keep how things were before a change: its intent was written, and nothing is executed yet."""
        now = self._seen() if self._watching() else None
        for entry in entries:
            intent = kinds.read(entry) if entry.kind == kinds.RunIntent.kind else None
            if now is None or not isinstance(intent, kinds.RunIntent) or intent.risk not in ("changing", "destructive"):
                continue
            begun = kinds.RunEffect.model_validate({"run": intent.run, **as_seen(*now)})
            self._begun.append((begun, self._room.clock.monotonic() + self._patience()))

    async def write(self) -> None:
        """Record what is due, for ever; what the journal refuses now is tried at the next look."""
        while True:
            await self._room.clock.sleep(LOOK)
            with suppress(Refusal, JournalError):
                await self.look()

    async def look(self) -> None:
        """Record the beginnings that wait and the effects that are due; raises Refusal and JournalError."""
        while self._begun and self._begun[0][1] <= self._room.clock.monotonic():
            await self._tell(self._begun[0][0])
            self._begun.pop(0)
        if self._room.state.declared is None or not self._watching():
            return
        for effect in list(self._due(self._room.state)):
            await self._tell(effect)

    async def _tell(self, effect: kinds.RunEffect) -> None:
        def wanted(state: State) -> list[tuple[kinds.Payload, None]]:
            run = state.runs.get(effect.run)
            return [] if run is None or run.effect(effect.after) is not None else [(effect, None)]

        await asyncio.shield(self._room.perform(Facts(wanted, actor="cockpit")))

    def _due(self, state: State) -> Iterator[kinds.RunEffect]:
        """The looks whose time has come and that nobody has recorded."""
        now = self._room.clock.now()
        for run in state.runs.values():
            before = run.effect(0)
            if before is None or run.ended is None or run.outcome not in ("succeeded", "unknown"):
                continue
            for minutes in MINUTES:
                due = run.ended.at + timedelta(minutes=minutes)
                if now >= due + timedelta(seconds=self._patience()) and run.effect(minutes) is None:
                    yield self._effect(run, before, minutes, late=now - due > LATE)

    def _effect(self, run: Run, before: kinds.RunEffect, minutes: int, *, late: bool) -> kinds.RunEffect:
        seen = None if late else self._seen()
        fields: dict[str, object] = {"run": run.intent.run, "after": minutes}
        if seen is None:
            why = "no cockpit was looking then" if late else "nothing is watched"
            return kinds.RunEffect.model_validate(fields | {"verdict": "unknown", "findings": (why,)})
        now = kinds.RunEffect.model_validate(fields | as_seen(*seen))
        found = judged(before, now)
        return now.model_copy(update={"verdict": found.verdict, "findings": found.findings})
