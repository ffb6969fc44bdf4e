"""The outbox: takes messages that the record holds to their audience's channels, and records what became of each."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from datetime import timedelta

from cockpit.clock import Clock
from cockpit.incident.deliveries import GIVEN_UP, OVER, SENT, Sent
from cockpit.incident.kinds import Deed, Delivery
from cockpit.message.channel import Channel
from cockpit.message.delivery.attempting import Attempting, unclear
from cockpit.message.delivery.case import Case
from cockpit.message.delivery.course import Behind, End, Go, Rest, Step, Wait, next_step
from cockpit.message.delivery.lanes import Lanes
from cockpit.message.delivery.occasion import occasion
from cockpit.message.delivery.order import Order
from cockpit.message.delivery.ports import Book, Holding, UnrecordedError
from cockpit.message.delivery.result import Result

HELD = 5.0
"""Seconds before a message that another cockpit has in hand is looked at again."""
UNRECORDED = 5.0
"""Seconds before what the record refused is recorded again."""
GRACE, FOREIGN = 3.0, 60.0
"""Seconds that a message is left to the cockpit that wrote it, on this journal and on another machine."""


class Outbox:
    """Delivers messages that are already entries, so that a crash loses none.

    What is next for a message is decided from the record (`course`); here are only the queues, and who waits.

    Args:
        channels: all that are configured.
        chance: jitters the gaps between attempts.
        hasty: of a command, which ends soon: each channel has one try, and what is left is for a cockpit.
    """

    def __init__(
        self, channels: Iterable[Channel], clock: Clock, holding: Holding, *,
        chance: random.Random | None = None, hasty: bool = False,
    ) -> None:  # fmt: skip
        self._channels = {channel.name: channel for channel in channels}
        self._clock = clock
        self._holding = holding
        self._chance = chance or random.Random()
        self.hasty = hasty
        self.takes_over: Callable[[], bool] = lambda: False
        """Whether what another machine wrote may be sent from here, should that machine not do it."""
        self._cases: dict[str, Case] = {}
        self._behind: dict[str, set[str]] = {}
        self._order = Order()
        self._lanes = Lanes(clock, self._work)
        self._closing = self._closed = False

    def take(self, book: Book, message: str, *, mine: bool = False) -> None:
        """Take a message up, or look at it anew: something about it, or about its incident, was recorded.

        Args:
            mine: it was written here, or is asked for here: it need not be left to anybody else first.
        """
        sent = book.state.messages.get(message)
        case = self._cases.get(message)
        if case is None:
            if sent is None or sent.state in OVER:
                return
            case = self._cases[message] = Case(book)
            if sent.message.deed == "resolve":
                self._overtake(book, "page")
        case.mine = case.mine or mine
        if case.busy:
            return
        self._consider(message)
        for other in tuple(self._behind.get(message, ())):
            self._consider(other)

    def reconsider(self, book: Book | None = None) -> None:
        """Look at all messages anew, or at those of one incident."""
        for message in [id for id, case in self._cases.items() if book in (None, case.book)]:
            self._consider(message)

    def knows(self, message: str) -> bool:
        """Whether a message was taken up and is not over."""
        return message in self._cases

    def pending(self, book: Book) -> bool:
        """Whether some message of the incident is not over."""
        return any(case.book is book for case in self._cases.values())

    def outcome(self, message: str) -> asyncio.Future[Result] | None:
        """What will be known of a message next: that it is over, or fails and when it is tried again, or that only a
        person can say. None when nothing is done about it."""
        case = self._cases.get(message)
        if case is None:
            return None
        waiter = case.waiter()
        self._consider(message)
        return waiter

    async def close(self, seconds: float) -> None:
        """Let what is on its way arrive for so many seconds; what does not, waits in the record."""
        self._closing = True
        for timer in [case.timer for case in self._cases.values() if case.timer is not None]:
            timer.cancel()
        under_way = self._lanes.under_way()
        if under_way:
            await asyncio.wait(under_way, timeout=seconds)
        self._closed = True
        late = self._lanes.under_way()
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for waiter in [waiter for case in self._cases.values() for waiter in case.waiters]:
            waiter.cancel()

    def _step(self, message: str, case: Case) -> Step:
        sent = case.book.state.messages.get(message)
        if sent is None:
            return Rest()
        now, foreign = self._clock.now(), case.book.foreign(message) and not case.mine
        if (self.hasty and not case.mine) or (foreign and not self.takes_over()):
            return Rest()
        if not case.mine and sent.state not in OVER:
            free = sent.since.at + timedelta(seconds=FOREIGN if foreign else GRACE)
            if free > now:
                return Wait(free)
        closed = self._unusable(sent) if foreign else ()
        earlier = self._order.earlier(case.book.state, message, self._cases)
        return next_step(sent, case.book.state, now, earlier, hasty=self.hasty, closed=closed)

    def _unusable(self, sent: Sent) -> tuple[str, ...]:
        """The channels on which another machine's message cannot be sent from here: those that are not configured
        here, and those where nothing but that machine's own record tells whether it went out already."""
        names = sent.message.channels
        return tuple(n for n in names if n not in self._channels or self._channels[n].again == "ask")

    def _consider(self, message: str) -> None:
        """Bring a message to where it has to wait."""
        case = self._cases.get(message)
        if case is None or case.busy or self._closed:
            return
        if case.timer is not None:
            case.timer.cancel()
            case.timer = None
        step = self._step(message, case)
        if isinstance(step, Go | End):
            self._queue(message, case, step)
        elif isinstance(step, Behind):
            self._behind.setdefault(step.message, set()).add(message)
            ahead = self._cases[step.message]
            if self.hasty and not ahead.mine:  # nobody else may be there to send it
                ahead.mine = True
                self._consider(step.message)
            if self._parked(step.message):
                case.tell(message)
        else:
            self._park(message, case, step)

    def _queue(self, message: str, case: Case, step: Go | End) -> None:
        if isinstance(step, Go) and step.later and self.hasty:
            return self._park(message, case, Wait(self._clock.now()))
        sent, name = case.book.state.messages[message], self._lane(step)
        rank = (0 if sent.message.deed in ("page", "acknowledge", "resolve") else 1, sent.fact.at)
        channel, case.left = self._channels.get(name), False
        return self._lanes.put(name, message, rank, channel.pace if channel else 0.0, type(channel))

    def _lane(self, step: Go | End) -> str:
        """The lane of a step: its channel's; what needs no channel has one of its own."""
        return step.channel if isinstance(step, Go) and step.channel in self._channels else ""

    def _park(self, message: str, case: Case, step: Wait | Rest) -> None:
        """Nothing is done now: those who wait are told, and those behind it may pass."""
        if isinstance(step, Wait) and not self.hasty and not self._closing:
            seconds = (step.until - self._clock.now()).total_seconds()
            case.timer = asyncio.create_task(self._later(message, max(0.0, seconds)))
        sent = case.book.state.messages.get(message)
        if sent is None or sent.state in OVER:
            self._cases.pop(message, None)
        if sent is not None and sent.state == SENT and sent.message.deed == "tell":
            self._overtake(case.book, "tell", sent.message.audience)
        case.tell(message)
        for other in self._behind.pop(message, set()):
            self._consider(other)

    def _overtake(self, book: Book, deed: Deed, audience: str = "") -> None:
        """Look anew at those that wait for another try, which something later may have made stale."""
        for message, case in tuple(self._cases.items()):
            sent = book.state.messages.get(message) if case.timer is not None and case.book is book else None
            if sent is not None and sent.message.deed == deed and audience in ("", sent.message.audience):
                self._consider(message)

    def _parked(self, message: str) -> bool:
        case = self._cases.get(message)
        return case is None or case.left or (not case.busy and not isinstance(self._step(message, case), Go | End))

    async def _later(self, message: str, seconds: float) -> None:
        await self._clock.sleep(seconds)
        if (case := self._cases.get(message)) is not None:
            case.timer, case.left = None, False
            self._consider(message)

    async def _work(self, name: str, message: str) -> None:
        """What a lane does with a message whose turn it is."""
        case = self._cases.get(message)
        if case is None or case.busy:
            return
        case.busy, pause = True, 0.0
        try:
            pause = await self._attempt(name, message, case)
        except UnrecordedError as error:
            pause = UNRECORDED
            case.fail(error.__cause__ or error)
        finally:
            case.busy = False
        if not pause:
            return self.take(case.book, message)
        self._leave(message, case, pause)

    def _leave(self, message: str, case: Case, seconds: float) -> None:
        """Let a message be for so long; a command for good."""
        case.left = True
        case.tell(message)
        if not self.hasty and not self._closing:
            case.timer = asyncio.create_task(self._later(message, seconds))
        for other in tuple(self._behind.get(message, ())):
            self._consider(other)

    async def _attempt(self, name: str, message: str, case: Case) -> float:
        """Do what is next on the channel `name`, if it still is; gives seconds to leave the message alone."""
        if (known := case.book.state.messages.get(message)) is None:
            return 0.0
        foreign = case.book.foreign(message) and not case.mine
        async with self._holding(known.message, foreign) as ours:
            if not ours:
                return HELD
            await case.book.refresh()
            step = self._step(message, case)
            if not isinstance(step, Go | End) or self._lane(step) != name:
                return 0.0
            sent = case.book.state.messages[message]
            delivery = await self._delivery(step, sent, case, looks=foreign or sent.asked is not None)
            await self._record(delivery, case)
        return 0.0

    async def _delivery(self, step: Go | End, sent: Sent, case: Case, *, looks: bool) -> Delivery:
        message = sent.message
        if isinstance(step, End):
            return Delivery(message=message.message, channel="", state=GIVEN_UP, reason=step.reason)
        channel, known = self._channels.get(step.channel), sent.on(step.channel)
        if channel is None and known is not None and known.state == "sending":
            return unclear(message, step.channel, known)
        if channel is None:
            reason = "is not configured any more; see `channels:`"
            return Delivery(message=message.message, channel=step.channel, state=GIVEN_UP, reason=reason)
        made = Attempting(self._clock, self._chance, case.book.record)
        about = occasion(case.book.state, case.book.label, message, channel.name)
        return await made.make(channel, sent, about, looks=looks)

    async def _record(self, delivery: Delivery, case: Case) -> None:
        """Record what became of it; a cockpit keeps the message in hand until that is done, so that it is not sent
        again because the record was full."""
        while True:
            try:
                await case.book.record(delivery)
                break
            except UnrecordedError:
                if self.hasty or self._closing:
                    raise
                await self._clock.sleep(UNRECORDED)
        case.deliveries.append(delivery)
