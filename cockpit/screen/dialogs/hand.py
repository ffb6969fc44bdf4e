"""A step that a person does: what to do, the command to copy, and saying that it is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.room.requests import DoneByHand
from cockpit.room.room import Room
from cockpit.room.views.signals import Step
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field


class HandDialog(Dialog[bool]):
    """`ctrl+y` copies the command; `enter` records that it was done, with what came of it.

    Args:
        room: where it is recorded.
        step: the step.
        copy: the text to copy; the step's command when it is empty.
        why: why it is not run from here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "it is done", priority=True, id="hand.done"),
        Binding("ctrl+y", "copy", "copy", priority=True, id="hand.copy"),
    ]

    def __init__(self, room: Room, step: Step, *, copy: str = "", why: str = "") -> None:
        self._copy = copy or step.command
        keys = "ctrl+y copies · " if self._copy else ""
        super().__init__(f"By hand: {step.title}", f"{keys}enter: it is done · escape leaves, nothing is recorded")
        self._room = room
        self._step = step
        self._why = why

    def parts(self) -> Iterable[Widget]:
        """What to do, the command, what to look for, and what came of it."""
        step = self._step
        for label, text in (
            ("not run here", self._why),
            ("what to do", step.manual),
            ("the document says", step.condition),
            ("command", self._copy),
            ("what to see", step.expected),
            ("mind", step.note),
        ):
            if text:
                yield Static(content(label), classes="label")
                yield Static(content(text), classes="text")
        yield Static(content(f"{step.source} · what came of it (may stay empty)"), classes="label")
        yield Field("", id="came-of-it", compact=True)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def action_copy(self) -> None:
        """Put the command onto the terminal's clipboard."""
        if self._copy:
            self.app.copy_to_clipboard(self._copy)
            self.refuse("")

    def action_done(self) -> None:
        """It was done."""
        request = DoneByHand(self._step.id, self.query_one(Input).value.strip())
        self.perform(self._room, request, lambda: self.dismiss(True), "#came-of-it")
