"""Text with tones: what panes are built of. Never markup, so that no name from outside can be parsed as any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from cockpit.text import clean

_REMEMBERED = 511
"""Characters of a text up to which rich remembers its width."""

_FAR = 16
"""Characters for each cell of a line beyond which a text is not looked at: a name may have 1 MB."""

Tone = Literal[
    "plain", "bad", "warn", "good", "quiet", "accent", "strong", "bar", "voice1", "voice2", "voice3", "voice4"
]  # fmt: skip
VOICES: tuple[Tone, ...] = ("voice1", "voice2", "voice3", "voice4")
"""Tones that tell speakers apart and mean nothing else."""
TONES: tuple[Tone, ...] = ("plain", "bad", "warn", "good", "quiet", "accent", "strong", "bar", *VOICES)


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    tone: Tone = "plain"


Spans = tuple[Span, ...]


class Row(NamedTuple):
    """A line of a pane. `key` is what it stands for, so that the cursor can stay on it; empty when not selectable."""

    key: str
    spans: Spans


def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: cut with an ellipsis, or filled; numbers go to the right."""
    if width <= 0:
        return ""
    near = text[: width * _FAR]
    length = cell_len(near)
    if length > width or len(near) < len(text):
        return set_cell_size(near, width - 1) + "…"
    fill = " " * (width - length)
    return fill + text if right else text + fill


def middle(text: str, width: int) -> str:
    """`text` in exactly `width` cells: cut in its middle, since names of pods differ at the end."""
    end = max(0, min(width // 2, width - 4))
    if len(text) <= width or not end:
        return fit(text, width)
    tail = fit(text[-end:], end)
    return fit(text[: width - end] + "…", width - end) + tail


def width_of(spans: Iterable[Span]) -> int:
    """How many cells the spans take."""
    return sum(_cells(span.text) for span in spans)


def _cells(text: str) -> int:
    """How many cells a text takes, at each drawing anew: one far longer than a line is measured in remembered parts."""
    if len(text) <= _REMEMBERED:
        return cell_len(text)
    return sum(cell_len(text[at : at + _REMEMBERED]) for at in range(0, len(text), _REMEMBERED))


def crop(spans: Sequence[Span], width: int) -> Spans:
    """The spans in at most `width` cells, with an ellipsis where they were cut.

    Every line is drawn through here, so it is also the last gate: an entry that another program wrote into the journal
    has passed no boundary of ours, and must not command the terminal either.
    """
    spans = [Span(clean(span.text), span.tone) for span in spans]
    if width_of(spans) <= width:
        return tuple(spans)
    kept: list[Span] = []
    left = width
    for span in spans:
        length = _cells(span.text)
        if length >= left:
            kept.append(Span(fit(span.text + " ", left), span.tone))
            break
        kept.append(span)
        left -= length
    return tuple(kept)


def wrap(text: str, width: int, most: int = 0) -> list[str]:
    """`text` broken at spaces into lines of `width` cells, each as far in as its paragraph; with `most`, cut after so
    many."""
    lines = [line for paragraph in text.split("\n") for line in _paragraph(paragraph, max(1, width))]
    if most and len(lines) > most:
        lines = [*lines[: most - 1], fit(lines[most - 1] + " …", width)]
    return lines


def _paragraph(text: str, width: int) -> list[str]:
    indent = " " * min(len(text) - len(text.lstrip(" ")), width // 2)
    room = width - len(indent)
    lines: list[str] = []
    line = ""
    for word in text.strip(" ").split(" "):
        for part in _pieces(word, room):
            if line and cell_len(line) + 1 + cell_len(part) > room:
                lines.append(line)
                line = part
            else:
                line = f"{line} {part}" if line else part
    return [indent + each for each in (*lines, line)]


def _pieces(word: str, room: int) -> list[str]:
    """A word in parts of which each fits into a line."""
    if cell_len(word) <= room:
        return [word]
    parts, part, size = [], "", 0
    for character in word:
        cells = cell_len(character)
        if part and size + cells > room:
            parts.append(part)
            part, size = "", 0
        part, size = part + character, size + cells
    return [*parts, part]


def content(text: str) -> Content:
    """`text` for a label, a title or a toast: never parsed as markup, and without controls, whoever wrote it."""
    return Content(clean(text, keep_newlines=True))


def sparkline(values: Sequence[float | None], width: int, sparks: str) -> str:
    """The last values in `width` cells, each as one of `sparks`, lowest to highest; a gap where a value is unknown."""
    shown = thin(values, width)
    known = [value for value in shown if value is not None]
    if not known:
        return " " * width
    low, high = min(known), max(known)
    scale = (len(sparks) - 1) / (high - low) if high > low else 0.0
    line = "".join(" " if v is None else sparks[round((v - low) * scale)] for v in shown)
    return line.rjust(width)


def thin(values: Sequence[float | None], width: int) -> list[float | None]:
    """As many values as there are cells: the mean of each bucket, unknown where it holds none."""
    if len(values) <= width or width <= 0:
        return list(values)
    size = len(values) / width
    buckets = [values[int(i * size) : max(int((i + 1) * size), int(i * size) + 1)] for i in range(width)]
    means: list[float | None] = []
    for bucket in buckets:
        known = [value for value in bucket if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return means
