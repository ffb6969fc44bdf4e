"""The themes: dark, light and high contrast of our own; Textual's own 16-colour ones for plain terminals."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from textual.theme import Theme

_COLOURS = {
    # for what:    dark       light      contrast
    "primary":    ("#7aa2d6", "#285a96", "#ffffff"),
    "secondary":  ("#5f87af", "#4a6d94", "#ffffff"),
    "accent":     ("#7fd1e0", "#00688b", "#00ffff"),
    "foreground": ("#d0d4da", "#1c2026", "#ffffff"),
    "background": ("#101318", "#fbfbf9", "#000000"),
    "surface":    ("#161a21", "#f1f1ee", "#000000"),
    "panel":      ("#1d222b", "#e6e6e2", "#000000"),
    "success":    ("#7cc47f", "#1d7a2c", "#00ff5f"),
    "warning":    ("#e8b04b", "#8f5a00", "#ffd700"),
    "error":      ("#f2646b", "#b3121d", "#ff5f5f"),
}  # fmt: skip
_OF_OURS = {
    "quiet":       ("#868e9b", "#5d646e", "#d0d0d0"),
    "cursor":      ("#2b3f55", "#c5d9ee", "#0000af"),
    "cursor-away": ("#1f2630", "#e1e6ec", "#303030"),
    "tint":        ("#3a1d20", "#f3d7d8", "#5f0000"),
}  # fmt: skip
"""The same for what Textual's themes have no colour for."""


def _theme(name: str, column: int, *, dark: bool) -> Theme:
    colours: dict[str, Any] = {what: shades[column] for what, shades in _COLOURS.items()}
    own = {what: shades[column] for what, shades in _OF_OURS.items()}
    return Theme(name, dark=dark, variables=own, **colours)


DARK = _theme("cockpit-dark", 0, dark=True)
LIGHT = _theme("cockpit-light", 1, dark=False)
CONTRAST = _theme("cockpit-contrast", 2, dark=True)
OURS = (DARK, LIGHT, CONTRAST)

NAMES = {"dark": DARK.name, "light": LIGHT.name, "contrast": CONTRAST.name, "ansi": "ansi-dark"}
"""What `--theme` and COCKPIT_THEME take, and the theme that each means."""


def fitting(colours: str | None) -> str:
    """The theme for a terminal when none was asked for: with 16 colours its own, which are the ones it can tell apart.

    `colours` is what Rich calls its colour system: `standard` for 16, `256`, `truecolor`.
    """
    return "ansi" if colours in (None, "standard") else "dark"


def without_false_colours(environ: MutableMapping[str, str]) -> None:
    """GNU screen hands on the COLORTERM of the terminal around it, and takes 24-bit colours for other sequences."""
    if environ.get("STY") and not environ.get("TMUX"):
        environ.pop("COLORTERM", None)


ANSI_VARIABLES = {
    "quiet": "ansi_bright_black",
    "cursor": "ansi_default",
    "cursor-away": "ansi_black",
    "tint": "ansi_black",
}
"""Our variables for Textual's 16-colour themes."""
