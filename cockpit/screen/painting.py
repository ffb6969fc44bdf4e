"""What of a picture goes to the terminal: the cells that differ, while the line takes them, and in its characters."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen

from cockpit.screen.terminal.driver import TerminalDriver
from cockpit.screen.terminal.lending import line_of
from cockpit.screen.terminal.wire import Narrowed, Wire

SOON, STALL = 0.02, 0.25
"""Seconds until it is looked whether a line that took nothing takes something again: at first, and at most. A busy
machine makes it stall for a moment, a bad link for long."""


class Painting(App[int]):
    """An application that draws what is new, and is ended when its terminal is gone."""

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.own_filters: Sequence[LineFilter] = ()
        """What every line goes through besides the toolkit's filters for colours."""
        self.holds = False
        """Whether a picture is being made: until it is whole, that before it is left on the terminal."""
        self._wire = Wire()
        self._stalled = 0.0
        """Seconds until the next look at a line that took nothing; 0 while it takes what is drawn."""

    def on_resize(self) -> None:
        """Paint the whole screen again: a terminal that came back to the size it had may have lost some of it."""
        self.action_repaint()

    def action_repaint(self) -> None:
        """Paint the whole screen again, after something else wrote over it."""
        self._wire.forget()
        self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Textual's one way to the terminal: of what it draws, only the cells that differ go over the line.

        Nothing, while the line takes nothing: a link that stalls must hold up neither keys nor runs nor the record.
        """
        if self.holds:
            return
        match line_of(self._driver):
            case "gone":
                self.end(128 + signal.SIGHUP)
                return
            case "stalled":
                if not self._stalled:
                    self._stalled = SOON
                    self.set_timer(SOON, self._draw_again)
                return
        narrowed = Narrowed(self._wire, renderable) if isinstance(renderable, CompositorUpdate) else renderable
        super()._display(screen, narrowed)

    def _draw_again(self) -> None:
        """The line takes something again: paint the whole screen. It does not: look again later."""
        if line_of(self._driver) == "stalled":
            self._stalled = min(STALL, 2 * self._stalled)
            self.set_timer(self._stalled, self._draw_again)
            return
        self._stalled = 0.0
        self.action_repaint()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through: the toolkit's filters for colours, and our own.

        The toolkit chooses how it leaves out colours before it knows the theme: of the terminal's own colours, which
        have no shade that it knows, its greys would all be black on black.
        """
        filters = super().get_line_filters()
        if self.native_ansi_color:
            filters = [NoColor() if isinstance(each, Monochrome) else each for each in filters]
        return [*filters, *self.own_filters]

    def end(self, code: int) -> None:
        """Somebody ended us from outside: what is recorded is durable, so only the terminal is to be tidied."""
        self.exit(code, return_code=code)
