"""The outbox: takes messages that the record holds to their audience's channels, and records what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass

from cockpit.incident.kinds import Delivery, Message
from cockpit.incident.state import Sent, State
from cockpit.message.channel import Channel, ChannelError, Occasion
from cockpit.text import safe

Record = Callable[[Delivery], Awaitable[object]]
"""Makes a delivery an entry, durable when it returns."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a message in one round: an attempt per channel, the last of which took it, or none did."""

    message: str
    deliveries: tuple[Delivery, ...]

    @property
    def sent(self) -> Delivery | None:
        """The delivery that reached the audience."""
        return next((delivery for delivery in self.deliveries if delivery.state == "sent"), None)

    @property
    def reason(self) -> str:
        """Why nobody was reached, channel by channel; empty when somebody was."""
        if self.sent:
            return ""
        return "; ".join(f"{delivery.channel}: {delivery.reason}" for delivery in self.deliveries)


class Outbox:
    """Delivers messages that are already entries, so that a crash loses none.

    Channels know a message by its id and never double it, so a message whose delivery was not recorded any more is
    simply delivered again (`pending`).

    Args:
        channels: all that are configured.
        record: writes what became of a message; what it raises comes out of `deliver`, and the message stays pending.
    """

    def __init__(self, channels: Iterable[Channel], record: Record) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._record = record
        self._turn = asyncio.Lock()

    async def deliver(self, message: Message, tried: Collection[str] = ()) -> Result:
        """Try the message's channels in order, but for those in `tried`, until one takes it.

        Each attempt is recorded before the next is made.
        """
        deliveries: list[Delivery] = []
        async with self._turn:
            for name in message.channels:
                if name in tried:
                    continue
                delivery = await self._attempt(message, name)
                await self._record(delivery)
                deliveries.append(delivery)
                if delivery.state == "sent":
                    break
        return Result(message.message, tuple(deliveries))

    async def go_on(self, state: State) -> list[Result]:
        """Deliver what is pending in `state`, each message from where its last round was cut off."""
        return [await self.deliver(sent.message, {name for name, _, _ in sent.deliveries}) for sent in pending(state)]

    async def _attempt(self, message: Message, name: str) -> Delivery:
        channel = self._channels.get(name)
        if channel is None:
            reason = "is not configured any more; see `channels:`"
            return Delivery(message=message.message, channel=name, state="failed", reason=reason)
        try:
            reference = await channel.send(message, Occasion())
        except ChannelError as error:
            return Delivery(message=message.message, channel=name, state="failed", reason=safe(error.reason))
        return Delivery(message=message.message, channel=name, state="sent", reference=safe(reference.text))


def pending(state: State) -> list[Sent]:
    """The messages that are neither delivered nor refused by all their channels, oldest first.

    After a restart they wait here; `fact.at` says how old each is, and whether it still holds is for a person to say.
    """
    waiting = [sent for sent in state.messages.values() if sent.state == "queued"]
    return sorted(waiting, key=lambda sent: sent.fact.at)
