"""How many pods the words of a timeline are about, and when it has become so much worse that it needs others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

WORSE_FOR = 30.0
"""Seconds for which it must have been so much worse: the pods of a release fail one after the other."""

Key = tuple[str, str]
"""A revision, by its `pod-template-hash`, and a reason."""


class Extent(Struct, frozen=True):
    """So many pods, of so many of the service."""

    count: int
    total: int

    def is_worse(self, told: Extent) -> bool:
        """Whether it needs another word after what was told: it is twice as many, or all now and was not."""
        return self.count >= 2 * told.count or (self.count == self.total > 0 and told.count < told.total)


class Tellings:
    """What was told of which pods, and how many they were then; each again only when it has become much worse."""

    def __init__(self) -> None:
        self._told: dict[Key, Extent] = {}
        self._worse: dict[Key, datetime] = {}
        """Since when those are so much worse that it is to be told if it stays so."""

    def __bool__(self) -> bool:
        return bool(self._told)

    def __contains__(self, key: Key) -> bool:
        return key in self._told

    def tell(self, key: Key, extent: Extent) -> None:
        """It is told."""
        self._told[key] = extent
        self._worse.pop(key, None)

    def clear(self) -> None:
        """All is well again: what comes is news."""
        self._told.clear()
        self._worse.clear()

    def worse(self, now_so: Iterable[tuple[Key, Extent]], now: datetime) -> list[Key]:
        """Those of what stands now that were told, and have been much worse than told for a while."""
        found = [key for key, extent in now_so if key in self._told and extent.is_worse(self._told[key])]
        self._worse = {key: self._worse.get(key, now) for key in found}
        return [key for key, since in self._worse.items() if (now - since).total_seconds() >= WORSE_FOR]
