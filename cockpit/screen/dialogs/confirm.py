"""The question before something with several effects: each in a line, one yes for all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.lines import Lines


class ConfirmDialog(Dialog[bool]):
    """`y` does all of it, as one set of entries; `n`, escape and everything else does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes, all of it", id="confirm.yes"),
        Binding("n,q", "leave", "no", id="confirm.no"),
    ]

    def __init__(self, title: str, effects: Sequence[str]) -> None:
        super().__init__(title, "y does all of this together · n or escape does nothing")
        self._effects = effects

    def parts(self) -> Iterable[Widget]:
        """The effects."""
        yield Lines(id="effects")

    def on_mount(self) -> None:
        """Show them."""
        rows = []
        for number, effect in enumerate(self._effects):
            for part, text in enumerate(wrap(effect, 68)):
                rows.append(Row(f"{number}.{part}", (Span(" · " if part == 0 else "   ", "accent"), Span(text))))
        self.query_one(Lines).show_rows(rows)
        self.query_one(Lines).focus()

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(True)
