"""`cockpit incident timeline --follow`: what happened, and then each entry as it comes, until it is ended."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

import click

from cockpit.cli.context import as_json, house, options, say
from cockpit.cli.incident.rows import as_data, as_line
from cockpit.clock import SystemClock
from cockpit.incident.entry import Entry
from cockpit.record.errors import JournalError
from cockpit.room.house import House
from cockpit.room.room import Room
from cockpit.values import replace

POLL = 0.5
"""Seconds between two looks at the journal."""
SHARED_POLL = 5.0
"""Seconds between two looks at a shared record, which a cockpit beside this one asks more often."""


async def follow(since: datetime | None, *, every: bool) -> None:
    """Print the entries that there are, in the record's order, then those that come, in theirs.

    Where nothing is recorded yet, it waits. Each entry is a line, of JSON where that was asked for; what was amended
    since is left out unless `every`.

    Raises:
        JournalError, HouseError, Refusal: as opening the house does.
    """
    clock = SystemClock()
    await _begun(clock)
    async with house(read_only=True) as opened:
        room, looks = opened.room, 0
        seen: set[str] = set()
        trouble = ""
        while True:
            for entry in [entry for entry in room.timeline.entries if entry.id not in seen]:
                seen.add(entry.id)
                if (since is None or entry.occurred >= since) and (every or not room.state.edits.replaced(entry)):
                    _print(entry, room)
            await clock.sleep(POLL)
            looks += 1
            trouble = await _look(opened, trouble, far=looks % int(SHARED_POLL / POLL) == 0)


async def _begun(clock: SystemClock) -> None:
    """Wait until there is a journal: one that is only read is not made."""
    path = replace(options(), read_only=True).journal_path
    if await asyncio.to_thread(path.exists):
        return
    click.echo(f"cockpit: nothing is recorded yet in {path}; waiting", err=True)
    while not await asyncio.to_thread(path.exists):
        await clock.sleep(POLL)


async def _look(opened: House, trouble: str, *, far: bool) -> str:
    """Take in what is new; gives why it could not be read, and says so once."""
    room = opened.room
    try:
        if far and opened.sharing is not None:
            await opened.sharing.sync()
        if not room.incident:
            await room.adopt()
        await room.join()
        await room.refresh()
    except JournalError as error:
        if str(error) != trouble:
            click.echo(f"cockpit: {error}; trying again", err=True)
        return str(error)
    return ""


def _print(entry: Entry, room: Room) -> None:
    if as_json():
        click.echo(json.dumps(as_data(entry, room.state), ensure_ascii=True, default=str))
    else:
        say(as_line(entry, room.state))
