"""Sources that fall silent, told after a grace, so that a blip is no entry in the timeline; one that comes and goes is
told as lost until it stays."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.times import lasting
from cockpit.signal.changes import Change, SourceBack, SourceLost
from cockpit.signal.freshness import Freshness

WINDOW = 600.0
"""Seconds within which losses count together."""
MANY = 3
"""Losses within the window that are coming and going."""
QUIET = 300.0
"""Seconds for which a source that comes and goes must have been back before that is told."""


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
        self._losses: tuple[datetime, ...] = ()
        self._back: datetime | None = None
        """Since when it is back, while that has not been told."""

    def step(self, freshness: Freshness, now: datetime, *, explained: bool = False) -> list[Change]:
        """What is new in its freshness; a loss that another one explains is not told, and its grace begins after it."""
        if freshness.state in ("live", "off"):
            self._good = freshness.as_of or now
            return self._is_back(now) if self._lost else []
        if explained:
            self._good = now
            return []
        since = self._good = self._good or now
        if (now - since).total_seconds() < self._grace:
            return []
        self._back = None
        if self._lost:
            return []
        self._lost = True
        why = freshness.detail or ("no answer yet" if freshness.state == "loading" else freshness.state)
        return [SourceLost(self._source, why + self._again(now), freshness.as_of or since)]

    def _is_back(self, now: datetime) -> list[Change]:
        back = self._back = self._back or now
        if len(self._losses) >= MANY and (now - back).total_seconds() < QUIET:
            return []
        self._lost, self._back = False, None
        return [SourceBack(self._source, back)]

    def _again(self, now: datetime) -> str:
        """What is said of a loss that is one of many."""
        self._losses = (*(at for at in self._losses if (now - at).total_seconds() < WINDOW), now)
        if len(self._losses) < MANY:
            return ""
        return f" · {len(self._losses)} times in {lasting(WINDOW)}; back when it has been so for {lasting(QUIET)}"
