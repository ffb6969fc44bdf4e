"""What the four panes share: a border whose title is the answer, and lines that are its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from rich.cells import cell_len
from textual.geometry import Region

from cockpit.screen.spans import Row, Span, content, wrap
from cockpit.screen.widgets.lines import Lines

_CORNERS = 4
"""Cells of a border between its corners that no title may take."""


class Pane(Lines):
    """A pane of the cockpit.

    Args:
        number: the key that goes to it; 0 for none.
        name: what it is called, first in its title.
    """

    _edge: int | None = None
    """While one of the border's texts is set, its line, counted from the first of the content."""

    def __init__(self, number: int, name: str, *, follow: bool = False) -> None:
        super().__init__(follow=follow, id=f"pane-{name.lower()}", classes="pane")
        self._number = number
        self._title = name
        self._shown = ""
        self.answer("")

    def answer(self, text: str, tone: str = "", *, shorter: Iterable[str] = ()) -> None:
        """Put the pane's answer into its title.

        Args:
            text: the answer.
            tone: `bad`, `warn` or `stale` colours the title.
            shorter: the same in less words, for where there is less room: the first that is whole is taken. If none
                is, the pane's name gives way before the answer does: its place and its number say the same.
        """
        name = f"{self._number} {self._title}" if self._number else self._title
        titles = [name + (f" ─ {said}" if said else "") for said in (text, *shorter)]
        if self._number:
            titles.append(titles[-1].replace(name, str(self._number), 1))
        room = self.size.width - _CORNERS if self.size.width else max(map(cell_len, titles))
        title = next((each for each in titles if cell_len(each) <= room), titles[-1])
        if title != self._shown:
            self._shown = title
            with self._only(-1):
                self.border_title = content(title)
        for known in ("bad", "warn", "stale"):
            self.set_class(tone == known, f"-{known}")

    def beneath(self, text: str) -> None:
        """Put `text` into the lower border."""
        with self._only(self.size.height):
            self.border_subtitle = content(text)

    @contextmanager
    def _only(self, line: int) -> Iterator[None]:
        """Draw only this line of the border again for what is set within."""
        self._edge = line
        try:
            yield
        finally:
            self._edge = None

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:  # fmt: skip
        """As of any widget. For a new title, which a busy pane has ten times a second, Textual would draw it whole."""
        if self._edge is not None and not regions:
            regions = (Region(-1, self._edge, self.outer_size.width, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def say(self, *spans: Span) -> None:
        """Show a message instead of evidence: each span a paragraph, wrapped to the pane."""
        width = max(10, self.size.width - 2)
        parts = ((part, span.tone) for span in spans for part in wrap(span.text, width))
        self.show_rows([Row("", (Span(f" {part}", tone),)) for part, tone in parts])
