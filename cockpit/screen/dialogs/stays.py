"""A change that is still in place while the incident is being resolved: does it stay?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from cockpit.incident.effect import verdict
from cockpit.incident.state import Run
from cockpit.room.requests import Request, staying, told
from cockpit.room.room import Room
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.lines import Lines


async def ask_what_stays(app: App[Any], room: Room, request: Request) -> Request | None:
    """Ask of each change that is still in place whether it stays; call it in a worker.

    Gives `request` with the answers, which is itself where there is nothing to ask; None when one does not stay.
    """
    runs = room.undecided(request)
    for number, run in enumerate(runs, 1):
        dialog: Screen[bool | None] = StaysDialog(run, number, len(runs))
        if not await app.push_screen_wait(dialog):
            return None
    return staying(request, runs) if runs else request


class StaysDialog(Dialog[bool]):
    """`y`: it stays, and the record says so; `n`, escape and everything else: not yet resolved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "it stays", id="stays.yes"),
        Binding("n,q", "leave", "no", id="stays.no"),
    ]

    def __init__(self, run: Run, number: int, count: int) -> None:
        which = f" {number} of {count}" if count > 1 else ""
        super().__init__(f"Still in place{which}", "y it stays · n or escape: not resolved, undo it first (U)")
        self._run = run

    def parts(self) -> Iterable[Widget]:
        """The change."""
        yield Lines(id="effects")

    def on_mount(self) -> None:
        """Show it, with what became of the signals."""
        intent = self._run.intent
        said = [told(self._run), f"ran: {intent.command}", verdict(self._run)]
        rows = [Row(f"{n}.{i}", (Span(line),)) for n, text in enumerate(said) for i, line in enumerate(wrap(text, 68))]
        self.query_one(Lines).show_rows(rows)
        self.query_one(Lines).focus()

    def action_yes(self) -> None:
        """It stays."""
        self.dismiss(True)
