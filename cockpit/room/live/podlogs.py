"""The logs of one pod, or of all pods of the service together: new pods join, ended ones leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.logs.ending import containers
from cockpit.kube.logs.lines import LogLine
from cockpit.kube.logs.stream import ContainerLog, new_lines
from cockpit.kube.pods.row import PodRow
from cockpit.room.requests import Refusal

__all__ = ["LogLine", "PodLogs"]

MOST_PODS = 40
"""Pods that are followed together: each holds a connection, and nobody reads more."""
LINES, LINES_OF_MANY = 500, 50
"""Lines that come first of one pod, and of each of several."""
EVERY = 0.1
"""Seconds between two looks for new lines."""
_LOOKS = 5
"""After so many of them it is looked which pods there are."""


class _Followed(NamedTuple):
    log: ContainerLog
    task: asyncio.Task[None]


@dataclass
class PodLogs:
    """Logs that are followed while `run` runs.

    Attributes:
        pod: the pod's full name; empty for all pods.
        container: by its name; empty for each pod's default one.
        pods: gives the service's pods as they are known now.
    """

    access: Access
    namespace: str
    clock: Clock
    pods: Callable[[], Iterable[PodRow]]
    pod: str = ""
    container: str = ""
    total: int = field(default=0, init=False)
    """How many pods there are to follow."""
    _followed: dict[str, _Followed] = field(default_factory=dict, init=False)
    _begun: bool = field(default=False, init=False)

    async def run(self, took: Callable[[list[LogLine]], None]) -> NoReturn:
        """Follow until cancelled; `took` is called with new lines, ten times a second at most, in their order."""
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    self._join(tasks)
                    for _ in range(_LOOKS):
                        await self.clock.sleep(EVERY)
                        await self._read(took)
        finally:
            self._followed.clear()
        raise AssertionError("it runs until it is cancelled")

    async def containers(self) -> tuple[str, ...]:
        """The names of the pod's containers, its default one first; none of several pods. Raises Refusal."""
        try:
            return await containers(self.access, self.namespace, self.pod) if self.pod else ()
        except KubeError as error:
            raise Refusal(str(error)) from None

    @property
    def following(self) -> int:
        """How many pods are followed."""
        return len(self._followed)

    @property
    def said(self) -> str:
        """What is followed, and what is wrong with it: for a title."""
        logs = [each.log for each in self._followed.values()]
        if self.pod:
            return next((_standing(log) for log in logs), "opening …")
        if not logs:
            return "there is no pod to follow"
        which = (
            f"{len(logs):,} of {self.total:,} pods, the gravest" if self.total > len(logs) else f"{len(logs):,} pods"
        )
        closed = [log for log in logs if log.standing != "open"]
        trouble = next((str(log.trouble) for log in closed if log.trouble), "")
        told = f"; {len(closed):,} not open" + (f": {trouble}" if trouble else "") if closed else ""
        return f"following {which}{told}"

    @property
    def troubled(self) -> bool:
        """Whether a log that is followed cannot be had now."""
        return any(each.log.trouble for each in self._followed.values())

    @property
    def over(self) -> str:
        """Why the one pod's log can never be read any more; empty while it may be, and where all are followed."""
        logs = [each.log for each in self._followed.values()] if self.pod else []
        return next((str(log.trouble) for log in logs if log.standing == "ended" and log.trouble), "")

    def _join(self, tasks: asyncio.TaskGroup) -> None:
        """Follow the pods that are new, and let those go that are no more."""
        names = [self.pod] if self.pod else self._names()
        self.total, there = len(names), set(names)
        for name in [name for name in self._followed if name not in there]:
            self._followed.pop(name).task.cancel()
        lines = LINES if self.pod or self._begun else LINES_OF_MANY
        for name in names:
            if len(self._followed) >= MOST_PODS:
                break
            if name not in self._followed:
                log = ContainerLog(self.access, self.namespace, name, self.container, lines, self.clock)
                self._followed[name] = _Followed(log, tasks.create_task(log.run(), name=f"log {name}"))
        self._begun = self._begun or bool(names)

    def _names(self) -> list[str]:
        """All pods, the gravest first; of equally grave ones the youngest, as it is they that changed."""
        rows = sorted(self.pods(), key=lambda row: (-row.gravity, -(row.created.timestamp() if row.created else 0.0)))
        return [row.name for row in rows]

    async def _read(self, took: Callable[[list[LogLine]], None]) -> None:
        found = await new_lines([each.log for each in self._followed.values()])
        if not found:
            return
        theirs = self.clock.now() + self.access.ahead  # what is written there has the time of there
        timed = [line if line.at else line._replace(at=theirs) for line in found]
        took(timed if self.pod else sorted(timed, key=lambda line: line.order))


def _standing(log: ContainerLog) -> str:
    """How one log stands."""
    if log.trouble:
        return f"{'over' if log.standing == 'ended' else 'tries again'}: {log.trouble}"
    return {
        "opening": "opening …", "open": "following", "waiting": "it has ended; waits for its next start",
        "ended": "over",
    }[log.standing]  # fmt: skip
