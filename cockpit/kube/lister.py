"""List and watch: keeps the rows of one collection current, survives everything, and says how current they are.

The protocol is the API's own (kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes"):
a paged list, a watch from its resourceVersion with bookmarks, a new list and a difference after 410 Gone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from datetime import datetime
from functools import partial
from typing import Any, Generic, NoReturn

import msgspec

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.errors import KubeError, from_status, slow
from cockpit.kube.paging import SMALL as SMALL
from cockpit.kube.paging import pages
from cockpit.kube.shapes import Named, WatchEvent
from cockpit.kube.table import RowT, Table

WATCH_SECONDS = 290
"""After this the server ends a watch itself, below the 5 minutes at which proxies cut connections."""
SILENCE = 90.0
"""Seconds without a byte after which a watch counts as dead; bookmarks come about once a minute."""
_JSON = ("application/json", "application/json")
_METADATA = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
)
"""The Accept headers of lists and of watches: a watch that asks for the form of a list is refused at each event."""
QUIET = 10.0
"""Seconds without a byte after which it is checked whether a watch still lives."""
PATIENCE = 10.0
"""Seconds without an answer after which the server is called slow, and what was known grows old; it is waited for."""
LONGEST_ANSWER = 45.0
"""Seconds without a byte after which that check has failed: a server in trouble may take half a minute. A connection
whose other end is gone is no reason to wait so long: after `PATIENCE` it is asked once more, over another one."""
SLOW = 5.0
"""Seconds of an answer that are worth a word."""
_LOOK = 1.0
_AT_ONCE = 0.2
"""Seconds within which a watch that is refused or broken again mostly is: it needs no check."""
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 30.0
_SOON = 3
"""Failures after which waits grow no longer when a login is all that is missing."""
_SHORT = 1.0
"""A watch that ends sooner than this without an event counts as a failure: reconnecting at once would spin."""


_EVENT = msgspec.json.Decoder(WatchEvent)
_NAMED = msgspec.json.Decoder(Named)


def backoff(failures: int, jitter: random.Random) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 … 30, each between half and all of it."""
    longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(failures - 1, 10))
    return longest * jitter.uniform(0.5, 1.0)


