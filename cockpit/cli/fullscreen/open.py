"""`cockpit` and `cockpit INCIDENT`: the full-screen cockpit."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

import click

from cockpit.cli.context import Failure, merged_words, options, run, share_with
from cockpit.cli.fullscreen.look import Look, look
from cockpit.clock import SystemClock
from cockpit.lazy import in_slices
from cockpit.room.options import Options
from cockpit.values import replace

if TYPE_CHECKING:
    from cockpit.room.house import House
    from cockpit.room.war_room import WarRoom

SLICES = (
    "pydantic", "cockpit.incident.kinds", "cockpit.incident.policies", "cockpit.config", "cockpit.runbook.model",
    "cockpit.record.store", "cockpit.room.room", "cockpit.room.house", "cockpit.room.war_room",
    "cockpit.screen.cockpit",
)  # fmt: skip
"""What is imported behind the first picture, in pieces of some ten milliseconds, between which keys are looked at."""

STARTING = 500_000
"""Allocations between two collections of garbage until all is there: a start makes few that are garbage, and each
collection looks through all that it made, 6 % of its time."""


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
    """Run the cockpit until it is left, and give its exit code; the house is opened behind its first picture.

    Raises:
        Failure: there is no terminal to draw on.
        HouseError, Refusal, JournalError: the house cannot be opened.
    """
    need_terminal()
    here = Residence(asked)
    from cockpit.screen.app import CockpitApp
    from cockpit.screen.opening import Opening
    from cockpit.screen.terminal.glyphs import ASCII
    from cockpit.screen.terminal.lending import let_go
    from cockpit.screen.terminal.themes import without_false_colours

    without_false_colours(os.environ)
    place = "/".join(filter(None, (asked.context, asked.namespace)))
    opening = Opening(here.open, here.clock, asked.journal_path.parent, asked.incident or asked.service, place)
    app = CockpitApp(opening, theme=look.theme, glyphs=ASCII if look.ascii else None, bell=look.bell)
    try:
        await app.run_async(mouse=look.mouse)
    finally:
        let_go(app)
        await here.close()
    if app.refused is not None:
        raise app.refused
    return app.return_code or 0


class Residence:
    """The house and the room in it that a cockpit is opened over, and what is said when it is left."""

    def __init__(self, asked: Options) -> None:
        self.clock = SystemClock()
        self._asked = asked
        self._usual = gc.get_threshold()
        gc.set_threshold(STARTING)
        self._house: House | None = None
        self._room: WarRoom | None = None

    async def open(self) -> WarRoom:
        """Open them; raises as `open_house` does."""
        await in_slices(*SLICES)
        from cockpit.room.house import open_house
        from cockpit.room.war_room import WarRoom

        self._house = await open_house(self._asked, self.clock)
        self._room = WarRoom(self._house, self.clock)
        self._room.on_ready = self._settle
        return self._room

    def _settle(self) -> None:
        """All is there that stays: to look through it for garbage would hold keys up for 0.1 s. What comes is."""
        gc.freeze()
        gc.set_threshold(*self._usual)

    async def close(self) -> None:
        """Close what was opened, and say what the terminal's owner must know."""
        if self._house is not None and self._house.merged:
            click.echo(f"cockpit: {merged_words(self._house)}", err=True)
        if self._room is not None:
            await self._room.close()
        if self._house is not None:
            await self._house.close()
        if self._room is not None:
            _tell_unrecorded(self._room)


def _tell_unrecorded(room: WarRoom) -> None:
    from cockpit.incident.entry import stamp

    for each in room.recorder.waiting:
        click.echo(f"cockpit: not recorded: {stamp(each.occurred)} {each.payload.model_dump_json()}", err=True)


def need_terminal() -> None:
    """Raise Failure unless there is a terminal to draw on."""
    streams = (sys.stdin, sys.stdout, sys.__stderr__)
    if not all(stream and stream.isatty() for stream in streams) or os.environ.get("TERM", "dumb") == "dumb":
        raise Failure(
            "there is no terminal to draw on; `cockpit incident show` and the other commands print plain text"
        )
