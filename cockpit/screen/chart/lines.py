"""A chart as lines of a terminal: axes, bounds, the course in braille, blocks or ASCII, and the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from cockpit.incident.quantities import quantity
from cockpit.screen.chart.course import Reach
from cockpit.screen.chart.scale import Extent, Window, labels, row_of
from cockpit.screen.spans import Span, Spans, Tone, fit
from cockpit.screen.terminal.glyphs import Glyphs

MARGIN = 11
"""Cells on the left: a value and the axis."""
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The dots of a braille cell by column and row from the top, as Unicode numbers them (U+2800, Braille Patterns)."""


@dataclass(frozen=True, slots=True)
class Level:
    """A value drawn as a line across the chart."""

    words: str
    value: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that a chart shows.

    Attributes:
        reaches: the course, in two parts for each column of the window.
        unit: of the values.
        tone_of: the tone of a value, by the bounds that it is beyond.
        levels: the bounds, and what is normal.
        cursor: the column at which somebody looks.
        stale: the data is old: all of it is quiet.
        loading: what is not there is being asked for; else it is unknown.
        marks: by column, the letter of what happened there.
    """

    window: Window
    height: int
    extent: Extent
    reaches: Sequence[Reach | None]
    unit: str
    tone_of: Callable[[float], Tone]
    levels: Sequence[Level] = ()
    cursor: int = -1
    stale: bool = False
    loading: bool = False
    marks: Mapping[int, str] = field(default_factory=dict)


Cell = tuple[str, Tone]


def draw(drawing: Drawing, glyphs: Glyphs) -> list[Spans]:
    """The chart from its top, with the axis of time, the instants under it, and what happened when."""
    cells = [[(" ", "quiet")] * drawing.window.width for _ in range(drawing.height)]
    grid: list[list[Cell]] = [list(row) for row in cells]  # type: ignore[arg-type]
    style = _style(glyphs)
    _levels(grid, drawing, glyphs)
    for column in range(drawing.window.width):
        _column(grid, drawing, column, style, glyphs)
    _names(grid, drawing)
    written = labels(drawing.extent, drawing.unit, drawing.height)
    bar = "│" if glyphs.unicode else "|"
    rows = [
        (Span(f"{fit(written.get(y, ''), MARGIN - 2, right=True)} {bar}", "quiet"), *_spans(row))
        for y, row in enumerate(grid)
    ]
    return [*rows, *_time(drawing, glyphs), _marks(drawing)]


def _style(glyphs: Glyphs) -> Callable[[Drawing, int], dict[int, str]]:
    if not glyphs.unicode:
        return _ascii
    return _braille if glyphs.braille else _blocks


def _column(
    grid: list[list[Cell]], drawing: Drawing, column: int, style: Callable[[Drawing, int], dict[int, str]],
    glyphs: Glyphs,
) -> None:  # fmt: skip
    """Draw one column: the cursor, and over it the course, or that nothing is known."""
    if column == drawing.cursor:
        for row in grid:
            row[column] = ("┊" if glyphs.unicode else ":", "accent")
    parts = [each for each in drawing.reaches[2 * column : 2 * column + 2] if each]
    if not parts:
        grid[-1][column] = (glyphs.pending, "quiet") if drawing.loading else (glyphs.unknown, "quiet")
        return
    for y, text in style(drawing, column).items():
        grid[y][column] = (text, _tone(drawing, y, parts))


def _tone(drawing: Drawing, y: int, parts: Sequence[Reach]) -> Tone:
    """The tone of the part of the line that is in a row: of its value there."""
    if drawing.stale:
        return "quiet"
    low, high = min(each.low for each in parts), max(each.high for each in parts)
    size = (drawing.extent.high - drawing.extent.low) / drawing.height
    floor = drawing.extent.low + size * (drawing.height - 1 - y)
    shown = (max(low, min(high, floor)), max(low, min(high, floor + size)))
    tones = [drawing.tone_of(value) for value in shown]
    return "bad" if "bad" in tones else "warn" if "warn" in tones else "accent"


def _braille(drawing: Drawing, column: int) -> dict[int, str]:
    dots: dict[int, int] = {}
    for half in (0, 1):
        reach = drawing.reaches[2 * column + half]
        if reach is None:
            continue
        low, high = (row_of(drawing.extent.part(each), drawing.height * 4) for each in reach)
        for dot in range(high, low + 1):
            dots[dot // 4] = dots.get(dot // 4, 0) | _DOTS[half][dot % 4]
    return {y: chr(0x2800 + bits) for y, bits in dots.items()}


def _blocks(drawing: Drawing, column: int) -> dict[int, str]:
    """A column from the bottom up to the highest value."""
    reach = [each for each in drawing.reaches[2 * column : 2 * column + 2] if each]
    top = row_of(drawing.extent.part(max(each.high for each in reach)), drawing.height * 8)
    eighths = drawing.height * 8 - top
    full, rest = divmod(eighths, 8)
    cells = {drawing.height - 1 - y: "█" for y in range(min(full, drawing.height))}
    return cells | ({drawing.height - 1 - full: "▁▂▃▄▅▆▇"[rest - 1]} if rest else {})


def _ascii(drawing: Drawing, column: int) -> dict[int, str]:
    """A point in the lower, middle or upper third of its cell; a stroke where the line goes through one."""
    reach = [each for each in drawing.reaches[2 * column : 2 * column + 2] if each]
    low, high = min(each.low for each in reach), max(each.high for each in reach)
    first, last = (row_of(drawing.extent.part(each), drawing.height * 3) for each in (high, low))
    if first // 3 == last // 3:
        return {first // 3: "'-_"[(first + last) // 2 % 3]}
    return dict.fromkeys(range(first // 3, last // 3 + 1), "|")


def _levels(grid: list[list[Cell]], drawing: Drawing, glyphs: Glyphs) -> None:
    for level in reversed(drawing.levels):  # the gravest over the others
        if drawing.extent.holds(level.value):
            y = row_of(drawing.extent.part(level.value), drawing.height)
            tone: Tone = "quiet" if drawing.stale else level.tone
            grid[y] = [("╌" if glyphs.unicode else "-", tone)] * drawing.window.width


def _names(grid: list[list[Cell]], drawing: Drawing) -> None:
    """Write on each line what it is, where the course leaves room for it."""
    for level in drawing.levels:
        if not drawing.extent.holds(level.value):
            continue
        y = row_of(drawing.extent.part(level.value), drawing.height)
        words = f" {level.words} {quantity(level.value, drawing.unit)} "
        for first in range(1, drawing.window.width - len(words)):
            under = grid[y][first : first + len(words)]
            if all(text in "╌-" for text, _ in under):
                grid[y][first : first + len(words)] = [(each, under[0][1]) for each in words]
                break


def _time(drawing: Drawing, glyphs: Glyphs) -> tuple[Spans, Spans]:
    """The axis, and the instants under it; the zone stands on the left."""
    line, corner, tick = ("─", "└", "┬") if glyphs.unicode else ("-", "+", "+")
    axis, words = [line] * drawing.window.width, [" "] * drawing.window.width
    free = 0
    for column, text in drawing.window.ticks():
        axis[min(column, drawing.window.width - 1)] = tick
        first = min(max(0, column - len(text) // 2), drawing.window.width - len(text))
        if first >= free:
            words[first : first + len(text)] = text
            free = first + len(text) + 1
    if 0 <= drawing.cursor < drawing.window.width:
        axis[drawing.cursor] = "┴" if glyphs.unicode else "^"
    left = Span(f"{'UTC':>{MARGIN - 1}} ", "quiet")
    return (
        (Span(" " * (MARGIN - 1) + corner + "".join(axis), "quiet"),),
        (left, Span("".join(words), "quiet")),
    )


def _marks(drawing: Drawing) -> Spans:
    """The letters of what happened, each under its instant."""
    row = [drawing.marks.get(column, " ") for column in range(drawing.window.width)]
    return (Span(f"{'entries' if drawing.marks else '':>{MARGIN - 1}} ", "quiet"), Span("".join(row), "strong"))


def _spans(row: Sequence[Cell]) -> Spans:
    runs = groupby(row, key=lambda cell: cell[1])
    return tuple(Span("".join(text for text, _ in cells), tone) for tone, cells in runs)
