"""What is drawn, in ASCII: the last gate before a terminal whose locale has no UTF-8, whoever wrote the text."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from cockpit.screen.terminal.glyphs import ASCII, UNICODE

_LIKE = {
    "-": "─━═╌┄┈·–—‑‒―−▀▔", "+": "╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝┏┓┗┛", "|": "│┃║╎┆▏▎▍▌▋▊▉▐▕", "<": "←⇐◀◄‹«≤", ">": "→⇒➜►▶›»≥",
    "^": "↑△", "v": "↓▽▼", "o": "○◉◌°", "x": "✔✗✘×", "*": "•", "~": "…≈", "'": "‘’‚′", '"': "“”„″", "#": "█▓■≠",
    ":": "▒", ".": "░▪", "%": "□", "/": "÷",
}  # fmt: skip
"""Which characters each of ASCII stands for."""
_MARKS = ("bad", "good", "unknown", "pending", "declared", "run", "done", "up", "sparks")


def _table() -> dict[str, str]:
    like = {one: other for other, many in _LIKE.items() for one in many}
    marks = ((getattr(UNICODE, name), getattr(ASCII, name)) for name in _MARKS)
    return like | {one: other for ours, theirs in marks for one, other in zip(ours, theirs, strict=True)}


_TABLE = _table()


@lru_cache(4096)
def plain(text: str) -> str:
    """`text` in ASCII, in as many cells: marks and borders by their likes, letters by what they are built on, and for
    anything else a question mark in each cell."""
    return text if text.isascii() else "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    known = character if character.isascii() else _TABLE.get(character)
    if known is not None:
        return known
    size = get_character_cell_size(character)
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if size == 1 and base.isascii() and base.isprintable() else "?" * size


class Ascii(LineFilter):
    """Draws every line, of ours and of the toolkit alike, in ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments with their text in ASCII."""
        return [Segment(plain(text), style, control) for text, style, control in segments]
