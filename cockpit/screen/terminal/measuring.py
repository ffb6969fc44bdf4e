"""Measuring a terminal by asking it: how many cells our marks take, which no environment tells.

The question is DSR 6, `ESC [ 6 n`, which a terminal answers by `ESC [ ROW ; COLUMN R` (ECMA-48, 8.3.35).
"""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty

from cockpit.room.doctor import Finding
from cockpit.screen.terminal.glyphs import UNICODE

PATIENCE = 0.5
"""Seconds that a terminal has for its answer; one over a slow line may need most of it."""
MARKS = UNICODE.bad + UNICODE.good + UNICODE.declared + UNICODE.run + UNICODE.done + UNICODE.pending + "⣿█"
_ANSWER = re.compile(rb"\x1b\[\d+;(\d+)R")


def marks_of(terminal: int) -> Finding | None:
    """Whether each mark takes one cell, as the screens count; None when the terminal does not say.

    What it writes it wipes again. Nothing is asked of what is no terminal.

    Args:
        terminal: the file descriptor of a terminal, open for reading and writing.
    """
    if not os.isatty(terminal):
        return None
    column = _column_after(terminal, MARKS)
    if column is None:
        return None
    if column == len(MARKS) + 1:
        return Finding("marks", "ok", "each takes one cell", group="here")
    said = f"{len(MARKS)} of them take {column - 1} cells: lines will stand askew"
    mend = "let the terminal draw characters of ambiguous width in one cell, or set COCKPIT_ASCII=1"
    return Finding("marks", "warn", said, mend, "here")


def _column_after(terminal: int, text: str) -> int | None:
    """The cursor's column, counted from 1, after `text` was written at the beginning of a line."""
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSANOW)
        os.write(terminal, b"\r" + text.encode() + b"\x1b[6n")
        found = _ANSWER.search(_answer(terminal))
        return int(found[1]) if found else None
    finally:
        os.write(terminal, b"\r\x1b[K")
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _answer(terminal: int) -> bytes:
    """What comes until the answer is whole, or nothing more within the time that there is."""
    read, deadline = b"", time.monotonic() + PATIENCE
    while not _ANSWER.search(read):
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            break
        read += os.read(terminal, 64)
    return read
