"""What is loud: a red line or two on every screen while the public page is silent, or somebody is told otherwise."""

from __future__ import annotations

from cockpit.screen.app import CockpitApp
from cockpit.screen.spans import Span, Spans, wrap
from cockpit.screen.widgets.bars import Bar

MOST = 2
"""Lines that it takes at most; a low screen gives it one."""
LOW = 20


class Loud(Bar):
    """Asks the room each second, and takes no room while all is well."""

    DEFAULT_CSS = "Loud { display: none; height: auto; } Loud.-loud { display: block; }"

    def __init__(self, most: int = MOST) -> None:
        """`most` lines are shown."""
        super().__init__()
        self._most = most

    def on_mount(self) -> None:
        """Look at once, and again."""
        self.set_interval(1.0, self.look)
        self.look()

    def look(self) -> None:
        """Show what is loud now."""
        app = self.app
        if not isinstance(app, CockpitApp):
            return
        said, mark = app.room.loud(), app.glyphs.bad
        width, height = max(20, app.size.width), app.size.height
        lines = [self._line(f"{mark} {text}", width) for text in said]
        shown = [line for text in lines for line in text][: self._most if height >= LOW else 1]
        self.show_lines(tuple(shown))
        self.set_class(bool(shown), "-loud")

    def _line(self, text: str, width: int) -> list[Spans]:
        return [(Span(f" {line}", "bad"),) for line in wrap(text, width - 2, self._most)]
