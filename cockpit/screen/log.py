"""A pod's log: its end, read as a recorded run; `f` follows it, `p` shows the life before the last restart."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.room.requests import Refusal
from cockpit.room.runs import Confirmation
from cockpit.room.trouble import RunTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Tone, wrap

MOST = 10_000
"""Lines kept while following; older ones are dropped and counted."""

_BAD = ("error", "fatal", "exception", "panic", "critical", "traceback")


class LogPage(Page):
    """The log of one pod."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "previous", "previous", id="log.previous"),
        Binding("f", "follow", "follow", id="log.follow"),
    ]

    def __init__(self, war_room: WarRoom, pod: str) -> None:
        super().__init__(f"Log {pod}", "p before the last restart · f follow · g G first, last", follow=True)
        self._war = war_room
        self._pod = pod
        self._previous = False
        self._following = False
        self._lines: deque[str] = deque(maxlen=MOST)
        self._dropped = 0
        self._painted = 0

    def on_mount(self) -> None:
        """Read the end."""
        super().on_mount()
        self._read()

    @work(group="log", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        self.show_frame("reading …")
        try:
            plan = await self._war.prepare(self._war.jobs.log(self._pod, previous=self._previous))
            flight = self._war.launch(plan, Confirmation())
            assert flight.task is not None
            await flight.task
        except (RunTrouble, Refusal) as error:
            self._failed(str(error))
            return
        self._lines.clear()
        self._dropped = 0
        trouble = flight.trouble or (flight.result.error if flight.result else "")
        if trouble:
            self._failed(trouble)
            return
        self._take(list(flight.lines))
        which = "before the last restart" if self._previous else "the end"
        self._draw(f"{which}, {len(self._lines)} lines" if self._lines else f"{which}: empty, nothing was written")

    def _failed(self, why: str) -> None:
        self.show([Row("why", (Span(f" {why}", "bad"),))])
        self.show_frame("not read", bad=True)

    def _take(self, lines: list[str]) -> None:
        self._dropped += max(0, len(self._lines) + len(lines) - MOST)
        self._lines.extend(lines)

    def _draw(self, note: str) -> None:
        width = max(20, self.size.width - 2)
        self.show([row for n, line in enumerate(self._lines, self._dropped) for row in _rows(n, line, width)])
        self.show_frame(f"{note} · {self._dropped} older dropped" if self._dropped else note)

    def action_previous(self) -> None:
        """The life before the last restart, and back."""
        self._previous, self._following = not self._previous, False
        self._read()

    def action_follow(self) -> None:
        """Follow the log as it grows, and stop."""
        self._following = not self._following
        if self._following:
            self._previous = False
            self._follow()
        else:
            self._read()

    @work(group="log", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        """New lines as they come, drawn a few times a second at most."""
        self._lines.clear()
        self._dropped = 0
        self.show_frame("following …")
        painter = self.set_interval(0.1, self._paint)
        try:
            async for line in self._war.follow_log(self._pod):
                self._take([line])
        except (RunTrouble, Refusal) as error:
            self.show_frame(str(error), bad=True)
        else:
            self._draw("the container ended")
        finally:
            painter.stop()

    def _paint(self) -> None:
        """Draw what has come since, ten times a second at most, however fast it comes."""
        count = self._dropped + len(self._lines)
        if count != self._painted:
            self._painted = count
            self._draw("following")


def _rows(number: int, line: str, width: int) -> list[Row]:
    """A line over as many rows as it needs; the cursor stands on its first."""
    tone = _tone(line)
    parts = wrap(line, width)
    return [Row(str(number) if n == 0 else "", (Span(f" {part}", tone),)) for n, part in enumerate(parts)]


def _tone(line: str) -> Tone:
    lower = line.lower()
    return "bad" if any(word in lower for word in _BAD) else "warn" if "warn" in lower else "plain"
