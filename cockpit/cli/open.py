"""`cockpit` and `cockpit INCIDENT`: the full-screen cockpit."""

from __future__ import annotations

import gc
import os
import sys

import click

from cockpit.cli.context import Failure, merged_words, options, run, share_with
from cockpit.cli.look import Look, look
from cockpit.clock import SystemClock
from cockpit.incident.entry import stamp
from cockpit.room.options import Options
from cockpit.values import replace


@click.command(name="open", hidden=True)
@click.argument("incident", default="")
@click.pass_context
def open_cockpit(ctx: click.Context, incident: str) -> int:
    """Open the cockpit."""
    asked = options()
    if incident:
        asked = replace(asked, incident=incident)
    return run(lambda: fly(asked, look(ctx)))


share_with(open_cockpit)


async def fly(asked: Options, look: Look) -> int:
    """Open the house, run the cockpit until it is left, and give its exit code.

    Raises:
        Failure: there is no terminal to draw on.
        HouseError, Refusal, JournalError: the house cannot be opened.
    """
    need_terminal()
    from cockpit.room.house import open_house
    from cockpit.room.war_room import WarRoom
    from cockpit.screen.app import CockpitApp
    from cockpit.screen.glyphs import ASCII
    from cockpit.screen.terminal import let_go
    from cockpit.screen.themes import without_false_colours

    without_false_colours(os.environ)
    clock = SystemClock()
    house = await open_house(asked, clock)
    if house.merged:
        click.echo(f"cockpit: {merged_words(house)}", err=True)
    room = WarRoom(house, clock)
    room.on_ready = gc.freeze  # what is there then stays: to look through it for garbage would hold keys up for 0.1 s
    app = CockpitApp(room, theme=look.theme, glyphs=ASCII if look.ascii else None, bell=look.bell)
    try:
        await app.run_async(mouse=look.mouse)
    finally:
        let_go(app)
        await room.close()
        await house.close()
        for each in room.recorder.waiting:
            click.echo(f"cockpit: not recorded: {stamp(each.occurred)} {each.payload.model_dump_json()}", err=True)
    return app.return_code or 0


def need_terminal() -> None:
    """Raise Failure unless there is a terminal to draw on."""
    streams = (sys.stdin, sys.stdout, sys.__stderr__)
    if not all(stream and stream.isatty() for stream in streams) or os.environ.get("TERM", "dumb") == "dumb":
        raise Failure(
            "there is no terminal to draw on; `cockpit incident show` and the other commands print plain text"
        )
