"""One signal: its course over the last hour as a chart with its bound, and what is known of it."""

from __future__ import annotations

from cockpit.incident.quantities import quantity
from cockpit.incident.times import time_of_day
from cockpit.room.views import SignalView
from cockpit.room.war_room import WarRoom
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Tone, thin

_TONES: dict[str, Tone] = {"breach": "bad", "warning": "warn", "pending": "warn", "unknown": "quiet"}


def _state(signal: SignalView) -> str:
    """In words: why it is unknown, and what a pending one waits for."""
    if signal.standing == "pending":
        return "pending: past its bound, not yet for as long as that takes"
    return signal.state + (f": {signal.reason}" if signal.reason else "")


class SignalPage(Page):
    """`enter` on a signal."""

    def __init__(self, war_room: WarRoom, id: str, glyphs: Glyphs) -> None:
        super().__init__(id)
        self._war = war_room
        self._id = id
        self._glyphs = glyphs

    def on_mount(self) -> None:
        """Draw, and again as it goes on."""
        super().on_mount()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        found = next((each for each in self._war.signals() if each.id == self._id), None)
        if found is None:
            self.show([Row("", (Span(" this signal is not configured any more", "warn"),))])
            return
        self.page_title = found.title
        self.show_frame(f"{quantity(found.value, found.unit)} · {found.standing}")
        facts = [
            ("value", quantity(found.value, found.unit)),
            ("state", _state(found)),
            ("bound", found.bound or "none"),
            ("since", f"{time_of_day(found.since)}Z" if found.since else "unknown"),
            ("as of", f"{time_of_day(found.at)}Z" if found.at else "never read"),
        ]
        tone = _TONES.get(found.standing, "plain")
        rows = [
            Row(name, (Span(f"  {name:<8}", "quiet"), Span(text, tone if name == "state" else "plain")))
            for name, text in facts
        ]
        self.show([*rows, Row("", ()), *self._chart(found)])

    def _chart(self, found: SignalView) -> list[Row]:
        """Columns from the lowest to the highest reading; the scale stands on the left."""
        height, width = max(4, self.size.height - 10), max(20, self.size.width - 16)
        values = thin(found.history, width)
        known = [value for value in values if value is not None]
        if not known:
            return [Row("", (Span("  no reading in the last hour", "quiet"),))]
        low, high = min(0.0, *known), max(known)
        scale = (high - low) or 1.0
        rows = []
        for line in range(height, 0, -1):
            floor = low + scale * (line - 1) / height
            cells = "".join(self._cell(value, floor, scale / height) for value in values)
            label = quantity(floor + scale / height, found.unit) if line in (height, 1, height // 2 + 1) else ""
            rows.append(Row("", (Span(f"{label:>10} │", "quiet"), Span(cells, _TONES.get(found.state, "accent")))))
        return rows

    def _cell(self, value: float | None, floor: float, step: float) -> str:
        if value is None or value <= floor:
            return " "
        marks = self._glyphs.sparks
        return marks[min(len(marks) - 1, int((value - floor) / step * len(marks)))]
