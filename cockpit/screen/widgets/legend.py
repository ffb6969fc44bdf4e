"""A list that stands below a picture: it follows where somebody looks, and says which of its rows somebody chose."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from cockpit.screen.widgets.lines import Lines


class Legend(Lines):
    """The list of what a chart marks."""

    @dataclass
    class Chose(Message):
        """Somebody moved the list's cursor to a row."""

        key: str

    def follow(self, key: str) -> None:
        """Put the cursor on the row of `key`, as what it stands for is looked at."""
        if key != self.selected:
            self.choose(key)

    def action_move(self, by: int) -> None:
        """The next row, or the one before."""
        super().action_move(by)
        self._tell()

    def action_to(self, index: int) -> None:
        """The first row, or the last."""
        super().action_to(index)
        self._tell()

    def action_page(self, direction: int) -> None:
        """Half a page on."""
        super().action_page(direction)
        self._tell()

    def _tell(self) -> None:
        if self.selected:
            self.post_message(self.Chose(self.selected))
