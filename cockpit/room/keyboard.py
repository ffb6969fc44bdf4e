"""Who types: a terminal's own responder, or in a shared one whoever claimed the keyboard. Never guessed."""

from __future__ import annotations

from datetime import timedelta

from cockpit.clock import Clock
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import handle

IDLE = timedelta(minutes=10)
"""After so long without a key a claim lapses: whoever held the keyboard may be gone."""


class Keyboard:
    """The keyboard of one cockpit.

    Args:
        own: the handle that the cockpit was started with.
        clock: what time it is.
        shared: several people sit at it, so that nobody types before he has claimed it. It is shared from the first
            claim on, too.
    """

    def __init__(self, own: str, clock: Clock, *, shared: bool = False) -> None:
        self.own = own
        self.shared = shared
        self._clock = clock
        self._claimed, self._last = "", own
        self._touched = clock.now(), clock.monotonic()

    @property
    def holder(self) -> str:
        """Whose handle an entry carries now; empty while a shared keyboard is nobody's."""
        if not self.shared:
            return self.own
        return self._claimed if self.left > timedelta() else ""

    @property
    def last(self) -> str:
        """Who claimed it last, though the claim has lapsed; the own handle before anybody did."""
        return self._last

    @property
    def left(self) -> timedelta:
        """How long the claim lasts without a key; zero when there is none."""
        if not self._claimed:
            return timedelta()
        return max(timedelta(), IDLE - self._idle)

    @property
    def _idle(self) -> timedelta:
        """How long no key was pressed, by whichever clock says more: one that is set back must not prolong a claim, and
        the monotonic one stands still while a machine sleeps."""
        instant, reading = self._touched
        return max(self._clock.now() - instant, timedelta(seconds=self._clock.monotonic() - reading))

    def claim(self, text: str) -> None:
        """Claim the keyboard for a handle, or let it go with an empty one; it is shared from now on.

        Raises:
            Refusal: it is no handle.
        """
        claimed = handle(text) if text.strip() else ""
        self.shared, self._claimed = True, claimed
        self._press()
        self._last = claimed or self._last

    def touch(self) -> None:
        """A key was pressed: a claim that holds goes on. One that has lapsed is not revived by it."""
        if self.left > timedelta():
            self._press()

    def _press(self) -> None:
        self._touched = self._clock.now(), self._clock.monotonic()

    def must_be_held(self) -> str:
        """The holder; raises Refusal where a shared keyboard is nobody's."""
        if not self.holder:
            raise Refusal("nobody holds the keyboard: K claims it; what you typed stays")
        return self.holder
