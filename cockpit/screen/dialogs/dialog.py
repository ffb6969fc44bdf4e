"""What every dialog shares: a bordered box over the cockpit, a line for what went wrong, escape to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar, Self, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from cockpit.room.requests import Refusal, Request
from cockpit.room.room import Room
from cockpit.room.trouble import RecordTrouble
from cockpit.screen.spans import content
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud

T = TypeVar("T")


class Dialog(ModalScreen[T | None]):
    """A box that asks for one thing. Subclasses give `parts()`; escape gives None back."""

    CSS_PATH = Path(__file__).with_name("dialog.tcss")  # where this class is, not where a dialog made of it is
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", id="dialog.leave")]

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._busy = False

    def compose(self) -> ComposeResult:
        """The box with its parts, the refusal and the hint; below what is loud on every screen."""
        yield Loud(1)
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = content(self._title)
            yield from self.parts()
            yield Static("", id="refusal", markup=False)
            yield Static(content(self._hint), id="hint", markup=False)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw it again, and what shows through it.

        What has changed on the lowest screen Textual draws again on the uppermost one only: a dialog between the two
        would go on showing what it has kept, and so an old picture under two dialogs.
        """
        if self.is_attached and self.app.screen_stack[-1:] == [self]:
            for below in self.app._background_screens[1:]:
                below._set_dirty(*regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def parts(self) -> Iterable[Widget]:
        """The widgets of this dialog."""
        return ()

    def on_mount(self) -> None:
        """Say at the box's edge how many lines are out of view: nobody says yes to what cannot be seen."""
        box = self.query_one("#box", VerticalScroll)
        for part in (box, *self.query(Lines)):
            for moves in ("scroll_y", "virtual_size"):
                self.watch(part, moves, self._say_more_later, init=False)
        self._say_more_later()

    def on_resize(self) -> None:
        """More or less of it is in view."""
        self._say_more_later()

    def _say_more_later(self) -> None:
        self.call_after_refresh(self._say_more)  # what is in view is known when it is laid out

    def _say_more(self) -> None:
        box = self.query_one("#box", VerticalScroll)
        hidden = round(sum(max(0, part.max_scroll_y - part.scroll_y) for part in (box, *self.query(Lines))))
        box.border_subtitle = content(f"{hidden} more {'line' if hidden == 1 else 'lines'} below · j") if hidden else ""

    def hint(self, text: str) -> None:
        """Say what the keys do now."""
        self.query_one("#hint", Static).update(content(text))

    def refuse(self, text: str) -> None:
        """Say why it was not done; the dialog stays, with all that was typed."""
        refusal = self.query_one("#refusal", Static)
        refusal.update(content(text))
        refusal.display = bool(text)

    def perform(self, room: Room, request: Request, then: Callable[[], object], refused: str = "") -> None:
        """Perform `request` while the keys go on, once however often it is asked meanwhile.

        `then` is called when it is recorded and the dialog still stands; what is refused is said, with the focus on
        the widget `refused`.
        """
        if not self._busy:
            self._busy = True
            # The application's worker, not the dialog's: leaving the dialog does not leave it unsaid what became of it.
            self.app.run_worker(self._perform(room, request, then, refused), group="record")

    async def _perform(self, room: Room, request: Request, then: Callable[[], object], refused: str) -> None:
        from cockpit.screen.dialogs.break_glass import permitted  # a dialog of its own, on top of this one

        try:
            allowed = await permitted(self.app, room, request)
            if allowed is None:
                return
            await room.perform(allowed)
        except (Refusal, RecordTrouble) as error:
            if not self.is_current:
                self.app.notify(str(error), severity="error", timeout=10, markup=False)
                return
            self.refuse(str(error))
            if refused:
                self.query_one(refused).focus()
        else:
            if self.is_current:
                self.refuse("")
                then()
        finally:
            self._busy = False

    def action_leave(self) -> None:
        """Go back without doing anything."""
        self.dismiss(None)
