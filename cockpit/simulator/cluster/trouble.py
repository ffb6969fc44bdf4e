"""What can go wrong with an API server itself, for those who test how a client bears it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Trouble:
    """Switches; all off at first."""

    answer: int | None = None
    """The HTTP status that every request gets (503, 500, 429, ...)."""
    retry_after: int | None = None
    """The seconds of the `Retry-After` header that goes with it."""
    metrics: int | None = None
    """The HTTP status that the metrics API alone gets: 503 while what serves it is down."""
    delay: float = 0.0
    """Real seconds that every answer is late."""
    drop: bool = False
    """Whether every connection is closed in the middle of its answer."""
    silence: bool = False
    """Whether watches stay open and say nothing, bookmarks included, nor end: as over a connection that is dead."""
    skew: float = 0.0
    """Seconds that the cluster's clock is ahead of the world's."""
    _compact: Callable[[], None] = field(default=lambda: None)
    _cut: Callable[[bool], None] = field(default=lambda mid_line: None)

    def cut_watches(self, *, mid_line: bool = False) -> None:
        """End every open watch now; with `mid_line` in the middle of an event."""
        self._cut(mid_line)

    def expire(self) -> None:
        """Forget the history: whoever comes back with an older resourceVersion or continue token gets 410 Gone."""
        self._compact()
