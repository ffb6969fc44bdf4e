"""A field: one line of text that takes a paste whole, without what could command a terminal."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

from cockpit.text import clean


class Field(Input):
    """An `Input` that keeps every line of what is pasted: Textual's own takes the first and drops the rest."""

    def on_paste(self, event: Paste) -> None:
        """Put the pasted text, its lines joined by spaces, where the cursor or the selection is."""
        event.prevent_default()
        event.stop()
        text = clean(event.text.strip("\r\n"))
        if text:
            self.replace(text, *self.selection)
