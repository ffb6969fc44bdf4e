"""What a channel is: something that takes a message, says where it went, or says why it did not take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from cockpit.incident.kinds import Message

Again = Literal["same", "find", "ask"]
"""What is right after an attempt of which nobody knows whether the message was taken:

- `same`: send it again; the provider knows it by its idempotency key and takes it once.
- `find`: ask the provider (`Channel.find`) whether it is there, and send it again only when it is not.
- `ask`: nothing but a person can tell; a second attempt could be a second message.
"""


class ChannelError(Exception):
    """A channel did not take a message, or nobody knows whether it did.

    Args:
        reason: what failed, why, what to do; one line without any secret.
        retryable: whether the same attempt may succeed later without anybody mending something.
        after: seconds that the provider asked to wait before the next attempt (Retry-After); 0 when it did not say.
        uncertain: whether the message may have been taken all the same: the request was sent, and no answer came.
    """

    def __init__(self, reason: str, *, retryable: bool, after: float = 0.0, uncertain: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.after = after
        self.uncertain = uncertain


class Reference(Struct, frozen=True):
    """Where a message can be found.

    Attributes:
        text: for people: a link, a file and line, a number.
        remote: for the channel itself, as later messages about the incident need it: the provider's id.
        repeated: whether the channel had taken it before and did not double it.
    """

    text: str
    remote: str = ""
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Occasion:
    """The incident that a message is about, as far as a channel needs it.

    Attributes:
        status: the incident's, one of `cockpit.incident.terms.Status`, when the message was written.
        link: where the incident can be looked up; empty where nothing is.
        commander: the handle of who commands; empty where nobody does.
        asked: whether a person wanted the message to be tried again.
        earlier: the messages of this incident that this channel took, the first first, each with its remote id.
    """

    incident: str = ""
    label: str = ""
    name: str = ""
    title: str = ""
    service: str = ""
    severity: str = ""
    status: str = ""
    declared: datetime | None = None
    drill: bool = False
    link: str = ""
    commander: str = ""
    asked: bool = False
    earlier: tuple[tuple[Message, str], ...] = ()

    def remote(self, *deeds: str) -> str:
        """The remote id of the last of the earlier messages that did one of `deeds`; empty when there is none."""
        return next((remote for message, remote in reversed(self.earlier) if message.deed in deeds and remote), "")


class Channel(Protocol):
    """One way to an audience.

    Attributes:
        name: as the configuration calls it.
        again: what is right after an attempt whose outcome is unknown.
        pace: the least seconds between two requests that the provider allows; 0 where it names none.
        reaches: whether somebody reads what it takes; a file only keeps it.
        deeds: what it can do of `cockpit.incident.kinds.Deed`; a message with another deed is not sent to it.
    """

    @property
    def name(self) -> str: ...
    @property
    def again(self) -> Again: ...
    @property
    def pace(self) -> float: ...
    @property
    def reaches(self) -> bool: ...
    @property
    def deeds(self) -> frozenset[str]: ...

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Deliver `message`, whose id is the idempotency key.

        Raises:
            ChannelError: it was not taken, or nobody knows.
        """

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """Whether `message` was taken, by asking the provider; None when it was not. Called only where `again` is
        `find`.

        Raises:
            ChannelError: it could not be asked.
        """

    async def close(self) -> None:
        """Let connections go."""
