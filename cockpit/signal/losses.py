"""Sources that fall silent, told after a grace, so that a blip is no entry in the timeline."""

from __future__ import annotations

from datetime import datetime

from cockpit.signal.changes import Change, SourceBack, SourceLost
from cockpit.signal.freshness import Freshness


class Loss:
    """One source, and whether its loss has been told.

    Args:
        source: what people call it.
        grace: seconds without good data after which it counts as lost.
    """

    def __init__(self, source: str, grace: float) -> None:
        self._source = source
        self._grace = grace
        self._good: datetime | None = None
        self._lost = False

    def step(self, freshness: Freshness, now: datetime, *, explained: bool = False) -> list[Change]:
        """What is new in its freshness; a loss that another one explains is not told, and its grace begins after it."""
        if freshness.state in ("live", "off"):
            self._good = freshness.as_of or now
            if not self._lost:
                return []
            self._lost = False
            return [SourceBack(self._source, now)]
        if explained:
            self._good = now
            return []
        since = self._good = self._good or now
        if self._lost or (now - since).total_seconds() < self._grace:
            return []
        self._lost = True
        why = freshness.detail or ("no answer yet" if freshness.state == "loading" else freshness.state)
        return [SourceLost(self._source, why, freshness.as_of or since)]
