"""What the four panes share: a border whose title is the answer, and lines that are its evidence."""

from __future__ import annotations

from cockpit.screen.spans import Row, Span, content, wrap
from cockpit.screen.widgets.lines import Lines


class Pane(Lines):
    """A pane of the cockpit.

    Args:
        number: the key that goes to it; 0 for none.
        name: what it is called, first in its title.
    """

    def __init__(self, number: int, name: str, *, follow: bool = False) -> None:
        super().__init__(follow=follow, id=f"pane-{name.lower()}", classes="pane")
        self._number = number
        self._title = name
        self._shown = ""
        self.answer("")

    def answer(self, text: str, tone: str = "") -> None:
        """Put the pane's answer into its title; `tone` (`bad`, `warn`, `stale`) colours the title."""
        name = f"{self._number} {self._title}" if self._number else self._title
        title = name + (f" ─ {text}" if text else "")
        if title != self._shown:
            self._shown = title
            self.border_title = content(title)
        for known in ("bad", "warn", "stale"):
            self.set_class(tone == known, f"-{known}")

    def say(self, *spans: Span) -> None:
        """Show a message instead of evidence: each span a paragraph, wrapped to the pane."""
        width = max(10, self.size.width - 2)
        parts = ((part, span.tone) for span in spans for part in wrap(span.text, width))
        self.show_rows([Row("", (Span(f" {part}", tone),)) for part, tone in parts])
