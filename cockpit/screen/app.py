"""The Textual application: themes, signals of the operating system and the cockpit as its screen."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from cockpit.screen.ahead import Ahead
from cockpit.screen.defect import told
from cockpit.screen.keys import DEEDS
from cockpit.screen.opening import Opening, OpeningScreen
from cockpit.screen.painting import Painting
from cockpit.screen.plain import Ascii
from cockpit.screen.stylesheet import KeptStylesheet
from cockpit.screen.terminal import themes
from cockpit.screen.terminal.clipboard import copy
from cockpit.screen.terminal.driver import TerminalDriver
from cockpit.screen.terminal.escapes import through
from cockpit.screen.terminal.glyphs import Glyphs, choose
from cockpit.screen.terminal.lending import has_shell, stop
from cockpit.screen.widgets.field import Field
from cockpit.text import clean

if TYPE_CHECKING:  # it is opened behind the first picture
    from cockpit.room.war_room import WarRoom


class CockpitApp(Painting, inherit_bindings=False):
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
        self.refused: Exception | None = None
        """Why the room could not be opened, which has ended the cockpit."""
        self.glyphs = glyphs or choose()
        for each in themes.OURS:
            self.register_theme(each)
        self.theme = themes.NAMES[theme or themes.fitting(self.console.color_system)]
        self.stylesheet = KeptStylesheet(variables=self.get_css_variables())
        self.rings = bell
        self.animation_level = "none"
        self.own_filters = [] if self.glyphs.unicode else [Ascii()]

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
        loop.add_signal_handler(signal.SIGCONT, self._go_on)
        if self._opening is not None:
            self.call_after_refresh(self.run_worker, partial(self._open, self._opening), group="open")

    def _go_on(self) -> None:
        """Somebody continued us, who may have stopped us before: the terminal may be as others left it."""
        if isinstance(self._driver, TerminalDriver) and self._driver.take_anew():
            self.action_repaint()

    async def _open(self, opening: Opening) -> None:
        """Open the room, show the cockpit over it, and do what was typed meanwhile; leave when it cannot be opened."""
        try:
            self._room = await opening.open()
        except Exception as error:  # noqa: BLE001  # of any kind: it is told by who asked, on his own terminal again
            self.refused = error
            self.end(1)
            return
        from cockpit.screen.cockpit import CockpitScreen

        screen, self.holds = CockpitScreen(self._room, self.glyphs), True
        await self.switch_screen(screen)
        screen.call_after_refresh(self._turn)

    async def _turn(self) -> None:
        """The room's own picture is there, whole: show it instead of the frames."""
        self.holds = False
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
