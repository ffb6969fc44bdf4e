"""Saying what was decided apart: once, by whose decision did not stand, else by whichever cockpit is still there."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from cockpit.incident.fold.contests import untold
from cockpit.incident.kinds import Payload
from cockpit.incident.state import State
from cockpit.record.errors import JournalError
from cockpit.room.refusal import Refusal
from cockpit.room.requests import Facts
from cockpit.room.room import Room

LOOK = 1.0
"""Seconds between two looks."""
OTHERS = 10
"""Looks after which those say it, too, whose decision it was not."""


async def say_contradictions(room: Room) -> None:
    """Record what of the present incident was decided apart; for ever."""
    looks = 0
    while True:
        await room.clock.sleep(LOOK)
        found = untold(room.state)
        looks = looks + 1 if found else 0
        if not found:
            continue
        with suppress(Refusal, JournalError):
            own = await room.store.call(lambda journal: journal.writer)
            ours = {entry.id for entry in room.timeline.entries if entry.writer == own}
            if looks > OTHERS or any(each.first in ours for each in found):
                await room.perform(Facts(_told, actor="cockpit"))


def _told(state: State) -> list[tuple[Payload, datetime | None]]:
    return [(each, None) for each in untold(state)]
