"""The marks of the screens: single-width, and an ASCII set for terminals that have no more."""

from __future__ import annotations

import locale
import os
from dataclasses import dataclass


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
ASCII = Glyphs("!", "o", "?", "~", "*", ">", "x", "^", "!", "_.-=+*#@", False)


def choose(environ: dict[str, str] | None = None) -> Glyphs:
    """ASCII when the locale has no UTF-8 or COCKPIT_ASCII is set, else Unicode."""
    environ = dict(os.environ) if environ is None else environ
    if environ.get("COCKPIT_ASCII"):
        return ASCII
    named = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    encoding = named or locale.getpreferredencoding(False)
    return UNICODE if "utf" in encoding.lower() else ASCII
