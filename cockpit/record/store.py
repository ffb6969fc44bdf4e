"""The journal on the event loop: every call runs in one thread of its own, so that no disk ever holds up a key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from cockpit.clock import Clock
from cockpit.incident.entry import Draft, Entry
from cockpit.record.adopt import Adopted, Origin
from cockpit.record.elsewhere import elsewhere
from cockpit.record.journal import Appended, Journal
from cockpit.record.verify import Verdict, verify
from cockpit.values import replace

T = TypeVar("T")


class Store:
    """A `Journal` whose calls are awaited. Made by `open`; a cancelled caller never leaves a half-made append."""

    def __init__(self, journal: Journal, thread: ThreadPoolExecutor) -> None:
        self._journal = journal
        self._thread = thread
        self.path = journal.path
        self.read_only = journal.read_only

    @classmethod
    async def open(cls, path: Path, clock: Clock, *, read_only: bool = False, shared: bool = False) -> Self:
        """Open the journal at `path`; raises JournalError.

        Args:
            shared: a shared record is read into it, and gives the labels; read-only, into a copy in memory.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

        def call() -> Journal:
            if shared and read_only:
                return Journal.observe(path, clock)
            journal = Journal.open(path, clock, read_only=read_only)
            journal.shared = shared
            return journal

        try:
            return cls(await asyncio.get_running_loop().run_in_executor(thread, call), thread)
        except BaseException:  # cancelled too: the thread would stay behind; raised again
            thread.shutdown(wait=False)
            raise

    async def close(self) -> None:
        """Finish what is under way and let the file go."""
        await self._call(self._journal.close)
        self._thread.shutdown(wait=False)

    async def append(self, drafts: Sequence[Draft], *, since: int | None = None) -> Appended:
        """As `Journal.append`; returns when the entries are durable."""
        return await self._call(lambda: self._journal.append(drafts, since=since))

    async def read(self, incident: str, *, since: int = 0) -> list[Entry]:
        """As `Journal.read`."""
        return await self._call(lambda: self._journal.read(incident, since=since))

    async def catch_up(self, incident: str, since: int) -> tuple[list[Entry], int]:
        """What was appended to `incident` after `since`, and the position read up to."""
        return await self._call(lambda: self._catch_up(incident, since))

    def _catch_up(self, incident: str, since: int) -> tuple[list[Entry], int]:
        position = self._journal.position()
        return (self._journal.read(incident, since=since), position) if position > since else ([], since)

    async def position(self) -> int:
        """As `Journal.position`."""
        return await self._call(self._journal.position)

    async def incidents(self) -> list[str]:
        """As `Journal.incidents`."""
        return await self._call(self._journal.incidents)

    async def labels(self) -> dict[str, str]:
        """As `Journal.labels`."""
        return await self._call(self._journal.labels)

    async def former_labels(self) -> dict[str, str]:
        """As `Journal.former_labels`."""
        return await self._call(self._journal.former_labels)

    async def adopt(self, entries: Sequence[Entry], origin: Origin | None = None) -> Adopted:
        """As `Journal.adopt`."""
        return await self.call(lambda journal: journal.adopt(entries, origin))

    async def call(self, ask: Callable[[Journal], T]) -> T:
        """What `ask` gives of the journal, asked in its thread; raises JournalError."""
        return await self._call(lambda: ask(self._journal))

    async def verify(self) -> Verdict:
        """Check every chain of the journal."""
        return await self._call(self._verify)

    def _verify(self) -> Verdict:
        verdict = verify(self._journal.read_all(), elsewhere(self._journal))
        return replace(verdict, unscrubbed=self._journal.unscrubbed, refused=self._journal.refused())

    async def _call(self, call: Callable[[], T]) -> T:
        """Run `call` in the journal's thread. It runs to its end though the caller be cancelled."""
        work = asyncio.get_running_loop().run_in_executor(self._thread, call)
        work.add_done_callback(_heard)
        return await asyncio.shield(work)


def _heard(work: asyncio.Future[Any]) -> None:
    """Take note of how it ended, so that asyncio does not complain on the terminal when nobody waits any more."""
    if not work.cancelled():
        work.exception()
