"""How a picture is taken of a staged cockpit: flown to where it shows something, compared, and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from conftest import eventually
from screen.flying import picture
from textual.pilot import Pilot

from cockpit.room.war_room import WarRoom
from cockpit.screen.app import CockpitApp
from cockpit.screen.terminal.glyphs import UNICODE, Glyphs

Compare = Callable[..., bool]
"""The fixture `snap_compare`."""


async def drawn(pilot: Pilot[int], words: str) -> None:
    """Wait until `words` stand on the screen, and all that belongs to them."""
    app = pilot.app
    assert isinstance(app, CockpitApp)
    try:
        await eventually(lambda: words in "\n".join(picture(app)), 20)
    except AssertionError:
        raise AssertionError(f"never saw {words!r}:\n" + "\n".join(picture(app))) from None
    await pilot.pause()


def looks(
    snap_compare: Compare, war: WarRoom, fly: Callable[[Pilot[int]], Awaitable[None]], *,
    size: tuple[int, int] = (80, 24), glyphs: Glyphs = UNICODE,
) -> None:  # fmt: skip
    """Hold the picture of `war`, after `fly`, against the one that was accepted; the war room is closed."""
    try:
        assert snap_compare(CockpitApp(war, glyphs=glyphs), terminal_size=size, run_before=fly)
    finally:
        asyncio.run(war.house.close())
