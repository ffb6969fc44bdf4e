"""What a channel is: something that takes a message, says where it went, or says why it did not take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cockpit.incident.kinds import Message


class ChannelError(Exception):
    """A channel did not take a message.

    Args:
        reason: what failed, why, what to do; one line.
        retryable: whether the same attempt may succeed later without anybody mending something.
    """

    def __init__(self, reason: str, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a message can be found. `repeated` says that the channel had taken it before and did not double it."""

    text: str
    repeated: bool = False


class Channel(Protocol):
    """One way to an audience."""

    @property
    def name(self) -> str:
        """The name that the configuration gives it."""

    async def send(self, message: Message) -> Reference:
        """Deliver `message`, whose id is the idempotency key: sent twice, it arrives once.

        Raises:
            ChannelError: it was not taken.
        """
