"""Where somebody looks on a chart: how long a stretch of time, up to when, and at which instant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cockpit.screen.chart.scale import Window

SPANS = ((300, "5 min"), (900, "15 min"), (3600, "1 h"), (6 * 3600, "6 h"), (24 * 3600, "24 h"))
"""The stretches of time that can be looked at, in seconds, and what they are called."""
_HOUR = 2


@dataclass
class Look:
    """What is looked at; without an `until` the chart ends now and goes on, without a `cursor` one looks at its end."""

    chosen: int = _HOUR
    until: datetime | None = None
    cursor: datetime | None = None

    @property
    def words(self) -> str:
        """How long the stretch is."""
        return SPANS[self.chosen][1]

    def window(self, now: datetime, width: int) -> Window:
        """The stretch in `width` columns; its columns stand still while time goes on within the last one."""
        seconds = SPANS[self.chosen][0]
        column = seconds / width
        end = math.floor((self.until or now).timestamp() / column + 1) * column
        return Window(datetime.fromtimestamp(end - seconds, UTC), datetime.fromtimestamp(end, UTC), width)

    def place(self, now: datetime, window: Window) -> int:
        """The column of the cursor."""
        return min(window.width - 1, max(0, window.place(self.cursor or self.until or now)))

    def move(self, by: int, now: datetime, width: int, earliest: datetime) -> None:
        """Go so many columns on, or back to no earlier than `earliest`; at the left edge the stretch follows."""
        window = self.window(now, width)
        column = self.place(now, window) + by
        at = max(earliest, window.time(column))
        if at >= now or window.place(now) <= column:
            self.cursor = self.until = None
            return
        self.cursor = at
        if column < 0:
            self.until = at + timedelta(seconds=window.seconds / 2)
        elif column >= width:
            self.until = self._until(at, now)

    def go(self, at: datetime, now: datetime) -> None:
        """Look at an instant, which is in the window."""
        self.cursor = at if at < now else None

    def zoom(self, by: int, now: datetime) -> None:
        """A longer stretch (1) or a shorter one (-1); the instant that is looked at stays in it."""
        self.chosen = min(len(SPANS) - 1, max(0, self.chosen + by))
        self.until = self._until(self.cursor, now) if self.cursor else None

    def _until(self, at: datetime, now: datetime) -> datetime | None:
        """The end of a stretch with `at` in its middle, None for now."""
        end = at + timedelta(seconds=SPANS[self.chosen][0] / 2)
        return end if end < now else None
