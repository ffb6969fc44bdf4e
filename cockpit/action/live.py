"""What an execution tells while it runs: progress for the screen, output for the record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cockpit.action.output import Output
from cockpit.clock import Clock
from cockpit.text import safe

_PIECE = 16 * 1024
"""Characters that are cleaned and redacted at a time: some 10 ms."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One sign of life: seconds since the start, what it does or waits for, and the output lines that are new."""

    elapsed: float
    text: str
    lines: tuple[str, ...] = ()


OnProgress = Callable[[Progress], None]

Terminal = Callable[[Sequence[str], Mapping[str, str]], Awaitable[int]]
"""Gives the whole screen to a program (its argv and environment) until it ends; gives its exit status."""


def ignore(_: Progress) -> None:
    """Show progress to nobody."""


class Live:
    """The ear of one execution. Everything that passes it comes out cleaned and redacted."""

    def __init__(self, clock: Clock, on_progress: OnProgress = ignore, terminal: Terminal | None = None) -> None:
        self.clock = clock
        self.terminal = terminal
        """Where a program can have the whole screen; None where there is none."""
        self.output = Output()
        self.sent = False
        """Whether a request that changes something is on its way, so that its outcome needs to be found out."""
        self.hide: Callable[[str], str] = str
        """Takes out what nobody may read, besides what looks like a secret: the values of secret parameters."""
        self._on_progress = on_progress
        self._started = clock.monotonic()
        self.said = ""
        """What it said last that it does or waits for."""

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return self.clock.monotonic() - self._started

    def say(self, text: str) -> None:
        """Report what it does or waits for."""
        self.said = safe(self.hide(text))
        self._on_progress(Progress(self.elapsed, self.said))

    async def write(self, lines: Iterable[str]) -> None:
        """Take output lines and show them, in pieces between which the event loop gets its turn."""
        piece: list[str] = []
        size = 0
        for line in lines:
            piece.append(line)
            size += len(line)
            if size >= _PIECE:
                self._take(piece)
                await asyncio.sleep(0)
                piece, size = [], 0
        self._take(piece)

    def _take(self, lines: list[str]) -> None:
        shown = self.output.add([self.hide(line) for line in lines])
        if shown:
            self._on_progress(Progress(self.elapsed, self.said, shown))
