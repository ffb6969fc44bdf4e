"""`cockpit incident brief`: where the incident stands, in sentences to read aloud."""

from __future__ import annotations

import click

from cockpit.cli.context import house, run, say
from cockpit.room.journal.papers import Papers
from cockpit.room.requests import Refusal


@click.command(name="brief", help="Where the incident stands, to read aloud on the call.")
def brief() -> None:
    """Print it."""
    run(_brief)


async def _brief() -> None:
    async with house(read_only=True) as opened:
        if opened.room.state.declared is None:
            raise Refusal("no incident is declared; `cockpit incident list` shows what there was")
        told = Papers(opened.room).brief()
        say(told.text(), lambda: {section.title: list(section.lines) for section in told.sections})
