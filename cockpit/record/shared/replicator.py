"""The replicator: sends what this journal has to the shared record, and brings what others wrote, whenever it can."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from cockpit.clock import Clock
from cockpit.incident.entry import Entry
from cockpit.record import outgoing
from cockpit.record.adopt import Origin
from cockpit.record.errors import JournalError
from cockpit.record.shared import elsewhere
from cockpit.record.shared.errors import SharedError
from cockpit.record.shared.record import BATCH, SharedRecord
from cockpit.record.shared.sending import Sent
from cockpit.record.shared.standing import Standing, State
from cockpit.record.store import Store
from cockpit.values import replace

BEAT = 5.0
"""Seconds between two rounds when nobody says anything: what a lost notification would have brought comes then."""
SKEW_EVERY = 60.0
SHORTEST, LONGEST = 0.5, 15.0
"""Seconds between two attempts to reach a record that is away, or to find that it takes entries again."""
UNWRITABLE = frozenset({"read-only", "denied", "full", "ahead"})
"""What keeps entries from being sent and does not keep them from being read."""


class Replicator:
    """Keeps a journal and the shared record together. `run` works until it is cancelled; `once` for commands.

    Args:
        store: the journal.
        dsn: gives the connection string; called in a thread, for each connection anew. Raises SharedError.
        name: what the server calls the connections.
    """

    def __init__(
        self, store: Store, dsn: Callable[[], str], clock: Clock, name: str = "cockpit", *, read_only: bool = False
    ) -> None:
        self._store = store
        self._dsn = dsn
        self._clock = clock
        self._name = name
        self._read_only = read_only
        self._wake, self._wrote = asyncio.Event(), asyncio.Event()
        self._renewed = False
        self._heard = False
        self._batch = BATCH
        self._known = ""
        self._measured = 0.0
        self.shared: SharedRecord | None = None
        self.standing = Standing("connecting", clock.now())
        self.changed: Callable[[], None] = lambda: None
        """Called when `standing` says something else."""
        self.arrived: Callable[[Sequence[Entry]], Awaitable[None]] = _nobody
        """Awaited with entries that came from others, once they are in the journal."""
        self.beat: Callable[[SharedRecord], Awaitable[None]] = _nothing
        """Awaited every few seconds while the record answers; may raise SharedError."""
        self.glance: Callable[[SharedRecord], Awaitable[None]] = _nothing
        """Awaited by `once` when both are together; may raise SharedError."""

    def wake(self) -> None:
        """Something was written here: send it now."""
        self._wake.set()
        self._wrote.set()

    async def run(self) -> None:
        """Work until cancelled; whatever fails is told in `standing` and tried again."""
        counting = asyncio.create_task(self._counting())
        try:
            await self._attempts()
        finally:
            counting.cancel()
            await asyncio.gather(counting, return_exceptions=True)

    async def _counting(self) -> None:
        """Say at once how many entries wait while nothing can be sent: the next attempt may take long to fail."""
        while True:
            await self._wrote.wait()
            self._wrote.clear()
            if self.standing.state != "together":
                await self.count()

    async def _attempts(self) -> None:
        pause = SHORTEST
        while True:
            began = self._clock.monotonic()
            try:
                await self._session()
            except (SharedError, JournalError) as error:
                await self._stands("away", str(error))
            _heed()
            if self._clock.monotonic() - began > LONGEST:
                pause = SHORTEST
            await self._clock.sleep(pause * random.uniform(0.7, 1.3))
            pause = min(pause * 2, LONGEST)

    async def once(self) -> None:
        """Bring both together one time; raises SharedError, also where entries have to wait on, and JournalError."""
        try:
            async with self._open() as shared:
                await self._round(shared)
                await self.glance(shared)
        except SharedError as error:
            await self._stands("away", str(error))
            raise
        if self.standing.state == "reading" and self.standing.waiting and not self._read_only:
            raise SharedError("read-only", self.standing.why)

    async def count(self) -> None:
        """Count anew what waits."""
        with suppress(JournalError):
            waiting = await self._store.call(lambda journal: outgoing.waiting(journal, self._known))
            if waiting != self.standing.waiting:
                self.standing = replace(self.standing, waiting=waiting)
                self.changed()

    async def _session(self) -> None:
        """Stay together until something fails, or it may take entries again; raises SharedError, JournalError."""
        async with self._open() as shared:
            began = self._clock.monotonic()
            listening = asyncio.create_task(self._listen(shared))
            try:
                while shared.writable or self._read_only or self._clock.monotonic() - began < LONGEST:
                    self._wake.clear()
                    await self._measure(shared)
                    await self._round(shared)
                    await self.beat(shared)
                    _heed()
                    await self._next()
                    if listening.done():
                        listening.result()
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[SharedRecord]:
        dsn = await asyncio.to_thread(self._dsn)
        opening = SharedRecord.open(dsn, self._clock, self._name, read_only=self._read_only)
        async with opening as self.shared:
            try:
                self._known, self._heard = await self._recognised(self.shared), False
                self._measured = self._clock.monotonic()
                self.standing = replace(self.standing, skew=self.shared.skew)
                yield self.shared
            finally:
                self.shared = None

    async def _recognised(self, shared: SharedRecord) -> str:
        """What the record is called here; one that lost entries which it had is another, and gets them again."""
        known = await self._store.call(partial(outgoing.known_as, record=shared.id))
        ids = await self._store.call(partial(outgoing.landmarks, record=known))
        read = await self._store.call(partial(outgoing.cursor, record=known))
        if await shared.has(ids, read):
            return known
        await self._store.call(partial(outgoing.set_back, record=shared.id))
        return await self._store.call(partial(outgoing.known_as, record=shared.id))

    async def _next(self) -> None:
        """Wait until somebody has said something, or it is time to look anyway."""
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(self._clock.sleep(BEAT))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _listen(self, shared: SharedRecord) -> None:
        try:
            async for _ in shared.listen():
                self._wake.set()
        finally:
            self._wake.set()

    async def _round(self, shared: SharedRecord) -> None:
        """Read all that is new there, then send all that is new here; raises SharedError, JournalError."""
        await self._read(shared)
        if shared.writable:
            try:
                if await self._send(shared):
                    await self._read(shared)  # which brings the labels
            except SharedError as error:
                if error.kind not in UNWRITABLE:
                    raise
                shared.why = str(error)
        await self._stands("together" if shared.writable else "reading", shared.why)

    async def _read(self, shared: SharedRecord) -> None:
        began = since = await self._store.call(partial(outgoing.cursor, record=self._known))
        while True:
            pulled = await shared.read(since)
            if pulled.read == since:
                break
            if pulled.damaged:
                await self._store.call(partial(outgoing.refuse, refused=pulled.damaged))
            adopted = await self._store.adopt(pulled.entries, Origin(self._known, pulled.read, pulled.labels))
            since = pulled.read
            own = await self._writer()
            if any(each.writer == own for each in adopted.refused):
                await self._renew()
            if adopted.added or pulled.labels:
                await self.arrived(adopted.added)
        if since != began or not self._heard:
            await elsewhere.hear(shared, self._store, self._known)
            self._heard = True

    async def _send(self, shared: SharedRecord) -> bool:
        """Send what waits; gives whether an incident was declared with it."""
        declared = False
        await elsewhere.tell(shared, self._store, self._known)
        while True:
            batch = await self._store.call(partial(outgoing.outgoing, record=self._known, limit=self._batch))
            if batch.damaged:
                await self._store.call(partial(outgoing.refuse, refused=batch.damaged))
            elif not batch.entries:
                return declared
            sent = await self._sent(shared, batch.entries)
            await self._store.call(partial(outgoing.sent, record=self._known, upto=batch.upto, refused=sent.refused))
            declared |= any(entry.kind == "declared" for entry in batch.entries)
            own = await self._writer()
            if any(entry.writer == own for entry, _ in sent.refused):
                await self._renew()

    async def _sent(self, shared: SharedRecord, entries: Sequence[Entry]) -> Sent:
        """As `SharedRecord.send`; what it did not take in time is tried with fewer next time."""
        try:
            sent = await shared.send(entries)
        except SharedError:
            self._batch = max(1, len(entries) // 8)
            raise
        self._batch = min(BATCH, self._batch + self._batch // 8 + 1)
        return sent

    async def _writer(self) -> str:
        return await self._store.call(lambda journal: journal.writer)

    async def _renew(self) -> None:
        """A copy of this journal went on elsewhere: what is written from now on is a chain of its own."""
        if not self._renewed:
            self._renewed = True
            await self._store.call(lambda journal: journal.begin_chain())

    async def _measure(self, shared: SharedRecord) -> None:
        """How far the clocks are apart, and whether entries are taken; asked anew once in a while."""
        if self._clock.monotonic() - self._measured >= SKEW_EVERY:
            self._measured = self._clock.monotonic()
            await shared.look()
            self.standing = replace(self.standing, skew=shared.skew)
            self.changed()

    async def _stands(self, state: State, why: str) -> None:
        before = self.standing
        since = before.since if before.state == state else self._clock.now()
        self.standing = replace(before, state=state, why=why, since=since)
        await self.count()
        if self.standing != before:
            self.changed()


def _heed() -> None:
    """Raise asyncio.CancelledError if this task was cancelled: it may not have been told.

    A wait for a connection that ends at that very moment swallows it (`asyncio.wait_for` before Python 3.12).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _nobody(entries: Sequence[Entry]) -> None:
    """Nobody wants to know."""


async def _nothing(shared: SharedRecord) -> None:
    """Nothing is done beside."""
