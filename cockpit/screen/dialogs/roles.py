"""Roles: who holds which, since when; take one with a key, or give it to somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.incident.terms import Role
from cockpit.incident.times import time_of_day
from cockpit.room.requests import TakeRole
from cockpit.room.room import Room
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, Span
from cockpit.screen.widgets.field import Field
from cockpit.screen.widgets.lines import Lines


class RolesDialog(Dialog[bool]):
    """The seven roles. `enter` gives the one under the cursor to the handle below; `R` releases it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "give", "give", priority=True, id="roles.enter"),
        Binding("R", "release", "release", id="roles.release"),
    ]

    def __init__(self, room: Room) -> None:
        super().__init__("Roles", f"enter gives it to {room.actor} (tab to name another) · R releases · escape leaves")
        self._room = room

    def parts(self) -> Iterable[Widget]:
        """The roles and the handle."""
        yield Lines(id="roles")
        yield Static("to", classes="label")
        yield Field(self._room.actor, id="handle", compact=True)

    def on_mount(self) -> None:
        """Show who holds what."""
        self._show()
        self.query_one(Lines).focus()

    def _show(self) -> None:
        state = self._room.state
        since = {role: fact.at for role, _, fact in state.role_history}
        rows = []
        for role in Role:
            holder = state.roles.get(role)
            who = f"{holder} since {time_of_day(since[role])}Z" if holder else "nobody"
            rows.append(
                Row(role.value, (Span(f" {role.label:<22}", "strong"), Span(who, "plain" if holder else "quiet")))
            )
        self.query_one(Lines).show_rows(rows)

    def action_give(self) -> None:
        """Give the role."""
        request = TakeRole(self.query_one(Lines).selected, self.query_one("#handle", Input).value)
        self.perform(self._room, request, lambda: self.dismiss(True))

    def action_release(self) -> None:
        """Release the role."""
        self.perform(self._room, TakeRole(self.query_one(Lines).selected, None), self._show)
