"""A terminal as small as the tests need: what it shows after cursor moves, text and styles were sent to it."""

from __future__ import annotations

import re

from rich.cells import get_character_cell_size

_PARTS = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|(\r?\n)|(.)", re.DOTALL)


class Grid:
    """Columns and rows of cells, each a character with the style it was written in."""

    def __init__(self, width: int, height: int) -> None:
        self.cells = [[("?", "never written")] * width for _ in range(height)]
        self._x = self._y = 0

    def feed(self, sent: str) -> None:
        """Take what was sent."""
        style = ""
        for row, column, graphics, line, character in _PARTS.findall(sent):
            if row:
                self._y, self._x = int(row) - 1, int(column) - 1
            elif character:
                for part in (character, *[""] * (get_character_cell_size(character) - 1)):
                    self.cells[self._y][self._x] = (part, style)
                    self._x += 1
            elif line:
                self._y, self._x = self._y + 1, 0
            else:
                style = "" if graphics in ("", "0") else graphics
