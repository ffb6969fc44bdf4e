"""The blanks of what others would be told by a command that does several things, asked before its preview."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.room.requests import Request, Several, blanks, filled
from cockpit.room.room import Room
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field


async def ask_for_blanks(app: App[Any], room: Room, request: Request) -> Request | None:
    """Ask for what must be filled in before `request` tells those whom it would tell; call it in a worker.

    Gives `request` with what was typed; None when whoever was asked left. What is left empty is not asked again: whom
    it concerns is not told, and the preview says so. Raises Refusal.
    """
    asked: dict[str, str] = {}
    while not (isinstance(request, Several) and request.confirmed):
        open_ = [each for each in blanks(request, *room.eve(request)) if each[0] not in asked]
        if not open_:
            break
        given = await app.push_screen_wait(BlanksDialog(open_))
        if given is None:
            return None
        asked |= given
        request = filled(request, {name: text for name, text in asked.items() if text})
    return request


class BlanksDialog(Dialog[dict[str, str]]):
    """`enter` goes to the next blank, and on the last one to the preview. Gives the texts by the blanks' names.

    Args:
        open_: each blank's name, with a hint at what belongs there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "next", "next", priority=True, id="blanks.next")]

    def __init__(self, open_: Sequence[tuple[str, str]]) -> None:
        super().__init__("What others are told")
        self._open = open_

    def parts(self) -> Iterable[Widget]:
        """A label and a line for each."""
        for number, (name, hint) in enumerate(self._open):
            yield Static(content(f"{name.replace('_', ' ')}: {hint}"), classes="label")
            yield Field("", id=f"blank-{number}", compact=True)

    def on_mount(self) -> None:
        """Begin with the first."""
        self.query_one("#blank-0", Input).focus()

    def on_descendant_focus(self) -> None:
        """Say what enter does from here."""
        last = self.query(Input).last().has_focus
        self.hint(f"{'enter previews it' if last else 'enter: the next'} · empty: not told · escape: nothing")

    def action_next(self) -> None:
        """The next one; after the last, what was typed."""
        lines = list(self.query(Input))
        at = next((number for number, line in enumerate(lines) if line.has_focus), len(lines) - 1)
        if at + 1 < len(lines):
            lines[at + 1].focus()
        else:
            typed = (line.value.strip() for line in lines)
            self.dismiss({name: text for (name, _), text in zip(self._open, typed, strict=True)})
