"""The Textual application: themes, signals of the operating system and the cockpit as its screen."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual._compositor import CompositorUpdate
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.filter import LineFilter, Monochrome, NoColor
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from cockpit.screen.ahead import Ahead
from cockpit.screen.defect import told
from cockpit.screen.keys import DEEDS
from cockpit.screen.opening import Opening, OpeningScreen
from cockpit.screen.plain import Ascii
from cockpit.screen.stylesheet import KeptStylesheet
from cockpit.screen.terminal import themes
from cockpit.screen.terminal.clipboard import copy
from cockpit.screen.terminal.escapes import through
from cockpit.screen.terminal.glyphs import Glyphs, choose
from cockpit.screen.terminal.lending import has_shell, line_of, stop
from cockpit.screen.terminal.wire import Narrowed, Wire
from cockpit.screen.widgets.field import Field
from cockpit.text import clean

if TYPE_CHECKING:  # it is opened behind the first picture
    from cockpit.room.war_room import WarRoom

SOON, STALL = 0.02, 0.25
"""Seconds until it is looked whether a line that took nothing takes something again: at first, and at most. A busy
machine makes it stall for a moment, a bad link for long."""


class CockpitApp(App[int], inherit_bindings=False):
    """The cockpit over one room.

    Args:
        room: everything it shows and does, or how that is opened behind the first picture; closed by whoever made it.
        theme: dark, light, contrast or ansi; chosen by the terminal's colours when not given.
        glyphs: the marks; chosen from the locale when not given. With the ASCII ones nothing else is drawn.
        bell: ring, and notify the terminal, when something becomes overdue.
    """

    TITLE = "cockpit"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "cockpit.tcss"]  # a default screen's own style is not read
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "repaint", "paint again", show=False, id="cockpit.repaint"),
        Binding("ctrl+z", "suspend_process", "to the shell", show=False, id="cockpit.suspend"),
        Binding("ctrl+c,ctrl+q", "help_quit", show=False, system=True),
    ]

    def __init__(
        self, room: WarRoom | Opening, *, theme: str = "", glyphs: Glyphs | None = None, bell: bool = True
    ) -> None:  # fmt: skip
        super().__init__()
        self._opening = room if isinstance(room, Opening) else None
        self._room = None if isinstance(room, Opening) else room
        self._ahead = Ahead(self) if self._opening else None
        """What was typed before there was a room to do it; None when all is done as it is typed."""
        self._turning = False
        """Whether the room's picture is being made: until it is whole, that before it is left on the terminal."""
        self.refused: Exception | None = None
        """Why the room could not be opened, which has ended the cockpit."""
        self.glyphs = glyphs or choose()
        for each in themes.OURS:
            self.register_theme(each)
        self.theme = themes.NAMES[theme or themes.fitting(self.console.color_system)]
        self.stylesheet = KeptStylesheet(variables=self.get_css_variables())
        self.rings = bell
        self.animation_level = "none"
        self._wire = Wire()
        self._stalled = 0.0
        """Seconds until the next such look; 0 while the line takes what is drawn."""
        self._ascii = [] if self.glyphs.unicode else [Ascii()]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not have them."""
        return themes.ANSI_VARIABLES

    def get_default_screen(self) -> Screen[None]:
        """The cockpit itself, or its frames until there is a room."""
        if self._opening is not None:
            return OpeningScreen(self._opening.what, self._opening.place)
        from cockpit.screen.cockpit import CockpitScreen

        return CockpitScreen(self.room, self.glyphs)

    @property
    def room(self) -> WarRoom:
        """Everything it shows and does. Every screen but the opening one has it."""
        assert self._room is not None, "it is being opened"
        return self._room

    async def on_mount(self) -> None:
        """Leave the terminal clean however the end comes, and open the room once there is a picture."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.end, 128 + number)
        if self._opening is not None:
            self.call_after_refresh(self.run_worker, partial(self._open, self._opening), group="open")

    async def _open(self, opening: Opening) -> None:
        """Open the room, show the cockpit over it, and do what was typed meanwhile; leave when it cannot be opened."""
        try:
            self._room = await opening.open()
        except Exception as error:  # noqa: BLE001  # of any kind: it is told by who asked, on his own terminal again
            self.refused = error
            self.end(1)
            return
        from cockpit.screen.cockpit import CockpitScreen

        screen, self._turning = CockpitScreen(self._room, self.glyphs), True
        await self.switch_screen(screen)
        screen.call_after_refresh(self._turn)

    async def _turn(self) -> None:
        """The room's own picture is there, whole: show it instead of the frames."""
        self._turning = False
        self.screen.refresh()
        self.call_later(self._do_ahead)

    def _fatal_error(self) -> None:
        """What Textual does with a defect, without what it prints: the values of variables, which may be secrets."""
        error = sys.exception()
        if error is not None:
            self.panic(Text(told(error, *self._defect_at)))

    @property
    def _defect_at(self) -> tuple[Path, datetime]:
        """The folder that a defect is written into, and what time it is."""
        if self._room is not None:
            return self._room.room.store.path.parent, self._room.clock.now()
        assert self._opening is not None
        return self._opening.folder, self._opening.clock.now()

    async def on_event(self, event: Event) -> None:
        """Whoever holds a shared keyboard is at it as long as keys are pressed. What they do is done at once.

        Textual would hand a key to the widget with the focus, and from there from parent to parent until somebody binds
        it, while the next key is looked at already: of keys that come in one burst, as over a slow line, the later one
        could be done first, or be taken for text that the earlier one had not begun, or had ended.
        """
        if isinstance(event, Key | Paste) and not self.screen_stack:
            return  # it ends: what is typed on is for whoever has the terminal next
        if isinstance(event, Key | Paste) and self._ahead is not None:
            await self._ahead.keep(event)
        else:
            await self._take(event)

    async def _do_ahead(self) -> None:
        """Do what was typed ahead. What is typed now waits in the queue that this is done from, and so comes after."""
        if self._ahead is not None:
            await self._ahead.do(self._take)
        self._ahead = None

    async def _take(self, event: Event) -> None:
        if isinstance(event, Key) and not event.is_forwarded:
            self.room.room.keyboard.touch()
            self.room.keyed = self.room.clock.now()
            self.app_focus = True  # a key says so, though the terminal may not have
            if isinstance(self.focused, Field) or not isinstance(self.focused, Input):
                await self._do(event, self.focused)
                return
        elif isinstance(event, Paste) and isinstance(self.focused, Field):
            self.focused.on_paste(event)
            return
        await super().on_event(event)

    async def _do(self, key: Key, focused: Widget | None) -> None:
        """Do what a key means where it was pressed: text is for a line that has the focus."""
        if await self._check_bindings(key.key, priority=True):
            return
        if isinstance(focused, Field) and key.is_printable:
            await focused._on_key(key)
        else:
            await self._check_bindings(key.key)

    def on_resize(self) -> None:
        """Paint the whole screen again: a terminal that came back to the size it had may have lost some of it."""
        self._wire.forget()
        self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Textual's one way to the terminal: of what it draws, only the cells that differ go over the line.

        Nothing, while the line takes nothing: a link that stalls must hold up neither keys nor runs nor the record.
        """
        if self._turning:
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
        self._wire.forget()
        self.screen.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through: the toolkit's filters for colours, and ours for ASCII.

        The toolkit chooses how it leaves out colours before it knows the theme: of the terminal's own colours, which
        have no shade that it knows, its greys would all be black on black.
        """
        filters = super().get_line_filters()
        if self.native_ansi_color:
            filters = [NoColor() if isinstance(each, Monochrome) else each for each in filters]
        return [*filters, *self._ascii]

    def send(self, sequence: str) -> None:
        """Send a sequence to the terminal that draws nothing; nowhere when there is none."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def alarm(self, sequence: str) -> None:
        """Ring, and notify by `sequence`, unless bells were turned off."""
        if self.rings:
            self.bell()
            self.send(through(sequence, os.environ))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy by whatever way this terminal has, and say which: of every screen, and of text marked with the mouse."""
        self._clipboard = text
        self.run_worker(self._copy(text), group="copy", exit_on_error=False)

    async def _copy(self, text: str) -> None:
        self.notify(await copy(text, self.send, os.environ), timeout=10)

    def action_repaint(self) -> None:
        """Paint the whole screen again, after something else wrote over it."""
        self._wire.forget()
        self.screen.refresh()

    def action_help_quit(self) -> None:
        """What ctrl+c and ctrl+q do, by which others end: here a slip of the hand must not, so it says what does."""
        self.notify("q leaves the cockpit, never the incident; where something is typed, escape comes first")

    def action_suspend_process(self) -> None:
        """Stop, as programs do on ctrl+z, where there is a shell to come back to and to go on from with `fg`."""
        if has_shell():
            self.app_suspend_signal.publish(self)
            stop(self._driver)
        else:
            self.notify("there is no shell below this cockpit to go to; q leaves it")

    def end(self, code: int) -> None:
        """Somebody ended us from outside: what is recorded is durable, so only the terminal is to be tidied."""
        self.exit(code, return_code=code)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every deed by name."""
        from cockpit.screen.cockpit import CockpitScreen

        cockpit = next((each for each in self.screen_stack if isinstance(each, CockpitScreen)), None)
        for deed in DEEDS:
            if cockpit is not None:
                run = lambda action=deed.action: self.call_later(cockpit.run_action, action)  # noqa: E731
                yield SystemCommand(f"{deed.words} ({deed.shown_key})", deed.help, run)
        for name in themes.NAMES:
            yield SystemCommand(f"theme {name}", "Colours of the screen", lambda name=name: self._use(name))

    def _use(self, name: str) -> None:
        self.theme = themes.NAMES[name]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A toast, for what may be missed; whatever was asked, it is never markup and has no controls."""
        said = clean(message, keep_newlines=True)
        super().notify(said, title=clean(title), severity=severity, timeout=timeout, markup=False)
