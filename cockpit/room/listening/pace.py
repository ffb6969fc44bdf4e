"""How often a sender may come: a token bucket for each, of a bounded number of senders."""

from __future__ import annotations

from collections import OrderedDict

PER_MINUTE = 60
"""Requests that a sender may make in the long run."""
BURST = 60
"""Requests that it may make at once, after some quiet."""
MOST_SENDERS = 1000


class Pace:
    """Remembers how much of its burst each sender has left; the one that was quiet for longest is forgotten first."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._refused: set[str] = set()

    def is_refused(self, sender: str) -> bool:
        """Whether the last request of `sender` was one too many."""
        return sender in self._refused

    def wait(self, sender: str, now: float) -> float:
        """Take one request of `sender` at `now` (monotonic seconds); gives the seconds that it must wait instead, or
        0 where it may come."""
        left, before = self._left.pop(sender, (float(BURST), now))
        left = min(float(BURST), left + (now - before) * PER_MINUTE / 60)
        allowed = left >= 1
        self._left[sender] = (left - 1 if allowed else left, now)
        (self._refused.discard if allowed else self._refused.add)(sender)
        while len(self._left) > MOST_SENDERS:
            self._refused.discard(self._left.popitem(last=False)[0])
        return 0.0 if allowed else (1 - left) * 60 / PER_MINUTE
