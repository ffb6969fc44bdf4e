"""The past of a chart beyond what is kept: when it is asked for, that it is awaited, and why it did not come."""

from __future__ import annotations

from datetime import datetime, timedelta

from cockpit.room.live.courses import HISTORY, Course
from cockpit.screen.chart.scale import Window

AGAIN = 60.0
"""Seconds after which a past that could not be read is asked for again."""


class Past:
    """What was asked for of one signal.

    Attributes:
        course: what came, empty until something has.
        trouble: why nothing came; empty when it did.
        began: when the question that is open was asked, on the monotonic clock; None when none is.
    """

    def __init__(self) -> None:
        self.course = Course()
        self.trouble = ""
        self.began: float | None = None
        self._asked: Window | None = None
        self._failed = 0.0

    def wants(self, window: Window, now: datetime, monotonic: float) -> bool:
        """Whether to ask for `window` now: it is longer than what is kept, and neither here nor being asked for."""
        kept = now - timedelta(seconds=HISTORY)
        if self.began is not None or window.begin >= kept - timedelta(seconds=2 * window.column):
            return False
        if self.trouble:
            return monotonic - self._failed >= AGAIN
        had = self._asked
        known = had is not None and had.seconds == window.seconds and had.begin <= window.begin
        return not known or had is None or had.end < min(window.end, kept)

    def ask(self, window: Window, monotonic: float) -> None:
        """It is being asked for."""
        self._asked, self.began = window, monotonic

    def take(self, course: Course) -> None:
        """It came."""
        self.course, self.trouble, self.began = course, "", None

    def fail(self, why: str, monotonic: float) -> None:
        """It did not come."""
        self.trouble, self._failed, self.began = why, monotonic, None

    def forget(self) -> None:
        """Another stretch is looked at: an old failure says nothing of it."""
        self.trouble, self._asked = "", None
