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


UNICODE = Glyphs()
ASCII = Glyphs("!", "+", "?", "~", "*", ">", "+", "^", "!", "_.-=+*#@", False)


def choose(environ: Mapping[str, str] | None = None) -> Glyphs:
    """ASCII when the locale has no UTF-8 or COCKPIT_ASCII is set, else Unicode."""
    environ = os.environ if environ is None else environ
    return UNICODE if takes_utf8(environ) and not environ.get("COCKPIT_ASCII") else ASCII
