"""A message that is not over, as the outbox has it in hand, and who waits to hear of it."""

from __future__ import annotations

import asyncio

from msgspec import Struct, field

from cockpit.incident.deliveries import GIVEN_UP
from cockpit.incident.kinds import Delivery
from cockpit.message.delivery.ports import Book
from cockpit.message.delivery.result import Result


class Case(Struct):
    """A message that is not over.

    Attributes:
        mine: it is sent from here at once, and not left to anybody else first.
        busy: something is done about it now.
        left: somebody else has it in hand, or the record cannot be written: nothing is done about it for now.
    """

    book: Book
    mine: bool = False
    busy: bool = False
    left: bool = False
    timer: asyncio.Task[None] | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    waiters: list[asyncio.Future[Result]] = field(default_factory=list)

    def waiter(self) -> asyncio.Future[Result]:
        """One more who waits."""
        made: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.waiters.append(made)
        return made

    def tell(self, message: str) -> None:
        """Say to who waits how the message of that id stands; nobody waits any more."""
        sent = self.book.state.messages.get(message)
        last = sent.last if sent else None
        result = Result(
            message, tuple(self.deliveries), sent.state if sent else GIVEN_UP, sent.next_try if sent else None,
            last.words if last else "",
        )  # fmt: skip
        for each in self._taken():
            each.set_result(result)

    def fail(self, error: BaseException) -> None:
        """Say to who waits that nothing can be said; nobody waits any more."""
        for each in self._taken():
            each.set_exception(error)

    def _taken(self) -> list[asyncio.Future[Result]]:
        taken, self.waiters = self.waiters, []
        return [each for each in taken if not each.done()]
