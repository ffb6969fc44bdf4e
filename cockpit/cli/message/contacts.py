"""`cockpit contacts`: whom one can call, and how; with telephone numbers that are there while no pager answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, house, run, say, share_with
from cockpit.cli.message.ladder import ladder_data, ladder_lines
from cockpit.clock import SystemClock
from cockpit.incident.times import echo, span
from cockpit.room.contacts import ContactView, OnCallView, everybody
from cockpit.values import asdict

_TITLES = {"target": "Targets of the configuration", "on call": "On call", "runbook": "Contacts of the runbook"}

_WIDEST = 40
"""Characters of a name before what follows is not aligned any more."""


@click.command(help="Whom one can call: the ladder with who is next, targets, who is on call, the runbook's contacts.")
@click.option("--refresh", is_flag=True, help="Ask the pagers now who is on call; else what they said last is shown.")
def contacts(refresh: bool) -> None:
    """Print them."""
    if failed := run(lambda: _contacts(refresh)):
        raise Failure("; ".join(failed))


share_with(contacts)


async def _contacts(refresh: bool) -> list[str]:
    """Print them, and give why a pager that was asked did not answer."""
    async with house(read_only=not refresh) as opened:
        if refresh and opened.room.state.drill:
            raise Wrong("a drill asks no pager; leave --refresh out, or name another incident with --incident")
        await opened.contacts.load()
        if refresh:
            await opened.contacts.refresh()
        views = opened.contacts.on_call()
        found = everybody(opened.plans, views)
        now, ladder, state = SystemClock().now(), opened.room.ladder(), opened.room.state
        rungs = ladder_lines(ladder, state, now)
        lines = [*rungs, *([""] if rungs else []), *_lines(found, views, now)]
        say("\n".join(lines), lambda: _data(found, views) | {"ladder": ladder_data(ladder, now)})
        return [f"{view.source}: {view.trouble}" for view in views if view.trouble]


def _lines(found: Sequence[ContactView], views: Sequence[OnCallView], now: datetime) -> list[str]:
    lines: list[str] = []
    for group, title in _TITLES.items():
        if listed := [each for each in found if each.group == group]:
            lines += ["", f"{title}{_as_of(views, now) if group == 'on call' else ''}"]
            width = min(_WIDEST, max(len(each.name) for each in listed))
            lines += [f"  {each.name:<{width}}  {_how(each)}" for each in listed]
    return lines[1:] or ["nobody is known; write `targets:` into the configuration, and a pager's token"]


def _as_of(views: Sequence[OnCallView], now: datetime) -> str:
    said = [f"{view.source} {span((now - view.at).total_seconds())} ago" for view in views if view.at]
    return f", as said by {', '.join(said)}" if said else ""


def _how(each: ContactView) -> str:
    """How somebody is reached."""
    until = f"until {echo(each.until)}" if each.until else ""
    by = f"by {' → '.join(each.channels)}" if each.channels else ""
    told = (by, " ".join(each.handles), each.phone, each.email, each.how, each.rota, until)
    return " · ".join(part for part in told if part)


def _data(found: Sequence[ContactView], views: Sequence[OnCallView]) -> dict[str, Any]:
    pagers = [{"source": view.source, "at": view.at, "trouble": view.trouble} for view in views]
    return {"contacts": [asdict(each) for each in found], "pagers": pagers}
