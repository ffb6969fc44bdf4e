"""The themes: dark, light and high contrast of our own; Textual's own 16-colour ones for plain terminals."""

from __future__ import annotations

from collections.abc import MutableMapping

from textual.theme import Theme

DARK = Theme(
    name="cockpit-dark",
    primary="#7aa2d6",
    secondary="#5f87af",
    accent="#7fd1e0",
    foreground="#d0d4da",
    background="#101318",
    surface="#161a21",
    panel="#1d222b",
    success="#7cc47f",
    warning="#e8b04b",
    error="#f2646b",
    dark=True,
    variables={"quiet": "#868e9b", "cursor": "#2b3f55", "cursor-away": "#1f2630", "tint": "#3a1d20"},
)
LIGHT = Theme(
    name="cockpit-light",
    primary="#285a96",
    secondary="#4a6d94",
    accent="#00688b",
    foreground="#1c2026",
    background="#fbfbf9",
    surface="#f1f1ee",
    panel="#e6e6e2",
    success="#1d7a2c",
    warning="#8f5a00",
    error="#b3121d",
    dark=False,
    variables={"quiet": "#5d646e", "cursor": "#c5d9ee", "cursor-away": "#e1e6ec", "tint": "#f3d7d8"},
)
CONTRAST = Theme(
    name="cockpit-contrast",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#00ff5f",
    warning="#ffd700",
    error="#ff5f5f",
    dark=True,
    variables={"quiet": "#d0d0d0", "cursor": "#0000af", "cursor-away": "#303030", "tint": "#5f0000"},
)
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
