"""What every dialog shares: a bordered box over the cockpit, a line for what went wrong, escape to leave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from cockpit.screen.spans import content

T = TypeVar("T")


class Dialog(ModalScreen[T | None]):
    """A box that asks for one thing. Subclasses give `parts()`; escape gives None back."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", id="dialog.leave")]

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The box with its parts, the refusal and the hint."""
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = content(self._title)
            yield from self.parts()
            yield Static("", id="refusal", markup=False)
            yield Static(content(self._hint), id="hint", markup=False)

    def parts(self) -> Iterable[Widget]:
        """The widgets of this dialog."""
        return ()

    def refuse(self, text: str) -> None:
        """Say why it was not done; the dialog stays, with all that was typed."""
        refusal = self.query_one("#refusal", Static)
        refusal.update(content(text))
        refusal.display = bool(text)

    def action_leave(self) -> None:
        """Go back without doing anything."""
        self.dismiss(None)
