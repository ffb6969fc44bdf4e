"""What the doctor found, and how several looks are taken at once, each with its own end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal

from msgspec import Struct

from cockpit.values import replace

State = Literal["ok", "warn", "bad"]


class Finding(Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        what: its name, as `cluster` or `channel incidents`.
        state: ok, warn (it works without, or not as well) or bad.
        said: what was found.
        mend: what to do; empty where nothing is.
        group: the look that found it: here, cluster, sources, channels, or runbook.
    """

    what: str
    state: State
    said: str
    mend: str = ""
    group: str = ""


class Look(Struct, frozen=True):
    """One of the looks that are taken at the same time.

    Attributes:
        what: what it looks at, for when it has no end.
        group: what its findings belong to.
        take: gives the findings as they come.
    """

    what: str
    group: str
    take: Callable[[], AsyncIterator[Finding]]


async def together(looks: Sequence[Look], limit: float, slow: float = math.inf) -> AsyncIterator[Finding]:
    """Take all looks at once, and give each finding as soon as it is known.

    Args:
        limit: seconds of silence after which a look is given up, which is a finding of its own. A backstop: what is
            looked at has a bound and words of its own.
        slow: seconds of silence after which it is said that a look is waited for.
    """
    found: asyncio.Queue[Finding | None] = asyncio.Queue()
    tasks = [asyncio.create_task(_taken(look, limit, slow, found), name=f"doctor {look.what}") for look in looks]
    try:
        left = len(tasks)
        while left:
            finding = await found.get()
            if finding is None:
                left -= 1
            else:
                yield finding
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _taken(look: Look, limit: float, slow: float, found: asyncio.Queue[Finding | None]) -> None:
    loop = asyncio.get_running_loop()
    waiting: asyncio.TimerHandle | None = None

    def tell() -> None:
        nonlocal waiting
        waiting = None  # once is enough
        said = f"no answer for {slow:g} s; it is waited for"
        found.put_nowait(Finding(f"{look.what} is slow", "warn", said, group=look.group))

    if slow < limit:
        waiting = loop.call_later(slow, tell)
    try:
        async with asyncio.timeout(limit) as patience:
            async for finding in look.take():
                found.put_nowait(replace(finding, group=look.group))
                patience.reschedule(loop.time() + limit)
                if waiting is not None:
                    waiting.cancel()
                    waiting = loop.call_later(slow, tell)
    except TimeoutError:
        said = f"was not looked at to the end: no answer within {limit:g} s"
        mend = "try again; what stands between here and there may hold it up"
        found.put_nowait(Finding(look.what, "bad", said, mend, look.group))
    except Exception as error:  # noqa: BLE001 - a defect in one look must not hide what the others find
        said = f"a defect in the cockpit ended this look: {error!r}"
        found.put_nowait(Finding(look.what, "bad", said, "report it", look.group))
    finally:
        if waiting is not None:
            waiting.cancel()
        found.put_nowait(None)
