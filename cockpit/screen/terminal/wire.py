"""What the terminal shows already, so that over a slow line only the cells that differ are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style

# Textual gives no public hook for what it writes: these two kinds of update are all that a full screen gets.
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

NEAR = 4
"""Cells between two that differ which are cheaper to send again than to step over."""


class Cell(NamedTuple):
    """One cell of the terminal. `text` is None in one that is not known, and "" in the second half of a wide one."""

    text: str | None
    style: Style | None

    @property
    def narrow(self) -> bool:
        """Whether it is one character in one cell, about which all terminals agree."""
        return self.text is not None and len(self.text) == 1


UNKNOWN = Cell(None, None)


class Piece(NamedTuple):
    """A part of a line that is to be drawn: where it begins, and its strips."""

    x: int
    y: int
    strips: Sequence[Strip]


class Wire:
    """The cells as they were sent last."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell]] = {}

    def forget(self) -> None:
        """The terminal may have lost what it showed: the next picture is sent whole."""
        self._lines.clear()

    def render(self, update: CompositorUpdate, console: Console) -> str:
        """The bytes, as text, that bring the terminal from what it shows to `update`."""
        pieces = _pieces(update)
        if pieces is None:
            self.forget()
            return update.render_segments(console)
        return "".join(self._piece(piece, console) for piece in pieces)

    def _piece(self, piece: Piece, console: Console) -> str:
        cells = [cell for strip in piece.strips for cell in _cells(strip)]
        line = self._lines.setdefault(piece.y, [])
        end = piece.x + len(cells)
        line.extend([UNKNOWN] * (end - len(line)))
        before, line[piece.x : end] = line[piece.x : end], cells
        if before == cells:
            return ""
        if not all(cell.narrow for cell in (*before, *cells)):
            # Terminals disagree about wide and combining characters: what stands beside them is sent with them.
            return _at(piece.x, piece.y) + "".join(strip.render(console) for strip in piece.strips)
        return "".join(
            _at(piece.x + first, piece.y) + _strip(cells[first:last]).render(console)
            for first, last in _runs(before, cells)
        )


class Narrowed(CompositorUpdate):
    """An update of which only what differs is written; compared when it is written, as some never are."""

    def __init__(self, wire: Wire, update: CompositorUpdate) -> None:
        self._wire = wire
        self._update = update

    def render_segments(self, console: Console) -> str:
        """As Textual asks for it."""
        return self._wire.render(self._update, console)


def _pieces(update: CompositorUpdate) -> Iterable[Piece] | None:
    """What is to be drawn; None for a kind of update that is not known here."""
    if isinstance(update, LayoutUpdate):
        return [Piece(update.region.x, y, list(strips)) for y, strips in enumerate(update.strips, update.region.y)]
    if isinstance(update, ChopsUpdate):
        return list(_chops(update))
    return None


def _chops(update: ChopsUpdate) -> Iterator[Piece]:
    """The parts of lines that are in a span of the update, each from its beginning, cut at the span's end."""
    for y, begin, stop in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < stop and end > begin:
                yield Piece(x, y, [strip.crop(0, min(end, stop) - x)])


def _cells(strip: Strip) -> Iterator[Cell]:
    for text, style, _ in strip:
        for part in _parts(text):
            yield Cell(part, style)


@lru_cache(4096)
def _parts(text: str) -> tuple[str, ...]:
    """The text of each cell: combining characters stand with what they combine with, a wide one takes two cells."""
    if text.isascii():
        return tuple(text)
    parts: list[str] = []
    for character in text:
        size = get_character_cell_size(character)
        if size == 0 and parts:
            at = next((i for i in range(len(parts) - 1, -1, -1) if parts[i]), 0)
            parts[at] += character
        else:
            parts += [character, *[""] * (size - 1)]
    return tuple(parts)


def _runs(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """From where to where the cells differ, with what lies near between."""
    first = last = -1
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        if first >= 0 and index - last > NEAR:
            yield first, last
            first = -1
        first, last = (index if first < 0 else first), index + 1
    if first >= 0:
        yield first, last


def _strip(cells: Sequence[Cell]) -> Strip:
    """Narrow cells as Textual draws them, one segment for each style."""
    grouped = groupby(cells, key=lambda cell: cell.style)
    return Strip([Segment("".join(cell.text or "" for cell in run), style) for style, run in grouped], len(cells))


def _at(x: int, y: int) -> str:
    """The sequence that moves the cursor there."""
    return Control.move_to(x, y).segment.text
