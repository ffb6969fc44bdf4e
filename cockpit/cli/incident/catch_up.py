"""`cockpit incident catch-up`: what changed while whoever asks was not looking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from cockpit.cli.context import house, run, say
from cockpit.incident.entry import stamp
from cockpit.incident.times import echo
from cockpit.room import grammar
from cockpit.room.journal.catching_up import CatchingUp, CaughtUp
from cockpit.room.requests import Refusal
from cockpit.room.requests.refs import LENGTH


@click.command(
    name="catch-up", help="What changed since you were last here; the cockpit's timeline knows by your keys."
)
@click.option("--since", type=grammar.When(), default=None, help="Since then instead: -30m, 03:41 or an ISO time.")
def catch_up(since: datetime | None) -> None:
    """Print it; nothing is marked as seen by it."""
    run(lambda: _catch_up(since))


async def _catch_up(since: datetime | None) -> None:
    async with house(read_only=True) as opened:
        room = opened.room
        if not room.incident:
            raise Refusal("there is no incident; `cockpit incident list` shows what there was")
        catching_up = CatchingUp(room, opened.sharing)
        if opened.sharing is not None and since is None:
            await opened.sharing.sync()  # what was seen on another machine; the house has said already if it is away
        told = await catching_up.told(since)
        say("\n".join(_lines(told, room.label)), lambda: _data(told, room.label))


def _lines(told: CaughtUp, label: str) -> list[str]:
    lines = [f"{label or 'not declared yet'}, {told.since}: {entries(told.entries)}"]
    for group in told.groups:
        lines += ["", f"{group.title} ({len(group.lines)})"]
        lines += [f"  {echo(line.at)}  {line.text}" for line in group.lines]
    return lines


def entries(number: int) -> str:
    """How many entries, in words."""
    return "nothing new" if not number else f"{number} {'entry' if number == 1 else 'entries'} by others"


def _data(told: CaughtUp, label: str) -> Mapping[str, Any]:
    groups = [
        {"title": group.title,
         "lines": [{"at": stamp(line.at), "text": line.text, "ref": line.entry[-LENGTH:]} for line in group.lines]}
        for group in told.groups
    ]  # fmt: skip
    return {"incident": label, "since": told.since, "entries": told.entries, "groups": groups}
