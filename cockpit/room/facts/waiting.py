"""What the program has to say while the journal refuses it: in its order, so many and no more; the rest is counted."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.state import State
from cockpit.incident.times import time_of_day
from cockpit.room.requests import Facts

MOST = 1000
"""Facts that wait; a journal that refuses for hours must not fill the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """A fact that is to be recorded.

    Attributes:
        at: when it came up.
        not_before: until when another cockpit's word of it is awaited (monotonic seconds).
        kind: a `change` may be left out when too much waits, counted; a `list` says all that there is, so that only
            the latest is needed; a `moment` is what the review asks about, and is kept.
        about: the incident that is told when it is left out.
    """

    incident: str
    fact: Facts
    at: datetime
    not_before: float
    kind: Literal["change", "list", "moment"]
    about: str


class _LeftOut(Struct):
    """How many facts of an incident were left out, and from when to when they came up."""

    first: Waits
    last: Waits
    count: int = 1

    def told(self) -> Waits:
        """The entry that says so."""
        times = f"between {time_of_day(self.first.at)}Z and {time_of_day(self.last.at)}Z"
        noun = "change was" if self.count == 1 else "changes were"
        text = f"{self.count} {noun} not recorded {times}: the journal could not be written, and too many waited"

        def payloads(_: State) -> list[tuple[kinds.Payload, datetime | None]]:
            return [(kinds.Note(text=text), None)]

        about = self.last.about
        return Waits(about, Facts(payloads, actor="cockpit"), self.last.at, 0.0, "moment", about)


class Waiting:
    """The facts that wait, the oldest first."""

    def __init__(self) -> None:
        self._facts: deque[Waits] = deque()
        self._list: Waits | None = None
        self._left_out: dict[str, _LeftOut] = {}
        self._came = asyncio.Event()

    def __bool__(self) -> bool:
        """Whether any waits."""
        return bool(self._facts or self._left_out)

    def put(self, fact: Waits) -> None:
        """Add one; when too many wait, the oldest that may be left out is, and is counted: later ones say more of how
        things stand."""
        self._facts.append(fact)
        self._came.set()
        if fact.kind == "list":
            self._list = fact
        spare = (each for each in self._facts if each.kind == "change" or (each.kind == "list" and each != self._list))
        if len(self._facts) > MOST and (dropped := next(spare, None)):
            self._facts.remove(dropped)
            self._count(dropped)

    def _count(self, dropped: Waits) -> None:
        if known := self._left_out.get(dropped.about):
            known.count, known.last = known.count + 1, dropped
        else:
            self._left_out[dropped.about] = _LeftOut(dropped, dropped)

    async def get(self) -> Waits:
        """The next: before all others how many were left out, as they were older. Waits until there is one."""
        while not self:
            self._came.clear()
            await self._came.wait()
        if self._left_out:
            return self._left_out.pop(next(iter(self._left_out))).told()
        return self._facts.popleft()
