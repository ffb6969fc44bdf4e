"""What became of a message: its attempts as the record tells them, and the state that they add up to."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from cockpit.incident.fact import Fact
from cockpit.incident.kinds import Delivery, Message
from cockpit.values import replace

QUEUED: Final = "queued"
SENDING: Final = "sending"
SENT: Final = "sent"
KEPT: Final = "kept"
FAILED: Final = "failed"
GIVEN_UP: Final = "given up"
UNKNOWN: Final = "unknown"
"""The states of a message."""
OVER = frozenset({SENT, KEPT, GIVEN_UP})
"""Those after which nothing more is done by itself."""
LOST = frozenset({KEPT, GIVEN_UP})
"""Those of them that reached nobody."""


class Attempt(Struct, frozen=True):
    """The last word about a message on one channel.

    Attributes:
        channel: empty where the message was given up as a whole.
        state: `sending`, `sent`, `failed`, `given up` or `unknown`, as in `cockpit.incident.kinds.Delivery`.
        words: where it can be found, or why it failed.
        remote: the provider's id; of a page that may have been taken though no answer came, its own key there.
        number: which attempt it was on this channel, from 1; 0 in records of before.
        next_try: when it is tried, or the provider asked, again; None when neither is.
        since: the first attempt of this series on the channel: how long it has been tried.
    """

    channel: str
    state: str
    fact: Fact
    words: str = ""
    remote: str = ""
    number: int = 0
    next_try: datetime | None = None
    since: datetime | None = None


class Sent(Struct, frozen=True):
    """A message, and what became of it on each channel.

    Attributes:
        fact: when it was written, by whom.
        attempts: the last word of each channel that was tried, in the order in which they spoke.
        delivered: the first delivery anywhere: when its audience was really told.
        asked: when somebody wanted it to be tried again, last.
    """

    message: Message
    fact: Fact
    attempts: tuple[Attempt, ...] = ()
    delivered: Fact | None = None
    asked: Fact | None = None

    @property
    def state(self) -> str:
        """One of queued, sending, sent, kept, failed, given up, unknown.

        Sent when any channel took it; unknown when on some channel nobody can say; failed while it is tried again;
        when no channel is tried any more, kept if a file took it in their place, else given up.
        """
        if self.delivered is not None:
            return SENT
        if self.on("") is not None:
            return GIVEN_UP
        states = {attempt.state for attempt in self.attempts}
        for state in (SENDING, UNKNOWN, FAILED):
            if state in states:
                return state
        tried = {attempt.channel for attempt in self.attempts}
        if not self.message.channels or not tried >= set(self.message.channels):
            return QUEUED
        return KEPT if KEPT in states else GIVEN_UP

    @property
    def kept(self) -> Attempt | None:
        """The file that took it in the place of channels that reach people: nobody has heard it there."""
        return next((attempt for attempt in self.attempts if attempt.state == KEPT), None)

    @property
    def deliveries(self) -> tuple[tuple[str, str, str], ...]:
        """(channel, state, reference or reason) of each attempt."""
        return tuple((attempt.channel, attempt.state, attempt.words) for attempt in self.attempts)

    @property
    def ringing(self) -> tuple[Attempt, ...]:
        """Of a page, the attempts whose channel has it or may have it: it rings there until it is resolved."""
        if self.message.deed != "page":
            return ()
        return tuple(each for each in self.attempts if each.state == SENT or (each.channel and each.remote))

    @property
    def fallen_to(self) -> str:
        """The later channel that took it because those before it did not; empty where the first did, or none."""
        took = [attempt.channel for attempt in self.attempts if attempt.state == SENT]
        return "" if not took or took[-1] not in self.message.channels[1:] else took[-1]

    @property
    def next_try(self) -> datetime | None:
        """When something is tried again, or asked, next."""
        return min((a.next_try for a in self.attempts if a.next_try is not None), default=None)

    @property
    def last(self) -> Attempt | None:
        """The attempt that its state comes from: the one that took it, else the last of those of that state."""
        wanted = self.state
        return next((attempt for attempt in reversed(self.attempts) if attempt.state == wanted), None)

    @property
    def since(self) -> Fact:
        """Since when it waits: when it was written, or somebody last wanted it to be tried again."""
        return self.asked or self.fact

    def on(self, channel: str) -> Attempt | None:
        """The last word of one channel."""
        return next((attempt for attempt in self.attempts if attempt.channel == channel), None)

    def after(self, delivery: Delivery, fact: Fact) -> Sent:
        """With what `delivery` says of it."""
        if delivery.state == QUEUED:
            anew = self.delivered is None
            return replace(self, attempts=(), asked=fact) if anew else self
        known = self.on(delivery.channel)
        if known is not None and delivery.attempt < known.number:  # of a machine whose clock is behind: heard too late
            return self
        others = tuple(each for each in self.attempts if each.channel not in ("", delivery.channel))
        delivered = self.delivered or (fact if delivery.state == SENT else None)
        return replace(self, attempts=(*others, _attempt(delivery, fact, known)), delivered=delivered)


def _attempt(delivery: Delivery, fact: Fact, known: Attempt | None) -> Attempt:
    """What an entry says. Of one channel, the series begins anew with an attempt that is its first."""
    over = delivery.state == FAILED and delivery.next_try is None
    since = known.since if known is not None and known.since is not None else fact.at
    kept = known.remote if known is not None and delivery.state in (SENDING, FAILED, GIVEN_UP) else ""
    return Attempt(
        channel=delivery.channel,
        state=GIVEN_UP if over else delivery.state,
        fact=fact,
        words=delivery.reference or delivery.reason,
        remote=delivery.remote or kept,
        number=delivery.attempt,
        next_try=delivery.next_try,
        since=since,
    )
