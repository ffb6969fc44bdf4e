"""One-line bars: the header's two lines, the suggestion and the footer. Redrawn only when they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from cockpit.screen.spans import Spans, crop, width_of
from cockpit.screen.widgets.toned import Toned


class Bar(Toned):
    """Lines of spans over the whole width."""

    TONED: ClassVar[str] = "bar"

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Spans] = ()

    @property
    def lines(self) -> Sequence[Spans]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: Sequence[Spans]) -> None:
        """Show `lines`, drawing those that differ."""
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as there are."""
        return max(1, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """One line."""
        width = self.size.width
        spans = crop(self._lines[y], width) if y < len(self._lines) else ()
        segments = [Segment(s.text, self.toned(s.tone)) for s in spans]
        segments.append(Segment(" " * (width - width_of(spans)), self.ground))
        return Strip(segments, width)
