"""List and watch: keeps the rows of one collection current, survives everything, and says how current they are.

The protocol is the API's own (kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes"):
a paged list, a watch from its resourceVersion with bookmarks, a new list and a difference after 410 Gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, Generic, NoReturn

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.errors import KubeError
from cockpit.kube.listing import patience
from cockpit.kube.listing.liveness import Liveness
from cockpit.kube.listing.paging import SMALL, pages
from cockpit.kube.listing.standing import Standing
from cockpit.kube.listing.watch import Watch
from cockpit.kube.skew import NONE
from cockpit.kube.table import RowT, Table

_JSON = ("application/json", "application/json")
_METADATA = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
)
"""The Accept headers of lists and of watches: a watch that asks for the form of a list is refused at each event."""


class _ClockSetError(Exception):
    """The cluster's clock, or ours, is not what it was when the rows were listed."""


class Lister(Generic[RowT]):
    """The rows of one collection, kept current by `run`.

    Args:
        path: the collection, as `/api/v1/namespaces/production/pods`.
        query: its selectors (`labelSelector`, `fieldSelector`).
        row: makes a row from an object's raw JSON, and from how far the clock that its times are of is ahead of ours;
            raises msgspec.DecodeError for what is none.
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
        row: Callable[[bytes, timedelta], RowT],
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
        self._access = access
        self._path = path
        self._query = dict(query)
        self._row = row
        self._clock = clock
        self._changed = changed
        self._preview = preview
        self._accept, watched = _METADATA if metadata_only else _JSON
        self._ahead = NONE
        """How far the cluster's clock was ahead when the rows were listed; by another all their times are others."""
        self._listed = 0.0
        self._standing = Standing(access.context, clock, changed)
        self._watch = Watch(access, path, query, watched)
        self._liveness = Liveness(self._watch, self._standing, clock, access.context)

    @property
    def rows(self) -> Mapping[str, RowT]:
        """The rows by their uid."""
        return self.table.rows

    @property
    def connected(self) -> bool:
        """Whether a watch is open now, so that the rows are as current as the server's."""
        return self._standing.connected

    @property
    def as_of(self) -> datetime | None:
        """When the server last confirmed the rows."""
        return self._standing.as_of

    @property
    def error(self) -> KubeError | None:
        """Why it is not connected; None while it is, and before the first failure."""
        return self._standing.error

    @property
    def took(self) -> float | None:
        """Seconds that the server's last answer took, when that was long."""
        return self._standing.took

    async def run(self) -> NoReturn:
        """List and watch until cancelled; every failure becomes `error` and is retried with backoff."""
        ageing = asyncio.create_task(self._standing.grow_old())
        try:
            while True:
                try:
                    if not self._watch.version:
                        await self._list()
                    await self._follow()
                except _ClockSetError:
                    self._watch.version = ""
                except KubeError as error:
                    if error.kind == "gone":
                        self._watch.version = ""
                    await self._standing.failed(error)
        finally:
            ageing.cancel()
            await asyncio.wait({ageing})

    async def _list(self) -> None:
        """Read every page, each row as it comes; what was there before and is in none of them is gone."""
        listed: set[str] = set()
        preview: asyncio.Task[None] | None = None
        asked = self._standing.asking()
        try:
            async with aclosing(pages(self._access, self._path, self._query, self._accept, self._row)) as found:
                async for page in found:
                    self._standing.answered(asked)
                    asked = self._standing.asking()
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
        self._ahead, self._listed = self._access.ahead, self._clock.monotonic()
        self.complete, self._watch.version = True, page.version
        self._standing.listed()

    async def _follow(self) -> None:
        """Follow changes from the last known version until the server ends the watch or it proves to be dead."""
        self._standing.asking()
        opened = asyncio.Event()
        reading = asyncio.create_task(self._read(opened))
        looking = asyncio.create_task(self._liveness.look(opened))
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
            if self._access.ahead != self._ahead and asked - self._listed > patience.BETWEEN_CLOCKS:
                raise _ClockSetError
            opened.set()
            self._standing.opened(asked)

        async with aclosing(self._watch.lines(patience.WATCH_SECONDS, patience.SILENCE, begun)) as lines:
            async for line in lines:
                if line.strip():
                    await self._apply(line)
                    events += 1
        if not events and self._clock.monotonic() - asked < patience.SHORT:
            raise KubeError("server", f"{self._access.context} ended a watch at once", "wait, or check what is between")
        self._standing.ended_well()

    async def _apply(self, line: bytes) -> None:
        """Take in one watch event. Raises KubeError for an ERROR event or what cannot be read."""
        watch = self._watch
        event = watch.event(line) if len(line) <= SMALL else await asyncio.to_thread(watch.event, line)
        raw = bytes(event.object)
        try:
            version = watch.version_of(event)
            if event.type in ("ADDED", "MODIFIED"):
                small, of = len(raw) <= SMALL, (raw, self._access.ahead)
                self.table.put(self._row(*of) if small else await asyncio.to_thread(self._row, *of))
            elif event.type == "DELETED":
                self.table.drop(self._row(raw, NONE).uid)
        except UNREADABLE as error:
            raise watch.garbled(error) from error
        watch.version = version
        self._standing.told()
