"""A terminal as small as the tests need: what it shows after cursor moves, text and styles were sent to it."""

from __future__ import annotations

import re

from rich.cells import get_character_cell_size

_PARTS = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<graphics>[\d;]*)m"
    r"|(?P<string>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^][^\x1b]*\x1b\\)"
    r"|(?P<other>\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-OQ-Z\\`-~])"
    r"|(?P<begun>\x1b.*\Z)"
    r"|(?P<line>\r?\n)|(?P<character>[^\x00-\x1f])|[\x00-\x1f]",
    re.DOTALL,
)


class Grid:
    """Columns and rows of cells, each a character with the style it was written in."""

    def __init__(self, width: int, height: int) -> None:
        self.cells = [[(" ", "")] * width for _ in range(height)]
        self._width, self._height = width, height
        self._x = self._y = 0
        self._style = self._begun = ""

    @property
    def picture(self) -> str:
        """The characters, line by line."""
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self.cells)

    def feed(self, sent: str) -> None:
        """Take what was sent; a sequence that is not whole yet waits for its end."""
        sent, self._begun = self._begun + sent, ""
        for found in _PARTS.finditer(sent):
            kind = found.lastgroup
            if kind == "column":
                self._y, self._x = int(found["row"]) - 1, int(found["column"]) - 1
            elif kind == "graphics":
                self._style = "" if found["graphics"] in ("", "0") else found["graphics"]
            elif kind == "begun":
                self._begun = found["begun"]
            elif kind == "line":
                self._y, self._x = self._y + 1, 0
            elif kind == "character":
                self._write(found["character"])

    def _write(self, character: str) -> None:
        for part in (character, *[""] * (get_character_cell_size(character) - 1)):
            if self._y < self._height and self._x < self._width:
                self.cells[self._y][self._x] = (part, self._style)
            self._x += 1
