"""The question before a status update: all that will be written and told, one yes for it; a second where it is public
and says what is not for the public."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, content
from cockpit.screen.widgets.lines import Lines

WIDTH = 70
"""Cells of a line of the question."""
_KEYS = "y does all of this together · n or escape: go on composing (default)"
_SURE = "y publishes it all the same · n or escape: go on composing (default)"


class SendDialog(Dialog[bool]):
    """`y` records and sends; `n`, escape and everything else goes on composing.

    Args:
        rows: what it does, a line each.
        public: something of it had better not be public: it is asked once more.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "send", id="send.yes"),
        Binding("n,q", "leave", "no", id="send.no"),
    ]

    def __init__(self, rows: Sequence[Row], *, public: bool) -> None:
        super().__init__("Record and send?", _KEYS)
        self._rows = rows
        self._public = public

    def parts(self) -> Iterable[Widget]:
        """The effects."""
        yield Lines(id="effects")

    def on_mount(self) -> None:
        """Show them."""
        self.query_one(Lines).show_rows([Row(f"{n}", row.spans) for n, row in enumerate(self._rows)])
        self.query_one(Lines).focus()

    def action_yes(self) -> None:
        """Yes; where the public would read too much, that is said again first."""
        if not self._public:
            self.dismiss(True)
            return
        self._public = False
        self.refuse("Really? It will be public, and cannot be taken back.")
        self.query_one("#hint", Static).update(content(_SURE))
