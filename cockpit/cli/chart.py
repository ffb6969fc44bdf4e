"""A bar chart in a terminal: one bar per line, with its value; ASCII where the output cannot do better."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

WIDTH = 78
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def chart(title: str, bars: Sequence[tuple[str, float | None]], *, width: int = WIDTH) -> str:
    """The bars under their title; a bar without a value says that there is none.

    Args:
        title: what is measured, with its unit.
        bars: label and value, none negative.
        width: cells of a line.
    """
    if not bars:
        return f"{title}\nnothing to draw"
    labels = min(26, max(len(label) for label, _ in bars))
    most = max((value for _, value in bars if value is not None), default=0.0)
    room = width - labels - 11
    lines = [title]
    for label, value in bars:
        if value is None:
            lines.append(f"{label[:labels]:<{labels}} {'–':>8}")
        else:
            lines.append(f"{label[:labels]:<{labels}} {value:>8.1f} {_bar(value, most, room)}".rstrip())
    lines.append(f"{'':<{labels}} {'':>8} {'0':<{max(1, room - len(f'{most:.1f}'))}}{most:.1f}")
    return "\n".join(lines)


def _bar(value: float, most: float, room: int) -> str:
    part = value / most if most else 0.0
    if not _draws():
        return "#" * round(part * room)
    eighths = round(part * room * 8)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _draws() -> bool:
    """Whether the output takes block characters."""
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower()
    return os.environ.get("TERM") != "dumb" and encoding.replace("-", "") == "utf8"
