"""Saying that an ask is overdue: once, by whichever cockpit sees it first, while the incident goes on."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from cockpit.incident.kinds import Payload
from cockpit.incident.state import State
from cockpit.record.errors import JournalError
from cockpit.room.requests import Facts, Refusal
from cockpit.room.requests.asks import overdue
from cockpit.room.room import Room

LOOK = 1.0
"""Seconds between two looks at the clock."""


async def say_overdue(room: Room) -> None:
    """Record the asks of the present incident whose time has passed; for ever. What the journal refuses now is said
    at the next look."""
    while True:
        await room.clock.sleep(LOOK)
        if room.state.declared is not None and overdue(room.state, room.clock.now()):
            with suppress(Refusal, JournalError):
                await room.perform(Facts(lambda state: _said(state, room), actor="cockpit"))


def _said(state: State, room: Room) -> list[tuple[Payload, datetime | None]]:
    return [(late, None) for late in overdue(state, room.clock.now())]