class Lister(Generic[RowT]):
    """The rows of one collection, kept current by `run`.

    Args:
        path: the collection, as `/api/v1/namespaces/production/pods`.
        query: its selectors (`labelSelector`, `fieldSelector`).
        row: makes a row from an object's raw JSON; raises msgspec.DecodeError for what is none.
        changed: called, on the event loop, after `rows` or the state changed. It must be quick.
        table: what keeps the rows; a plain one unless told.
        preview: shows what is to come, meanwhile, when a first list turns out to be long.
        metadata_only: have the objects without their content.
    """

    def __init__(
        self,
        access: Access,
        path: str,
        query: Mapping[str, str],
        row: Callable[[bytes], RowT],
        clock: Clock,
        changed: Callable[[], None],
        *,
        table: Table[RowT] | None = None,
        preview: Callable[[], Coroutine[Any, Any, None]] | None = None,
        metadata_only: bool = False,
    ) -> None:
        self.table: Table[RowT] = Table() if table is None else table
        self.complete = False
        """Whether a whole list has been read: before that, no rows means loading and not empty."""
        self.connected = False
        """Whether a watch is open now, so that the rows are as current as the server's."""
        self.as_of: datetime | None = None
        """When the server last confirmed the rows."""
        self.error: KubeError | None = None
        """Why it is not connected; None while it is, and before the first failure."""
        self.took: float | None = None
        """Seconds that the server's last answer took, when that was long."""
        self._access = access
        self._path = path
        self._query = dict(query)
        self._row = row
        self._clock = clock
        self._changed = changed
        self._preview = preview
        self._list_accept, self._watch_accept = _METADATA if metadata_only else _JSON
        self._version = ""
        self._jitter = random.Random()  # spreads many cockpits' reconnects
        self._failures = 0
        self._heard = 0.0
        """When the server last told something, or was asked for what it has not told yet."""
        self._asked = clock.now()
        self._hindered: KubeError | None = None
        """Why it could not be checked whether a silent watch lives."""
        self._doubted = False
        """Whether watches fell silent or broke, and nothing has shown since that what is known is current."""
        self._garbled_at = "none"

    @property
    def rows(self) -> Mapping[str, RowT]:
        """The rows by their uid."""
        return self.table.rows

    async def run(self) -> NoReturn:
        """List and watch until cancelled; every failure becomes `error` and is retried with backoff."""
        ageing = asyncio.create_task(self._grow_old())
        try:
            while True:
                try:
                    if not self._version:
                        await self._list()
                    await self._watch()
                except KubeError as error:
                    if error.kind == "gone":
                        self._version = ""
                    await self._failed(error)
        finally:
            ageing.cancel()
            await asyncio.wait({ageing})

    async def _grow_old(self) -> NoReturn:
        """Say so when nothing has shown for too long that what is known is current; what was asked is waited for."""
        while True:
            allowed = QUIET + PATIENCE if self.connected else PATIENCE
            left = self._heard + allowed - self._clock.monotonic()
            if left <= 0 and self.error is None:
                self.connected = False
                self.error = self._hindered or slow(self._access.context, self._asked)
                self._changed()
            await self._clock.sleep(left if left > 0 else PATIENCE)

    def _asking(self) -> float:
        """A question is put that the server has to answer; gives when, for `_answered`."""
        self._heard, self._asked, self._hindered = self._clock.monotonic(), self._clock.now(), None
        return self._heard

    def _answered(self, asked: float) -> None:
        """The answer to what was put at `asked` begins."""
        took = self._clock.monotonic() - asked
        self.took = took if took >= SLOW else None

    async def _failed(self, error: KubeError) -> None:
        """Say so, then wait. When an open watch breaks, it is first tried again at once: that is no news yet."""
        self._failures += 1
        self._doubted |= self._failures > 1  # an opened watch that breaks again and again has told nothing
        was_connected, self.connected = self.connected, False
        if was_connected and self._failures == 1:
            return
        self.error = error
        self._changed()
        soon = error.kind == "unauthorized"  # somebody logs in and comes back
        failures = min(self._failures, _SOON) if soon else self._failures
        await self._clock.sleep(max(backoff(failures, self._jitter), error.retry_after or 0.0))

    async def _list(self) -> None:
        """Read every page, each row as it comes; what was there before and is in none of them is gone."""
        listed: set[str] = set()
        preview: asyncio.Task[None] | None = None
        asked = self._asking()
        try:
            async with aclosing(pages(self._access, self._path, self._query, self._list_accept, self._row)) as found:
                async for page in found:
                    self._answered(asked)
                    asked = self._asking()
                    for row in page.rows:
                        listed.add(row.uid)
                        self.table.put(row)
                    self._changed()
                    if page.more and self._preview and not preview and not self.complete:
                        preview = asyncio.create_task(self._preview())
        finally:
            if preview is not None:
                preview.cancel()
                await asyncio.wait({preview})
        self.table.keep_only(listed)
        self.complete, self._version = True, page.version
        self.as_of, self.error = self._clock.now(), None
        self._changed()

    async def _watch(self) -> None:
        """Follow changes from the last known version until the server ends the watch or it proves to be dead."""
        self._asking()
        opened = asyncio.Event()
        reading = asyncio.create_task(self._read(opened))
        looking = asyncio.create_task(self._look(opened))
        try:
            await asyncio.wait({reading, looking}, return_when=asyncio.FIRST_COMPLETED)
            for task in (looking, reading):
                if task.done():
                    await task
        finally:
            for task in (reading, looking):
                task.cancel()
            await asyncio.gather(reading, looking, return_exceptions=True)

    async def _read(self, opened: asyncio.Event) -> None:
        """Take in what the watch says; `opened` is set once it is open."""
        asked, events = self._clock.monotonic(), 0

        def begun() -> None:
            opened.set()
            self._opened(asked)

        async with aclosing(self._events(WATCH_SECONDS, SILENCE, begun)) as stream:
            async for line in stream:
                if line.strip():
                    await self._apply(line)
                    events += 1
                    self._failures, self._doubted = 0, False
        if not events and self._clock.monotonic() - asked < _SHORT:
            raise KubeError("server", f"{self._access.context} ended a watch at once", "wait, or check what is between")
        self._failures = 0

    def _events(self, seconds: float, silence: float, opened: Callable[[], None]) -> AsyncGenerator[bytes, None]:
        """The lines of a watch from the last known version on, for `seconds`."""
        query = self._query | {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": f"{seconds:.0f}",
        }
        return self._access.stream(self._path, query=query, timeout=silence, opened=opened, accept=self._watch_accept)

    def _opened(self, asked: float) -> None:
        """The watch is open; after one that fell silent, or several that broke, that alone proves nothing."""
        self._heard = self._clock.monotonic()
        self._answered(asked)
        if not self._doubted:
            self._confirmed()

    async def _look(self, opened: asyncio.Event) -> NoReturn:
        """See to it that a watch opens, and then that it lives. Raises KubeError when it does not."""
        await self._look_at_opening(opened)
        while True:
            await self._look_at_silence()

    async def _look_at_opening(self, opened: asyncio.Event) -> None:
        """Wait until the watch is open; another one that opens before it shows that its connection is dead."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await opened.wait()
        if opened.is_set():
            return
        try:
            await self._checked()
        except KubeError as error:
            if error.kind != "throttled":
                raise
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                await opened.wait()
        if not opened.is_set():
            raise self._dead("did not open")

    async def _look_at_silence(self) -> None:
        """Check a watch that says nothing for `QUIET` seconds by a short one from the same version.

        A dead connection looks like a cluster in which nothing happens. Raises KubeError when it is dead.
        """
        silent = self._clock.monotonic() - self._heard
        if not self._doubted and silent < QUIET:
            await self._clock.sleep(QUIET - silent)
            if self.took is None:  # else it is seen whether the server is still so slow
                return
        if self._doubted:
            await self._clock.sleep(_AT_ONCE)
        before, self._doubted, self._asked = self._version, True, self._clock.now()
        try:
            missed = await self._checked()
        except KubeError as error:
            if error.kind != "throttled":  # that says nothing of the watch
                raise
            self._hindered = error
            await self._clock.sleep(error.retry_after or QUIET)
            return
        if missed and self._version == before:
            raise self._dead("fell silent")
        self._heard, self._doubted, self._failures = self._clock.monotonic(), False, 0
        self._confirmed()

    def _dead(self, how: str) -> KubeError:
        return KubeError("unreachable", f"a watch of {self._access.context} {how}", "it is opened again")

    async def _checked(self) -> bool:
        """Whether the watch has missed something; asked twice when the first question goes unanswered for long.

        Raises KubeError when neither is answered.
        """
        asking = {asyncio.create_task(self._has_news())}
        try:
            done, _ = await asyncio.wait(asking, timeout=PATIENCE)
            if not done:
                asking.add(asyncio.create_task(self._has_news()))
                done, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            return await done.pop()
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    async def _has_news(self) -> bool:
        """Whether a watch from the last known version tells of a change that this one has had time to tell, too."""
        before, asked = self._version, self._clock.monotonic()
        opened = partial(self._answered, asked)
        async with aclosing(self._events(_LOOK, LONGEST_ANSWER, opened)) as stream:
            async for line in stream:
                event = self._event(line) if line.strip() else None
                if event and event.type == "ERROR":
                    raise from_status(bytes(event.object), self._access.context)
                if event and event.type != "BOOKMARK":
                    await self._clock.sleep(_LOOK)
                    return self._version == before
        return False

    async def _apply(self, line: bytes) -> None:
        """Take in one watch event. Raises KubeError for an ERROR event or what cannot be read."""
        try:
            event = self._event(line) if len(line) <= SMALL else await asyncio.to_thread(self._event, line)
            raw = bytes(event.object)
            if event.type == "ERROR":
                raise from_status(raw, self._access.context)
            version = _NAMED.decode(raw).metadata.resource_version or self._version
            if event.type in ("ADDED", "MODIFIED"):
                self.table.put(self._row(raw) if len(raw) <= SMALL else await asyncio.to_thread(self._row, raw))
            elif event.type == "DELETED":
                self.table.drop(self._row(raw).uid)
        except UNREADABLE as error:
            raise self._garbled(error) from error
        self._version, self._heard = version, self._clock.monotonic()
        self._confirmed()

    def _event(self, line: bytes) -> WatchEvent:
        """One line of a watch. Raises KubeError for what cannot be read."""
        try:
            return _EVENT.decode(line)
        except UNREADABLE as error:
            raise self._garbled(error) from error

    def _garbled(self, error: Exception) -> KubeError:
        """What to raise for an event that cannot be read: a watch from the same version tells it again, whole.

        When that cannot be read either, only a new list knows.
        """
        if self._version == self._garbled_at:
            self._version = ""
        self._garbled_at = self._version
        return self._access.unreadable(error)

    def _confirmed(self) -> None:
        """The watch just showed that the rows are current."""
        self.as_of = self._clock.now()
        self.error = self._hindered = None
        self.connected = True
        self._changed()
