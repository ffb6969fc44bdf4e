"""The layouts that the style sheet has, and which of them a terminal has room for."""

from __future__ import annotations

from textual.screen import Screen


def fit(screen: Screen[None]) -> None:
    """Choose the layout for the size: narrow shows one pane, wide adds the run, huge the scribe's page."""
    width, height = screen.size
    screen.set_class(width < 60 or height < 16, "-narrow")
    screen.set_class(width >= 110 and height >= 36, "-wide")
    screen.set_class(width >= 180 and height >= 48, "-huge")
