"""One attempt to deliver a message on one channel: what is recorded before it, and what comes of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.incident.deliveries import FAILED, GIVEN_UP, KEPT, SENDING, SENT, UNKNOWN, Attempt, Sent
from cockpit.incident.kinds import Delivery, Message
from cockpit.message.channel import Channel, ChannelError, Occasion, Reference
from cockpit.message.delivery.patience import next_try, patience
from cockpit.text import clean, safe

LONGEST = 60.0
"""Seconds for an attempt with all its requests; a single one has its own limits."""
_WORDS = 500
"""Characters of a reason or a reference that are kept."""
_REMOTE = 4000
"""Characters of what a provider calls a message, or several."""

T = TypeVar("T")
Record = Callable[[Delivery], Awaitable[object]]
"""Makes a delivery an entry, durable when it returns."""


class Attempting(Struct, frozen=True):
    """Makes attempts.

    Args:
        chance: jitters the gaps.
        record: used before an attempt that must not be made twice.
    """

    clock: Clock
    chance: random.Random
    record: Record

    async def make(self, channel: Channel, sent: Sent, occasion: Occasion, *, looks: bool = False) -> Delivery:
        """Deliver `sent` on `channel`, unless an earlier attempt has; gives what to record.

        Where nobody knows what became of the last attempt, the provider is asked before another is made, and where it
        cannot be asked none is.

        Args:
            looks: ask the provider first in any case: another machine may have made an attempt of which nothing is
                known here.
        """
        message, known = sent.message, sent.on(channel.name)
        if message.deed not in channel.deeds:
            return self._end(message, channel.name, known, f"{channel.name} cannot do that ({message.deed})")
        open_ended = known is not None and known.state in (SENDING, UNKNOWN)
        if open_ended and channel.again == "ask":
            return unclear(message, channel.name, known)
        number = (known.number if known else 0) + 1
        if channel.again == "find" and (open_ended or looks):
            asked = await self._asked(channel, sent, occasion, max(1, number - 1))
            if asked is not None:
                return asked
        if channel.again != "same":
            await self.record(Delivery(message=message.message, channel=channel.name, state=SENDING, attempt=number))
        try:
            return _arrived(message, channel, number, await self._do(channel.send(message, occasion)))
        except ChannelError as error:
            return self._failed(channel, sent, number, error)

    async def _asked(self, channel: Channel, sent: Sent, occasion: Occasion, number: int) -> Delivery | None:
        """What the provider says of an attempt of which nobody knows; None when the message is not there."""
        try:
            found = await self._do(channel.find(sent.message, occasion))
        except ChannelError as error:
            what = f"whether it arrived could not be found out: {error.reason}"
            return self._unknown(sent, channel.name, number, what, error)
        return _arrived(sent.message, channel, number, found) if found is not None else None

    def _failed(self, channel: Channel, sent: Sent, number: int, error: ChannelError) -> Delivery:
        message = sent.message
        if error.uncertain and channel.again == "find":
            return self._unknown(sent, channel.name, number, error.reason, error)
        if error.uncertain and channel.again == "ask":
            return _delivery(message, channel.name, UNKNOWN, number, reason=_cleaned(error.reason))
        reason = _cleaned(error.reason)
        at = next_try(message.deed, number, self.clock.now(), self.chance, error.after)
        life = timedelta(seconds=patience(message.deed).lifetime)
        over = not error.retryable or at > sent.since.at + life
        told = _delivery(message, channel.name, GIVEN_UP if over else FAILED, number, reason=reason)
        # A page that may have been taken rings until it is resolved, also when another channel took it meanwhile.
        key = message.message if error.uncertain and message.deed == "page" else ""
        return told.model_copy(update={"next_try": None if over else at, "remote": key})

    def _unknown(self, sent: Sent, channel: str, number: int, reason: str, error: ChannelError) -> Delivery:
        """The provider is asked again later, for as long as that may help; then only a person can say."""
        at = next_try(sent.message.deed, number, self.clock.now(), self.chance, error.after)
        life = timedelta(seconds=patience(sent.message.deed).lifetime)
        again = at if error.retryable and at <= sent.since.at + life else None
        told = _delivery(sent.message, channel, UNKNOWN, number, reason=_cleaned(reason))
        return told.model_copy(update={"next_try": again})

    def _end(self, message: Message, channel: str, known: Attempt | None, reason: str) -> Delivery:
        return _delivery(message, channel, GIVEN_UP, known.number if known else 0, reason=reason)

    async def _do(self, call: Awaitable[T]) -> T:
        """The channel's answer within LONGEST; raises ChannelError."""
        try:
            async with asyncio.timeout(LONGEST):
                return await call
        except ChannelError:
            raise
        except TimeoutError:
            reason = f"nothing came of it within {LONGEST:g} s; it may have been taken"
            raise ChannelError(reason, retryable=True, uncertain=True) from None
        except Exception as error:  # a channel that stumbles over an answer must not stop the others' messages
            reason = f"its answer could not be understood ({type(error).__name__}); it may have been taken"
            raise ChannelError(reason, retryable=True, uncertain=True) from error


def unclear(message: Message, channel: str, known: Attempt | None) -> Delivery:
    """An attempt of which the record has the beginning alone, where only a person can say what became of it."""
    number = known.number if known else 0
    reason = "it was being sent when the cockpit ended; it may have arrived"
    return _delivery(message, channel, UNKNOWN, number, reason=reason)


def _arrived(message: Message, channel: Channel, number: int, where: Reference) -> Delivery:
    stands_in = not channel.reaches and message.channels[:1] != (channel.name,)
    told = _delivery(message, channel.name, KEPT if stands_in else SENT, number)
    return told.model_copy(update={"reference": _cleaned(where.text), "remote": clean(where.remote)[:_REMOTE]})


def _delivery(message: Message, channel: str, state: str, number: int, *, reason: str = "") -> Delivery:
    return Delivery.model_validate(
        {"message": message.message, "channel": channel, "state": state, "attempt": number, "reason": reason}
    )


def _cleaned(reason: str) -> str:
    """In one line and without secrets, as far as they can be recognised."""
    text = safe(" ".join(reason.split()))
    return text if len(text) <= _WORDS else f"{text[: _WORDS - 1]}…"
