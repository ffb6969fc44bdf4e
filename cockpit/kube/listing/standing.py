"""How current what is known of a collection is: by what the server last told, and how long it has told nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.kube.errors import KubeError, slow
from cockpit.kube.listing import patience
from cockpit.kube.listing.patience import backoff


class Standing:
    """Where a list and its watch stand.

    Args:
        context: the cluster's, for what is said of it.
        changed: called after anything here changed that people see.
    """

    def __init__(self, context: str, clock: Clock, changed: Callable[[], None]) -> None:
        self.connected = False
        """Whether a watch is open now, so that what is known is as current as the server's."""
        self.as_of: datetime | None = None
        """When the server last confirmed what is known."""
        self.error: KubeError | None = None
        """Why it is not connected; None while it is, and before the first failure."""
        self.took: float | None = None
        """Seconds that the server's last answer took, when that was long."""
        self.heard = 0.0
        """When the server last told something, or was asked for what it has not told yet; by the monotonic clock."""
        self.doubted = False
        """Whether watches fell silent or broke, and nothing has shown since that what is known is current."""
        self.failures = 0
        """Tries in a row that failed."""
        self._context = context
        self._clock = clock
        self._changed = changed
        self._asked = clock.now()
        self._hindered: KubeError | None = None
        """Why it could not be checked whether a silent watch lives."""
        self._jitter = random.Random()  # spreads many cockpits' reconnects

    def asking(self) -> float:
        """A question is put that the server has to answer; gives when, for `answered`."""
        self.heard, self._asked, self._hindered = self._clock.monotonic(), self._clock.now(), None
        return self.heard

    def answered(self, asked: float) -> None:
        """The answer to what was put at `asked` begins."""
        took = self._clock.monotonic() - asked
        self.took = took if took >= patience.SLOW else None

    def listed(self) -> None:
        """A whole list has been read."""
        self.as_of, self.error = self._clock.now(), None
        self._changed()

    def opened(self, asked: float) -> None:
        """The watch is open; after one that fell silent, or several that broke, that alone proves nothing."""
        self.heard = self._clock.monotonic()
        self.answered(asked)
        if not self.doubted:
            self._confirmed()

    def told(self) -> None:
        """The watch has told something, or has proved that there is nothing to tell."""
        self.heard, self.doubted = self._clock.monotonic(), False
        self.ended_well()
        self._confirmed()

    def ended_well(self) -> None:
        """The server ended a watch itself: what comes next is no further failure."""
        self.failures = 0

    def checking(self) -> None:
        """It is checked from now on whether a silent watch lives."""
        self.doubted, self._asked = True, self._clock.now()

    def hindered(self, error: KubeError) -> None:
        """That could not be checked, which says nothing of the watch."""
        self._hindered = error

    async def failed(self, error: KubeError) -> None:
        """Say so, then wait. When an open watch breaks, it is first tried again at once: that is no news yet,
        unless the server asks to be left alone."""
        self.failures += 1
        self.doubted |= self.failures > 1  # an opened watch that breaks again and again has told nothing
        was_connected, self.connected = self.connected, False
        if was_connected and self.failures == 1 and not error.retry_after:
            return
        self.error = error
        self._changed()
        soon = error.kind == "unauthorized"  # somebody logs in and comes back
        failures = min(self.failures, patience.SOON) if soon else self.failures
        await self._clock.sleep(max(backoff(failures, self._jitter), error.retry_after or 0.0))

    async def grow_old(self) -> NoReturn:
        """Say so when nothing has shown for too long that what is known is current; what was asked is waited for."""
        while True:
            allowed = patience.QUIET + patience.PATIENCE if self.connected else patience.PATIENCE
            left = self.heard + allowed - self._clock.monotonic()
            if left <= 0 and self.error is None:
                self.connected = False
                self.error = self._hindered or slow(self._context, self._asked)
                self._changed()
            await self._clock.sleep(left if left > 0 else patience.PATIENCE)

    def _confirmed(self) -> None:
        """The watch just showed that what is known is current."""
        self.as_of = self._clock.now()
        self.error = self._hindered = None
        self.connected = True
        self._changed()
