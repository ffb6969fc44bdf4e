"""What this terminal can do, as far as its environment tells: colours, letters, size, where it runs, copying."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cockpit.room.doctor import Finding
from cockpit.screen.terminal.clipboard import takes_osc52
from cockpit.screen.terminal.escapes import multiplexer
from cockpit.screen.terminal.glyphs import choose
from cockpit.text import safe, takes_utf8

LEAST, SMALL = (40, 12), (80, 24)
"""Columns and rows below which one pane is shown at a time, and below which some are cropped."""


def abilities(environ: Mapping[str, str], size: os.terminal_size) -> list[Finding]:
    """A finding for each ability.

    Args:
        environ: the process's environment.
        size: the terminal's columns and lines.
    """
    term = safe(environ.get("TERM", ""))
    if term in ("", "dumb"):
        mend = "the cockpit needs a terminal; the commands work without one"
        return [Finding("terminal", "warn", f"TERM is '{term}'", mend, "here")]
    found = [_size(term, size, environ), _colours(term, environ), _letters(environ), _copying(environ)]
    return [Finding(each.what, each.state, each.said, each.mend, "here") for each in found]


def _size(term: str, size: os.terminal_size, environ: Mapping[str, str]) -> Finding:
    through = [multiplexer(environ)] if multiplexer(environ) else []
    through += ["ssh"] if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") else []
    said = f"{term}, {size.columns}×{size.lines}" + (f", through {' and '.join(through)}" if through else "")
    if (size.columns, size.lines) < SMALL or size.lines < SMALL[1]:
        return Finding("terminal", "warn", said, "make it 80×24 or larger: what is cropped is not seen")
    return Finding("terminal", "ok", said)


def _colours(term: str, environ: Mapping[str, str]) -> Finding:
    if environ.get("NO_COLOR"):
        return Finding("colours", "ok", "none: NO_COLOR is set; words and marks say the same")
    if environ.get("COLORTERM", "") in ("truecolor", "24bit") or term.endswith("-direct"):
        return Finding("colours", "ok", "16 million")
    if "256" in term:
        return Finding("colours", "ok", "256; set COLORTERM=truecolor if the terminal has more")
    return Finding("colours", "ok", "16: --theme ansi suits it")


def _letters(environ: Mapping[str, str]) -> Finding:
    if not takes_utf8(environ):
        said = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG")
        mend = "set LANG to a UTF-8 locale, if the terminal has it"
        return Finding("letters", "warn", f"{safe(str(said))} has no UTF-8: all is drawn in ASCII", mend)
    chosen = choose(environ)
    if not chosen.unicode:
        return Finding("letters", "ok", "ASCII: COCKPIT_ASCII is set")
    dots = "charts in braille" if chosen.braille else "charts in blocks: this terminal's font has no braille"
    return Finding("letters", "ok", f"UTF-8, {dots}; COCKPIT_ASCII=1 draws all in ASCII")


def _copying(environ: Mapping[str, str]) -> Finding:
    if multiplexer(environ) == "tmux":
        return Finding("copying", "ok", "through tmux; to the clipboard where its set-clipboard is on")
    if takes_osc52(environ):
        return Finding("copying", "ok", "to the clipboard, by OSC 52")
    return Finding("copying", "warn", "this terminal takes no OSC 52: what is copied is written to a file", "select "
                   "with the mouse and shift held, or use tmux")  # fmt: skip
