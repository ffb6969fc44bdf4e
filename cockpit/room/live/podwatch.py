"""One pod watched while its page is open: the pod and its events, each current by a watch of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal, NoReturn

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.listing.lister import Lister
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.detail import Amounts, ConditionDetail, ContainerDetail, PodDetail, pod_detail
from cockpit.kube.pods.row import PodRow
from cockpit.kube.pods.usage import Usage
from cockpit.kube.rows import EventRow, event_row
from cockpit.signal.freshness import SourceState, of_kube

__all__ = [
    "Amounts", "ConditionDetail", "ContainerDetail", "EventRow", "PodDetail", "PodLook", "PodWatch", "Standing",
]  # fmt: skip

Standing = SourceState | Literal["gone"]
MOST_EVENTS = 500
_OLDEST = datetime.min.replace(tzinfo=UTC)


class PodLook(Struct, frozen=True):
    """What is known of a pod.

    Attributes:
        standing: as of a source, or `gone`: it was deleted; what was known of it is kept.
        as_of: when what is known was last so; None while nothing is.
        detail: the pod; None before it was read.
        row: the same as the board has it, which knows its restarts of late.
        events: newest first.
        events_said: why events are not known, empty while they are.
        usage: what it uses now; None where that is unknown.
    """

    standing: Standing
    as_of: datetime | None = None
    said: str = ""
    mend: str = ""
    detail: PodDetail | None = None
    row: PodRow | None = None
    events: Sequence[EventRow] = ()
    events_said: str = ""
    usage: Usage | None = None

    @property
    def trusted(self) -> bool:
        """Whether it is so now."""
        return self.standing == "live"


class PodWatch:
    """A pod and its events, current while `run` runs.

    Args:
        known: gives the pod's row and usage as the board has them now, each None where it has none.
    """

    def __init__(
        self, access: Access, namespace: str, name: str, clock: Clock,
        known: Callable[[], tuple[PodRow | None, Usage | None]],
    ) -> None:  # fmt: skip
        self.name = name
        self._clock = clock
        self._known = known
        self._changed: Callable[[], None] = lambda: None
        self._last: PodDetail | None = None
        self._last_seen: datetime | None = None
        about = {"fieldSelector": f"involvedObject.kind=Pod,involvedObject.name={name}"}
        pods, events = resource_path("v1", "pods", namespace), resource_path("v1", "events", namespace)
        self._pod = Lister(access, pods, {"fieldSelector": f"metadata.name={name}"}, pod_detail, clock, self._note)
        self._events = Lister(access, events, about, event_row, clock, self._note)

    async def run(self, changed: Callable[[], None]) -> NoReturn:
        """Watch until cancelled; `changed` is called after anything changed. It must be quick."""
        self._changed = changed
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pod.run())
            tasks.create_task(self._events.run())
        raise AssertionError("listers run until they are cancelled")

    def _note(self) -> None:
        if (found := next(iter(self._pod.table.rows.values()), None)) is not None:
            self._last, self._last_seen = found, self._pod.as_of
        self._changed()

    def look(self) -> PodLook:
        """What is known now."""
        row, usage = self._known()
        events = sorted(self._events.table.rows.values(), key=lambda event: event.at or _OLDEST, reverse=True)
        wrong = self._events.error
        standing, as_of = self._standing()
        error = self._pod.error
        return PodLook(
            standing, as_of, error.message if error else "", error.mend if error else "", self._last, row,
            events[:MOST_EVENTS], str(wrong) if wrong else "" if self._events.complete else "loading …", usage,
        )  # fmt: skip

    def _standing(self) -> tuple[Standing, datetime | None]:
        lister = self._pod
        if lister.error:
            return of_kube(lister.error, self._last is not None), self._last_seen
        if not lister.complete:
            return "loading", None
        if not lister.table.rows:
            return "gone", self._last_seen
        return "live", self._clock.now() if lister.connected else lister.as_of
