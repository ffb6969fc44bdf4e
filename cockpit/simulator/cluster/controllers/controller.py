"""What every controller does: looks at each object of one kind soon after something about it changed."""

from __future__ import annotations

from abc import ABC, abstractmethod

from cockpit.simulator.cluster.store import Change, Record, Store
from cockpit.simulator.cluster.timeline import Timeline, WorkQueue

Key = tuple[str, str]
"""A namespace and a name."""


class Controller(ABC):
    """Brings what one kind of object asks for about.

    Args:
        plural: the kind's name in paths: deployments.
        delay: simulated seconds from a change until it is looked at.
    """

    def __init__(self, plural: str, store: Store, timeline: Timeline, delay: float) -> None:
        self._plural = plural
        self._store = store
        self._timeline = timeline
        self._queue: WorkQueue[Key] = WorkQueue(timeline, self._sync, delay)

    @abstractmethod
    def observe(self, change: Change) -> None:
        """Take note of a change in the store; what follows from it is done a moment later."""

    def resync(self) -> None:
        """Look at everything again, now."""
        for record in self._store.list(self._plural):
            self._look_at(record, after=0.0)

    def _look_at(self, record: Record, after: float | None = None) -> None:
        """Look at it in `after` simulated seconds; None: after the controller's delay."""
        self._queue.add((record.namespace, record.name), after=after)

    @abstractmethod
    def _sync(self, key: Key) -> None:
        """Do what the object of that key asks for now; it may be gone."""
