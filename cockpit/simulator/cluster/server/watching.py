"""Watches: each change told to those who wait for it, from the version they know, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from cockpit.simulator.cluster.status import expired
from cockpit.simulator.cluster.store import Change, Record, Store

MOST_WAITING = 10_000
"""Changes that may wait for one slow client; one that lags further is cut off, as a real API server does."""


class Notice(NamedTuple):
    """One event for one watch: ADDED, MODIFIED or DELETED as that watch's selectors see it."""

    type: str
    record: Record
    version: int


Selects = Callable[[Record], bool]


class Watch:
    """One client's open watch."""

    def __init__(self, plural: str, selects: Selects) -> None:
        self.plural = plural
        self._selects = selects
        self.waiting: deque[Notice] = deque()
        self.seen = 0
        self.closed = False
        self.cut_mid_line = False
        self._signal = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Take a change if it is one that the client asked for."""
        self.seen = change.version
        if change.plural != self.plural or self.closed:
            return
        notice = self._notice(change)
        if notice is None:
            return
        self.waiting.append(notice)
        if len(self.waiting) > MOST_WAITING:
            self.waiting.clear()
            self.close()
        self._signal.set()

    def close(self, *, mid_line: bool = False) -> None:
        """Hear of no more changes; with `mid_line` the answer ends inside of a line, as a cut connection does."""
        self.closed = True
        self.cut_mid_line = mid_line
        self._signal.set()

    async def wait(self, seconds: float) -> None:
        """Until there is something to tell, the watch is closed, or so many real seconds have passed."""
        if self.waiting or self.closed:
            return
        self._signal.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._signal.wait()

    def _notice(self, change: Change) -> Notice | None:
        before = change.previous is not None and self._selects(change.previous)
        now = change.type != "DELETED" and self._selects(change.record)
        if now:
            return Notice("MODIFIED" if before else "ADDED", change.record, change.version)
        if not before or change.previous is None:
            return None
        if change.type == "DELETED":
            return Notice("DELETED", change.record, change.version)
        last = change.previous.obj  # it left the selection: it is told as deleted, in the state that was selected
        metadata = {**last["metadata"], "resourceVersion": str(change.version)}
        return Notice("DELETED", Record({**last, "metadata": metadata}, change.version), change.version)


class Watches:
    """All open watches of one API server."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: set[Watch] = set()
        self.closing = asyncio.Event()
        store.subscribe(self._tell)

    def open(self, plural: str, selects: Selects, since: int) -> Watch:
        """Watch from the version `since` on. Raises ApiError 410 when the history does not reach back so far."""
        if since < self._store.compacted:
            raise expired(f"too old resource version: {since} ({self._store.compacted})")
        watch = Watch(plural, selects)
        for change in self._store.changes:
            if change.version > since:
                watch.offer(change)
        if self.closing.is_set():
            watch.close()
        self._open.add(watch)
        return watch

    def done(self, watch: Watch) -> None:
        """Forget a watch whose client is gone."""
        self._open.discard(watch)

    def cut(self, mid_line: bool) -> None:
        """End every open watch."""
        for watch in tuple(self._open):
            watch.close(mid_line=mid_line)

    def close(self) -> None:
        """End every open stream, and let no new one stay open."""
        self.closing.set()
        self.cut(mid_line=False)

    def _tell(self, change: Change) -> None:
        for watch in tuple(self._open):
            watch.offer(change)
