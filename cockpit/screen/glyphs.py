"""The marks of the screens: single-width, and an ASCII set for terminals that have no more."""

from __future__ import annotations

import os
from collections.abc import Mapping
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


def choose(environ: Mapping[str, str] | None = None) -> Glyphs:
    """ASCII when the locale has no UTF-8 or COCKPIT_ASCII is set, else Unicode.

    Where the locale is C, Python itself sets LC_CTYPE to C.UTF-8 (PEP 538), and nobody said that the terminal has it:
    then LANG decides. Where nothing names a locale at all, the terminal is taken for one with UTF-8.
    """
    environ = os.environ if environ is None else environ
    if environ.get("COCKPIT_ASCII"):
        return ASCII
    said = {name: environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")}
    if said["LC_CTYPE"] == "C.UTF-8":
        said["LC_CTYPE"] = ""
    named = next((value for value in said.values() if value), "")
    return UNICODE if not named or "utf" in named.lower() else ASCII
