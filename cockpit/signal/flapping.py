"""Thresholds and endpoints that go to and fro, folded: a timeline is told that one flaps, not each time it crosses."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.signal.thresholds.threshold import State
from cockpit.values import replace

WINDOW = 600.0
"""Seconds within which crossings count together, and between two tellings while it flaps."""
MANY = 5
"""Crossings within the window that are flapping."""
QUIET = 300.0
"""Seconds without a crossing after which it has settled."""

_RANK: dict[State, int] = {"ok": 0, "unknown": 0, "warning": 1, "breach": 2}


class Flaps(Struct, frozen=True):
    """The crossings of one threshold, as far as its flapping needs them.

    Attributes:
        recent: when it crossed, within the window.
        began: the first crossing of the flapping; None while it does not flap.
        count: the crossings since then.
        told: when that was told last; None when it was not yet.
        worst: the worst state that was told of it while it flapped.
    """

    recent: tuple[datetime, ...] = ()
    began: datetime | None = None
    count: int = 0
    told: datetime | None = None
    worst: State = "ok"

    def crossed(self, at: datetime) -> Flaps:
        """After a crossing at `at`."""
        recent = (*(each for each in self.recent if _seconds(each, at) < WINDOW), at)
        if self.began:
            return replace(self, recent=recent, count=self.count + 1)
        if len(recent) >= MANY:
            return Flaps(recent, recent[0], len(recent))
        return Flaps(recent)

    def tells(self, state: State) -> bool:
        """Whether a crossing to `state` just now is told: the first of the flapping, one in a window, and what is worse
        than all that was told."""
        if self.told is None or _RANK[state] > _RANK[self.worst]:
            return True
        return _seconds(self.told, self.recent[-1]) >= WINDOW

    def telling(self, state: State) -> Flaps:
        """After that has been told."""
        worst = max(self.worst, state, key=_RANK.__getitem__)
        return replace(self, told=self.recent[-1], worst=worst)

    def settled(self, now: datetime) -> bool:
        """Whether it flapped and does so no more."""
        return self.began is not None and _seconds(self.recent[-1], now) >= QUIET

    @property
    def lasted(self) -> float:
        """Seconds from the first crossing of the flapping to the last; 0 while it does not flap."""
        return _seconds(self.began, self.recent[-1]) if self.began else 0.0


def _seconds(since: datetime, now: datetime) -> float:
    return (now - since).total_seconds()
