"""A container's log followed for as long as somebody looks: through cuts, restarts and a server that goes and comes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import Literal

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.listing.patience import backoff
from cockpit.kube.logs.ending import asks_for_container, default_container, explained
from cockpit.kube.logs.lines import LineReader, LogLine
from cockpit.kube.paths import resource_path

MOST_WAITING = 1024 * 1024
"""Bytes that wait to be read; while there are more, nothing is taken from the connection."""

_LASTING = 10.0
"""Seconds after which a connection that ends was a good one."""
_LONGEST_PAUSE = 5.0
"""Seconds between two connections at most: in a longer one a container could begin and end."""

Standing = Literal["opening", "open", "waiting", "ended"]
_Piece = bytes | Literal["cut", "over"] | KubeError
"""What came: bytes, a connection that broke or came to its end, or why none could be had."""


class ContainerLog:
    """The log of one container. `run` takes it in; whoever shows it calls `new_lines` from time to time.

    Args:
        container: by its name; empty for the pod's only or default one.
        lines: how many of those already written come first.
    """

    def __init__(self, access: Access, namespace: str, pod: str, container: str, lines: int, clock: Clock) -> None:
        self.pod = pod
        self.container = container
        self.standing: Standing = "opening"
        self.trouble: KubeError | None = None
        """Why it is not open; None while it is, or when it came to its end."""
        self._access = access
        self._path = resource_path("v1", "pods", namespace, pod, "log")
        self._namespace = namespace
        self._lines = lines
        self._clock = clock
        self._reader = LineReader(pod, container)
        self._waiting: list[_Piece] = []
        self._bytes = 0
        self._several = False
        """Whether the pod has several containers, so that one must be named."""
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._jitter = random.Random()

    async def run(self) -> None:
        """Follow until cancelled, or until the pod is gone or its log may not be read."""
        failures = 0
        while self.standing != "ended":
            began = self._clock.monotonic()
            await self._try()
            failures = 1 if self._clock.monotonic() - began > _LASTING else failures + 1
            if self.standing == "waiting":
                await self._clock.sleep(min(_LONGEST_PAUSE, backoff(failures, self._jitter)))

    async def _try(self) -> None:
        """One connection, to its end or until it breaks."""
        try:
            if self._several and not self.container:
                self.container = await default_container(self._access, self._namespace, self.pod)
            await self._connect()
            self._put("over")
            self.standing, self.trouble = "waiting", None
        except KubeError as error:
            if asks_for_container(error) and not self._several:
                self._several = True
            else:
                self._failed(error)

    async def _connect(self) -> None:
        """Take in what comes over one connection. Raises KubeError."""
        await self._idle.wait()  # where the log goes on is known when all that came was read
        query = {"follow": "true", "timestamps": "true"} | ({"container": self.container} if self.container else {})
        since = self._reader.since
        query |= {"sinceTime": since} if since else {"tailLines": str(self._lines)}
        stream = self._access.chunks(self._path, query=query, timeout=None, opened=self._opened, accept="*/*")
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                self._put(chunk)
                while self._bytes > MOST_WAITING:
                    self._room.clear()
                    await self._room.wait()

    def _opened(self) -> None:
        self.standing, self.trouble = "open", None

    def _failed(self, error: KubeError) -> None:
        was_open = self.standing == "open"
        error = explained(error, self._namespace, self.pod, self._access.context)
        over = error.kind in ("not-found", "forbidden")
        self.standing, self.trouble = "ended" if over else "waiting", error
        if was_open:
            self._put("cut")
        if over:
            self._put(error)

    def _put(self, piece: _Piece) -> None:
        self._waiting.append(piece)
        self._bytes += len(piece) if isinstance(piece, bytes) else 0
        self._idle.clear()

    def take(self) -> Sequence[_Piece]:
        """What came since the last time, for `read`."""
        taken, self._waiting, self._bytes = self._waiting, [], 0
        self._room.set()
        return taken

    def read(self, pieces: Sequence[_Piece]) -> list[LogLine]:
        """The new lines in what was taken; in a thread, as they may be many, but never in two at once."""
        found: list[LogLine] = []
        for piece in pieces:
            if isinstance(piece, bytes):
                found += self._reader.feed(piece)
            elif isinstance(piece, KubeError):
                found.append(self._reader.note(str(piece)))
            else:
                found += self._reader.ended(cut=piece == "cut")
        return found

    def was_read(self) -> None:
        """All that was taken has been read."""
        if not self._waiting:
            self._idle.set()


async def new_lines(logs: Iterable[ContainerLog]) -> list[LogLine]:
    """The lines that came since the last time, log by log; read in one thread, off the event loop."""
    taken = [(log, pieces) for log in logs if (pieces := log.take())]
    if not taken:
        return []
    found = await asyncio.to_thread(lambda: [line for log, pieces in taken for line in log.read(pieces)])
    for log, _ in taken:
        log.was_read()
    return found
