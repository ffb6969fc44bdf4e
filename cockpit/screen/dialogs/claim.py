"""Claiming the keyboard of a terminal that several people share: whoever types says who he is, and nobody guesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.room.requests import Refusal
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field


class ClaimDialog(Dialog[bool]):
    """`K`, a handle, `enter`. An empty handle lets the keyboard go.

    Args:
        holder: who holds it now; empty when nobody does.
        known: the handles that the record knows.
        claim: takes a handle, or nothing to release; raises Refusal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "claim", "claim", priority=True, id="claim.enter")]

    def __init__(self, holder: str, known: Iterable[str], claim: Callable[[str], None]) -> None:
        super().__init__("Claim the keyboard", "enter claims it · empty lets it go · escape leaves")
        self._holder = holder
        self._known = sorted(set(known))
        self._claim = claim

    def parts(self) -> Iterable[Widget]:
        """Who holds it, the handle, and who is known."""
        held = f"{self._holder} holds it" if self._holder else "nobody holds it"
        yield Static(content(f"{held}; every entry carries the handle of whoever does"), classes="label")
        yield Field("", id="handle", placeholder="@handle", compact=True)
        if self._known:
            yield Static(content(f"known here: {', '.join(self._known)}"), classes="label")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def action_claim(self) -> None:
        """Claim it."""
        try:
            self._claim(self.query_one(Input).value.strip())
        except Refusal as error:
            self.refuse(str(error))
        else:
            self.dismiss(True)
