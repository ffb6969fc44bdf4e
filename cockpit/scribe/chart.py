"""Bar charts of text: a bar on each line, its value beside it, an axis below; of ASCII where there is no more."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

_EIGHTHS = " ▏▎▍▌▋▊▉"
LABEL = 26
"""Cells that a label takes at most."""
_UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def durations(
    title: str, bars: Sequence[tuple[str, float | None]], *, width: int = 78, unicode: bool = True
) -> list[str]:
    """The lines of a chart of durations, in the unit that fits the longest.

    Args:
        title: what is measured; the unit is put behind it.
        bars: label and seconds, none negative; None where it is not computable, which is said.
        width: cells of a line.
        unicode: whether the output takes block characters.
    """
    longest = max((value for _, value in bars if value is not None), default=0.0)
    size, unit = next((each for each in _UNITS if longest >= each[0]), _UNITS[-1])
    labels = min(LABEL, max((cell_len(label) for label, _ in bars), default=0))
    room = max(10, width - labels - 10)
    lines = [f"{title}, {unit}"]
    for label, value in bars:
        head = set_cell_size(label, labels)
        if value is None:
            lines.append(f"{head} {'-':>7}  not computable")
        else:
            bar = _bar(value / longest if longest else 0.0, room, unicode)
            lines.append(f"{head} {value / size:>7.1f}  {bar}".rstrip())
    return [*lines, *_axis(longest / size, labels + 10, room, unicode)]


def _bar(part: float, room: int, unicode: bool) -> str:
    if not unicode:
        return "#" * round(part * room)
    whole, rest = divmod(round(part * room * 8), 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _axis(most: float, indent: int, room: int, unicode: bool) -> list[str]:
    """A rule with three marks, and their values under them."""
    half = room // 2
    left, middle, right, rule = "└┴┘─" if unicode else "+++-"
    marks = left + rule * (half - 1) + middle + rule * (room - half - 2) + right
    first, last = f"{most / 2:.1f}", f"{most:.1f}"
    values = "0".ljust(half) + first
    return [" " * indent + marks, " " * indent + values + last.rjust(room - len(values))]
