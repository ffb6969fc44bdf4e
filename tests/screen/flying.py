"""A cockpit under test: the whole application over a real house, on a screen that a test can read and type at."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import textual._wait
import textual.screen
from conftest import eventually
from textual.events import Paste
from textual.pilot import Pilot

from cockpit.clock import Clock, SystemClock
from cockpit.incident.entry import Entry
from cockpit.room.house import House, open_house
from cockpit.room.options import Options
from cockpit.room.war_room import WarRoom
from cockpit.screen.app import CockpitApp
from cockpit.screen.terminal.glyphs import UNICODE, Glyphs

QUIET = 0.01
"""Seconds in which a cockpit must have done nothing to count as done with a key: half of what Textual's pilot waits,
twice for each key and there are many thousands of them, but more than a picture is put off."""
textual._wait.SLEEP_GRANULARITY, textual._wait.SLEEP_IDLE = QUIET, QUIET / 20
textual.screen.UPDATE_PERIOD = QUIET * 0.8


@dataclass
class Flown:
    """A running cockpit."""

    app: CockpitApp
    pilot: Pilot[int]
    war: WarRoom
    folder: Path

    @property
    def entries(self) -> list[Entry]:
        """The record so far, in its order."""
        return list(self.war.room.timeline.entries)

    @property
    def kinds(self) -> list[str]:
        """The kinds of the record so far, in its order."""
        return [entry.kind for entry in self.entries]

    @property
    def screen(self) -> str:
        """The name of the screen in front."""
        return type(self.app.screen).__name__

    @property
    def lines(self) -> list[str]:
        """What the screen in front shows, line by line."""
        return picture(self.app)

    @property
    def text(self) -> str:
        """What the screen in front shows."""
        return "\n".join(self.lines)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a line, character by character."""
        names = {" ": "space", "/": "slash", "-": "minus", ".": "full_stop", ",": "comma", ":": "colon"}
        await self.pilot.press(*(names.get(character, character) for character in text))

    async def sees(self, *words: str, timeout: float = 30.0) -> str:
        """Wait until every one of `words` stands on the screen; gives the screen."""
        try:
            await eventually(lambda: _all_in(words, self.text), timeout)
        except AssertionError:
            missing = [word for word in words if word not in self.text]
            raise AssertionError(f"never saw {missing} on {self.screen}:\n{self.text}") from None
        return self.text

    async def goes_to(self, screen: str) -> None:
        """Wait until a screen of that class is in front."""
        try:
            await eventually(lambda: self.screen == screen)
        except AssertionError:
            raise AssertionError(f"never came to {screen} from {self.screen}:\n{self.text}") from None

    async def opens_crashing(self, key: str, screen: str) -> None:
        """Open a screen by `key` on a pod of the bad release, which between two crashes stands among the others."""
        for _ in range(30):
            await self.sees("▲ fdb6c65fd")
            await self.press("1", "g", key)
            await self.goes_to(screen)
            if "fdb6c65fd" in self.lines[0]:
                return
            await self.press("escape")
            await self.goes_to("CockpitScreen")
        raise AssertionError(f"no pod of the bad release came first:\n{self.text}")

    async def records(self, kind: str, count: int = 1) -> Entry:
        """Wait until the record has so many entries of `kind`; gives the last."""
        try:
            await eventually(lambda: self.kinds.count(kind) >= count)
        except AssertionError:
            raise AssertionError(f"never recorded {count} {kind}: {self.kinds}\n{self.text}") from None
        return [entry for entry in self.entries if entry.kind == kind][-1]

    async def settles(self) -> None:
        """Wait until what was asked of the screens so far is done and drawn."""
        await self.pilot.pause()
        await self.pilot.pause()


def _all_in(words: tuple[str, ...], text: str) -> bool:
    return all(word in text for word in words)


async def paste(cockpit: Flown, text: str) -> None:
    """Paste as a terminal does, into whatever has the focus."""
    focused = cockpit.app.screen.focused
    assert focused is not None
    focused.post_message(Paste(text))
    await cockpit.settles()


def picture(app: CockpitApp) -> list[str]:
    """The screen in front as text: exactly the cells that a terminal would be sent."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def options(folder: Path, config: Path | None = None, **more: object) -> Options:
    """What a cockpit of a test is started with: nothing of the caller's environment, a journal in `folder`."""
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    given = {"actor": "@ada", "journal": folder / "record.db", "config": config} | more
    return Options(environ, folder, **given)  # type: ignore[arg-type]


@asynccontextmanager
async def housed(asked: Options, clock: Clock | None = None) -> AsyncIterator[House]:
    """An opened house."""
    house = await open_house(asked, clock or SystemClock())
    try:
        yield house
    finally:
        await house.close()


@asynccontextmanager
async def flown(
    war: WarRoom, folder: Path, size: tuple[int, int] = (80, 24), glyphs: Glyphs = UNICODE
) -> AsyncIterator[Flown]:
    """The cockpit over `war`, until the block ends."""
    app = CockpitApp(war, glyphs=glyphs)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Flown(app, pilot, war, folder)
    finally:
        await war.close()


@asynccontextmanager
async def flying(
    folder: Path,
    config: Path | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    glyphs: Glyphs = UNICODE,
    **more: object,
) -> AsyncIterator[Flown]:
    """A cockpit with the configuration at `config`, its journal in `folder`."""
    async with (
        housed(options(folder, config, **more)) as house,
        flown(WarRoom(house, house.room.clock), folder, size, glyphs) as cockpit,
    ):
        yield cockpit
