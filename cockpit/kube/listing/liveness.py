"""Whether a watch lives: a connection that died looks like a cluster in which nothing happens."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from functools import partial
from typing import NoReturn

from cockpit.clock import Clock
from cockpit.kube.errors import KubeError
from cockpit.kube.listing import patience
from cockpit.kube.listing.standing import Standing
from cockpit.kube.listing.watch import Watch


class Liveness:
    """Checks the watch that is open, by short ones over other connections.

    Args:
        watch: what it has told so far.
        standing: where what is seen is noted.
        context: the cluster's, for what is said of it.
    """

    def __init__(self, watch: Watch, standing: Standing, clock: Clock, context: str) -> None:
        self._watch = watch
        self._standing = standing
        self._clock = clock
        self._context = context

    async def look(self, opened: asyncio.Event) -> NoReturn:
        """See to it that a watch opens, which `opened` tells, and then that it lives. Raises KubeError when not."""
        await self._look_at_opening(opened)
        while True:
            await self._look_at_silence()

    async def _look_at_opening(self, opened: asyncio.Event) -> None:
        """Wait until the watch is open; another one that opens before it shows that its connection is dead."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience.PATIENCE):
                await opened.wait()
        if opened.is_set():
            return
        try:
            await self._checked()
        except KubeError as error:
            if error.kind != "throttled":
                raise
        with suppress(TimeoutError):
            async with asyncio.timeout(patience.LOOK):
                await opened.wait()
        if not opened.is_set():
            raise self._dead("did not open")

    async def _look_at_silence(self) -> None:
        """Check a watch that says nothing for `QUIET` seconds by a short one from the same version.

        Raises KubeError when it is dead.
        """
        standing = self._standing
        silent = self._clock.monotonic() - standing.heard
        if not standing.doubted and silent < patience.QUIET:
            await self._clock.sleep(patience.QUIET - silent)
            if standing.took is None:  # else it is seen whether the server is still so slow
                return
        if standing.doubted:
            await self._clock.sleep(patience.AT_ONCE)
        before = self._watch.version
        standing.checking()
        try:
            missed = await self._checked()
        except KubeError as error:
            if error.kind != "throttled":  # that says nothing of the watch
                raise
            standing.hindered(error)
            await self._clock.sleep(error.retry_after or patience.QUIET)
            return
        if missed and self._watch.version == before:
            raise self._dead("fell silent")
        standing.told()

    def _dead(self, how: str) -> KubeError:
        return KubeError("unreachable", f"a watch of {self._context} {how}", "it is opened again")

    async def _checked(self) -> bool:
        """Whether the watch has missed something; asked twice when the first question goes unanswered for long.

        Raises KubeError when neither is answered.
        """
        asking = {asyncio.create_task(self._has_news())}
        try:
            done, _ = await asyncio.wait(asking, timeout=patience.PATIENCE)
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
        before, asked = self._watch.version, self._clock.monotonic()
        opened = partial(self._standing.answered, asked)
        async with aclosing(self._watch.lines(patience.LOOK, patience.LONGEST_ANSWER, opened)) as lines:
            async for line in lines:
                if line.strip() and self._watch.event(line).type != "BOOKMARK":
                    await self._clock.sleep(patience.LOOK)
                    return self._watch.version == before
        return False
