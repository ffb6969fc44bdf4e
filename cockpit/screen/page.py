"""A page: one list over the whole screen under a title line, with its keys below."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from cockpit.room import grammar
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.spans import Row
from cockpit.screen.widgets.frame import KeyBar, TitleBar
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud

HINT = 8.0
"""Seconds for which a title says why a key did nothing, whatever is drawn meanwhile."""


class Page(Screen[str]):
    """Escape and `q` go back to the cockpit; what is shown is set by `show`.

    What it gives back is a command line for the cockpit to open, begun and not yet finished.

    Args:
        title: stands in the first line; plain text from anywhere.
        keys: what the last line says besides, what matters most first.
        follow: keep the end in view.
    """

    CSS_PATH = Path(__file__).with_name("page.tcss")  # where this class is, not where a page made of it is
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", id="page.back"),
        Binding("question_mark", "help", "help", show=False, id="page.help"),
    ]

    def __init__(self, title: str, keys: str = "", *, follow: bool = False) -> None:
        super().__init__()
        self.page_title = title
        self.page_keys = keys
        self._keep_end = follow
        self._framed: tuple[str, bool] = ("", False)
        self._why_not = ""
        """Why the last key did nothing."""

    def compose(self) -> ComposeResult:
        """Title, lines, keys."""
        yield TitleBar()
        yield Loud()
        yield Lines(id="page", follow=self._keep_end)
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw the frame; the rows come with `show`."""
        self.show_frame()
        self.query_one(Lines).focus()

    def show_frame(self, note: str = "", *, bad: bool = False) -> None:
        """Draw title and keys; `note` says what is going on."""
        self._framed = (note, bad)
        self.query_one(TitleBar).show_title(self.page_title, self._why_not or note, bad=bool(self._why_not) or bad)
        self.query_one(KeyBar).show_keys(self.page_keys)

    def refuse(self, why: str) -> None:
        """Say for a while why a key did nothing; with nothing to say, no more."""
        self._why_not = why
        if why:
            self.set_timer(HINT, lambda: self._let_go(why))
        note, bad = self._framed
        self.show_frame(note, bad=bad)

    def _let_go(self, why: str) -> None:
        if self._why_not == why:
            self.refuse("")

    def show(self, rows: list[Row]) -> None:
        """Show these rows."""
        self.query_one(Lines).show_rows(rows)

    async def perform_line(self, war_room: WarRoom, line: str) -> bool:
        """Do what the command `line` says; what is refused is said in the title. Gives whether it was done."""
        try:
            await war_room.room.perform(grammar.parse(line, war_room.clock.now))
        except (Refusal, RecordTrouble) as error:
            if self.is_mounted:
                self.refuse(str(error))
            return False
        if self.is_mounted:
            self.refuse("")
        return True

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss(None)

    def action_help(self) -> None:
        """What the keys of this page do, before those of the cockpit."""
        from cockpit.screen.help import HelpPage

        self.app.push_screen(HelpPage(self))


class LivePage(Page):
    """A page that shows the record, and goes on with it: `draw` is called when something was recorded, when the width
    changed, and where `ages` each second too, because ages and deadlines move.

    Args:
        war_room: whose record it is.
        title, keys: as `Page` takes them.
        ages: draw each second whatever happened.
    """

    def __init__(self, war_room: WarRoom, title: str, keys: str = "", *, ages: bool = False) -> None:
        drill = "DRILL " if war_room.room.state.drill else ""
        super().__init__(f"{drill}{title}", keys)
        self.war_room = war_room
        self._ages = ages
        self._drawn = (-1, 0)

    def on_mount(self) -> None:
        """Draw, and look again from time to time."""
        super().on_mount()
        self.set_interval(1.0 if self._ages else 0.5, self.look)
        self.call_after_refresh(self.look)

    def on_resize(self) -> None:
        """Fit the new width."""
        self.call_after_refresh(self.look)

    def look(self) -> None:
        """Draw, if there is something new to show."""
        drawn = (self.war_room.room.timeline.version, self.size.width)
        if self._ages or drawn != self._drawn:
            self._drawn = drawn
            self.draw()

    def draw(self) -> None:
        """Show what there is now; a page that shows something says how."""
