"""A channel that does what a test says, where no provider's receiver does so at its word; and a desk to send at."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from cockpit.clock import Clock, ManualClock
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import DEEDS, Deed, Message
from cockpit.incident.state import Sent
from cockpit.message.channel import Again, Channel, ChannelError, Occasion, Reference
from cockpit.room.house import House
from cockpit.room.messages.delivering import Delivering
from cockpit.room.requests import Facts, Start
from tests.room.rooms import opened
from tests.stories import START

Answer = ChannelError | None
DOWN = ChannelError("it is down", retryable=True)
REFUSED = ChannelError("the token is wrong", retryable=False)
SILENT = ChannelError("no answer came", retryable=True, uncertain=True)


def busy(seconds: float) -> ChannelError:
    """A 429 that names when to come back."""
    return ChannelError("too many requests", retryable=True, after=seconds)


class Scripted:
    """A channel whose answers are given one by one; the last stands for all that come after it.

    Args:
        answers: None takes the message. What is uncertain is taken all the same where `takes_silently`.
    """

    def __init__(
        self, name: str, *answers: Answer, again: Again = "same", pace: float = 0.0, deeds: Iterable[Deed] = (),
        takes_silently: bool = False, reaches: bool = True,
    ) -> None:  # fmt: skip
        self.name, self.again, self.pace, self.reaches = name, again, pace, reaches
        self.deeds: frozenset[str] = frozenset(deeds) or DEEDS
        self.answers = list(answers) or [None]
        self.takes_silently = takes_silently
        self.tried: list[str] = []
        self.looked: list[str] = []
        self.arrived: list[str] = []
        self.occasions: list[Occasion] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        self.tried.append(message.message)
        self.occasions.append(occasion)
        await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        taken = answer is None or (answer.uncertain and self.takes_silently)
        if taken and (self.again != "same" or message.message not in self.arrived):
            self.arrived.append(message.message)
        if answer is not None:
            raise answer
        return Reference(f"at {self.name}", f"remote-{len(self.arrived)}")

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        self.looked.append(message.message)
        return Reference(f"found at {self.name}", "found") if message.message in self.arrived else None

    async def close(self) -> None:
        self.closed = True


class Desk:
    """An incident at which messages are written, and what delivers them."""

    def __init__(self, house: House, delivering: Delivering, clock: ManualClock) -> None:
        self.house, self.delivering, self.clock = house, delivering, clock

    async def write(
        self, *channels: str, audience: str = "customers", deed: Deed = "tell", options: dict[str, str] | None = None
    ) -> str:
        """Record a message; it is delivered as everywhere."""
        message = new_id()
        payload = Message(
            message=message, template="", audience=audience, channels=channels, title="Down", text="We look into it.",
            deed=deed, options=options or {},
        )  # fmt: skip
        await self.house.room.perform(Facts(lambda _: [(payload, None)]))
        return message

    def sent(self, message: str) -> Sent:
        """How a message stands by the record."""
        return self.house.room.state.messages[message]

    def state(self, message: str) -> str:
        """Its state."""
        return self.sent(message).state

    def said(self, message: str) -> list[tuple[str, str]]:
        """(channel, state) of each delivery entry about a message."""
        entries = self.house.room.timeline.entries
        found = [e.payload for e in entries if e.kind == "delivery" and e.payload["message"] == message]
        return [(str(each["channel"]), str(each["state"])) for each in found]

    async def until(self, fact: Callable[[], object], step: float = 1.0, most: int = 4000) -> None:
        """Let the clock go on until it is so."""
        for _ in range(most):
            for _ in range(200):  # the journal has a thread of its own
                if fact():
                    return
                await asyncio.sleep(0.0005)
                if not self._busy():
                    break
            self.clock.advance(step)
        raise AssertionError("never became true")

    def _busy(self) -> bool:
        return bool(self.delivering._outbox._lanes.under_way())


@asynccontextmanager
async def at_desk(
    folder: Path, *channels: Channel, begun: bool = True, clock: Clock | None = None, actor: str = "@alice",
    incident: str = "payment-failure",
) -> AsyncIterator[Desk]:  # fmt: skip
    """A room on a real journal in `folder`, with an incident and these channels.

    Args:
        begun: it keeps trying, as a cockpit does; else as a command.
    """
    clock = clock or ManualClock(START)
    assert isinstance(clock, ManualClock)
    async with opened(folder, clock=clock, actor=actor) as house:
        delivering = Delivering(house.room, channels, chance=random.Random(7))
        if house.room.state.declared is None and incident:
            await house.room.perform(Start(incident))
        if begun:
            delivering.begin()
        try:
            yield Desk(house, delivering, clock)
        finally:
            await delivering.close()
