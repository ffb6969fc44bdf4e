"""What is typed before there is a room: kept, and done in its order once there is one."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.events import Key, Paste
from textual.worker import WorkerState

if TYPE_CHECKING:
    from cockpit.screen.app import CockpitApp

HOPS = 20
"""Turns of the loop in which a key's line has come to whoever records it: each message on the way takes one or two."""
LOOKS, PAUSE = 400, 0.005
"""How often it is looked whether a line is recorded, and the seconds between: a journal that hangs says so itself, and
keys must go on."""


class Ahead:
    """Keys and pastes in the order in which they came.

    Args:
        app: for whom they are kept.
    """

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self._kept: deque[Key | Paste] = deque()

    async def keep(self, event: Key | Paste) -> None:
        """Keep it. What is for the terminal is done at once, and so is what leaves: ctrl+c, and `q` unless what was
        typed before it may have made it a letter of a text."""
        match event.key if isinstance(event, Key) else "":
            case "ctrl+c":
                self._app.end(128 + signal.SIGINT)
            case "q" if not self._kept:
                self._app.end(0)
            case "ctrl+l" | "ctrl+z" as key:
                await self._app.run_action({"ctrl+l": "repaint", "ctrl+z": "suspend_process"}[key])
            case _:
                self._kept.append(event)

    async def do(self, take: Callable[[Key | Paste], Awaitable[None]]) -> None:
        """Let `take` do all of it, each when what the one before began is done, as hands would wait for it."""
        while self._kept:
            event = self._kept.popleft()
            await take(event)
            if isinstance(event, Key) and event.key == "enter":
                await self._recorded()

    async def _recorded(self) -> None:
        """Until a line that was entered is recorded, is refused, or is asked about: what comes then is an answer."""
        screen = self._app.screen
        for _ in range(HOPS):
            await asyncio.sleep(0)
        for _ in range(LOOKS):
            if self._app.screen is not screen or not self._records():
                return
            await asyncio.sleep(PAUSE)

    def _records(self) -> bool:
        under_way = (WorkerState.PENDING, WorkerState.RUNNING)
        return any(each.group == "record" and each.state in under_way for each in self._app.workers)
