"""The marks of the screens: single-width, and an ASCII set for terminals that have no more."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.text import takes_utf8


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of marks. Each stands beside a word: none carries a meaning alone."""

    bad: str = "▲"
    good: str = "●"
    unknown: str = "?"
    pending: str = "…"
    declared: str = "◆"
    run: str = "▸"
    done: str = "✓"
    up: str = "↑"
    bell: str = "!"
    sparks: str = "▁▂▃▄▅▆▇█"
    unicode: bool = True
    braille: bool = True
    """Whether its font has the dots of braille, of which charts are drawn."""


UNICODE = Glyphs()
ASCII = Glyphs("!", "+", "?", "~", "*", ">", "+", "^", "!", "_.-=+*#@", False, False)
BLOCKS = Glyphs(braille=False)
_NO_BRAILLE = ("linux", "vt100", "vt220", "putty")
"""Terminals, by the beginning of their TERM, whose fonts have blocks and no braille: consoles have 512 glyphs."""


def choose(environ: Mapping[str, str] | None = None) -> Glyphs:
    """ASCII when the locale has no UTF-8 or COCKPIT_ASCII is set, else Unicode, with braille where there is some."""
    environ = os.environ if environ is None else environ
    if not takes_utf8(environ) or environ.get("COCKPIT_ASCII"):
        return ASCII
    return BLOCKS if environ.get("TERM", "").startswith(_NO_BRAILLE) else UNICODE
