"""Toned: a widget whose tones get their styles from the style sheet when they are first drawn.

Textual works out every component class of a widget whenever the widget is styled: at each focus, each screen, each
theme. Few widgets ever draw more than three of the tones, and there are more than twenty widgets.
"""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.dom import DOMNode
from textual.widget import Widget


class Toned(Widget):
    """A widget that draws in tones; the style sheet has that of `bad` under `> .TONED--bad`."""

    TONED: ClassVar[str]
    """What the names of its tones' classes begin with."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._tones: dict[str, Style] = {}
        self._ground: Style | None = None

    def notify_style_update(self) -> None:
        """What the tones stand on has changed: work them out anew."""
        super().notify_style_update()
        self._tones.clear()
        self._ground = None

    @property
    def ground(self) -> Style:
        """The style of the widget itself, on which the tones stand: Textual works it out anew at each look."""
        if self._ground is None:
            self._ground = self.rich_style
        return self._ground

    def toned(self, tone: str) -> Style:
        """The style of a tone, on the ground of the widget."""
        style = self._tones.get(tone)
        if style is None:
            node = DOMNode(classes=f"{self.TONED}--{tone}")
            node._attach(self)  # as Textual's style sheet finds the style of a component class
            self.app.stylesheet.apply(node)
            style = self._tones[tone] = node.rich_style
        return style
