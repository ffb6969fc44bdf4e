"""Breaking the glass: a deed that the roles of whoever types do not let him do, done once for a reason he gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.room.permission import NotPermitted, breaking
from cockpit.room.requests import Request
from cockpit.room.room import Room
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field


async def permitted(app: App[Any], room: Room, request: Request) -> Request | None:
    """`request` as it may be done: with the reason that was asked for where roles do not let whoever types do it; None
    where none was given. Call it in a worker; raises Refusal where no reason would help."""
    try:
        room.permit(request)
    except NotPermitted as refusal:
        dialog: Screen[str | None] = BreakGlassDialog(refusal.why)
        why = await app.push_screen_wait(dialog)
        return breaking(request, why) if why else None
    return request


class BreakGlassDialog(Dialog[str]):
    """A reason, `enter`. It holds for the one deed that was asked for.

    Args:
        refusal: why it is not theirs to do, and who may.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "give", "do it", priority=True, id="glass.enter")]

    def __init__(self, refusal: str) -> None:
        super().__init__("Break the glass?", "enter does it, this once, and records why · escape: nothing is done")
        self._refusal = refusal

    def parts(self) -> Iterable[Widget]:
        """Who may, and the reason."""
        yield Static(content(self._refusal), classes="text", markup=False)
        yield Static("why you do it all the same", classes="label")
        yield Field("", id="why", compact=True)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def action_give(self) -> None:
        """Give the reason."""
        why = self.query_one(Input).value.strip()
        if why:
            self.dismiss(why)
        else:
            self.refuse("a reason is needed: the record keeps it")
