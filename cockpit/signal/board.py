"""The board: the latest of everything about one service, how fresh each part is, and what changed state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.kube.access import Access
from cockpit.kube.pods.row import PodRow
from cockpit.kube.pods.table import PodTable
from cockpit.kube.pods.usage import Usage
from cockpit.kube.rows import DeploymentRow, ReplicaSetRow
from cockpit.runbook.model import Threshold
from cockpit.signal.alertmanager.firing import Alert
from cockpit.signal.changes import Change
from cockpit.signal.endpoint.course import EndpointState
from cockpit.signal.folding import Folds
from cockpit.signal.foreign.around import Around
from cockpit.signal.freshness import Freshness
from cockpit.signal.plan import plan
from cockpit.signal.postgres.sessions import Sessions
from cockpit.signal.readings import Round, SignalReading
from cockpit.signal.source import Part
from cockpit.signal.sources import Hearer, Sources
from cockpit.signal.thresholds.crossings import Crossings
from cockpit.signal.thresholds.standing import ThresholdState
from cockpit.signal.thresholds.threshold import Sample
from cockpit.text import safe
from cockpit.values import replace

_SHORTEST_PAUSE = 0.1
"""Seconds between two calls of the subscribers, at least: a screen repaints no faster."""
_BURST = 0.001
"""Seconds that what changes together has to come in, when the subscribers were last called longer ago than that."""
_PAINTED, _FOLDS_APART = 0.02, 0.5
"""Seconds from a call of the subscribers until what changed state is worked out, and between two such times at least:
the picture comes first, and of thousands of pods each time costs some milliseconds."""
_TICK = 1.0
DEFECT = "cockpit"
"""The part that says, once there is one, what defect the cockpit itself has."""

OFF: Mapping[str, Part] = {
    "pods": Part("pods", short="k8s"), "rollout": Part("rollout"), "signals": Part("prometheus", short="prom"),
}  # fmt: skip
"""What a board has in any case, and what it is called where nothing is configured for it."""


class Board:
    """The live picture of one service; use it from one event loop.

    It survives whatever its sources do: each part says by its freshness what is known and what is wrong. Parts that are
    not configured are `off`.

    Attributes:
        parts: what is watched, by its id, in the order in which people should read it; those of `OFF` always,
            and `DEFECT` when there is one.
        versions: by part, a number that grows whenever that part changed.
    """

    def __init__(self, service: str, config: Config, thresholds: Iterable[Threshold], clock: Clock) -> None:
        """A board for `service` of `config`, with its `thresholds` (see `plan`). Nothing is opened before `start`.

        Raises:
            KeyError: the configuration has no such service.
        """
        self.plan = plan(service, config, thresholds)
        self._clock = clock
        self._off = Freshness("off", clock.now())
        self._sources = sources = Sources(self.plan, clock, Hearer(self._touch, self._take, self._hear))
        self.parts: Mapping[str, Part] = {**OFF, **sources.parts}
        self.versions = dict.fromkeys(self.parts, 0)
        self._defects: dict[str, Freshness] = {}
        self._crossings = Crossings(self.plan.rules, sources.gaps)
        self._folds = Folds(sources, self._crossings, self.parts, self.freshness)
        self._seen: set[str] = set()
        self._subscribers: list[Callable[[], None]] = []
        self._listeners: list[Callable[[Change], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._notifying: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None
        self._notified = self._settled = 0.0

    @property
    def access(self) -> Access | None:
        """The cluster's access, for reading logs and running actions; None until the kubeconfig is loaded."""
        return self._sources.cluster.access if self._sources.cluster else None

    @property
    def pods(self) -> Mapping[str, PodRow]:
        """The service's pods by uid, in no order; while they are loading, those that have come. Do not keep it."""
        return self._sources.cluster.pods if self._sources.cluster else {}

    @property
    def table(self) -> PodTable | None:
        """The same, with which of them changed since when and their tally; None where no cluster is configured."""
        return self._sources.cluster.table if self._sources.cluster else None

    @property
    def usage(self) -> Mapping[str, Usage]:
        """What the pods use, by name; those that were measured within the last minute."""
        return self._sources.usage.usage if self._sources.usage else {}

    @property
    def deployment(self) -> DeploymentRow | None:
        """The service's deployment."""
        return self._sources.cluster.deployment if self._sources.cluster else None

    @property
    def revisions(self) -> tuple[ReplicaSetRow, ...]:
        """The deployment's revisions, newest first."""
        return self._sources.cluster.revisions if self._sources.cluster else ()

    @property
    def around(self) -> Around:
        """What the deployment's pods are made with, and what scales it."""
        return self._sources.foreign.around() if self._sources.foreign else Around()

    @property
    def signals(self) -> list[SignalReading]:
        """Every signal that has a query, source by source, in the order of the thresholds given."""
        return [reading for source in self._sources.readers for reading in source.readings()]

    def course(self, id: str) -> tuple[tuple[Sample, ...], float]:
        """What was read of one signal within the last hour, oldest first, and the seconds without a sample after which
        nothing is known of it; nothing for what no source reads."""
        readers = self._sources.readers
        found = ((each.samples, source.gap) for source in readers for each in source.readings() if each.id == id)
        return next(found, ((), 0.0))

    @property
    def reads(self) -> Mapping[str, str]:
        """The part that each signal is read by; those of no source are not in it."""
        return self._sources.reads

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The service's alerts that fired when that was last known, the loudest first."""
        return self._sources.alerts.alerts if self._sources.alerts else ()

    @property
    def sessions(self) -> Sessions | None:
        """What the sessions of the service's database did when that was last known; None when it never was."""
        return self._sources.database.sessions if self._sources.database else None

    @property
    def endpoints(self) -> list[EndpointState]:
        """Every endpoint as it stands, in the order of the configuration."""
        return self._sources.endpoints.endpoints() if self._sources.endpoints else []

    @property
    def thresholds(self) -> list[ThresholdState]:
        """Every threshold as it stands, bound or not."""
        return self._crossings.shown({reading.id: reading for reading in self.signals})

    def readings(self) -> list[ThresholdState]:
        """The same, as actions know the board."""
        return self.thresholds

    def freshness(self, part: str) -> Freshness:
        """How current a part is; one that nothing is configured for is `off`."""
        if part in self._defects:
            return self._defects[part]
        source = self._sources.of.get(part)
        if source is None:
            return self._off
        fresh, under = source.freshness(part), self.parts[part].under
        if fresh.state == "loading" and under and (above := self.freshness(under)).state not in ("loading", "live"):
            return replace(above, as_of=None)  # it has not begun, for the same reason
        return fresh

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called, at most ten times a second, after something changed; gives what ends that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Have `callback` called with each change of state, in their order; gives what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    async def start(self) -> None:
        """Begin to watch. It returns at once: what cannot be reached shows in the freshness."""
        self._run("ticks", self._ticking(), ())
        for source in self._sources.every:
            self._run(next(iter(source.parts)), source.run(), tuple(source.parts))
        await asyncio.sleep(0)  # each begins: one that is stopped before would never have been awaited

    async def stop(self) -> None:
        """Stop watching and close every connection."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for timer in (self._notifying, self._settling):
            if timer:
                timer.cancel()
        self._notifying = self._settling = None
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self, name: str, source: Coroutine[Any, Any, None], parts: tuple[str, ...]) -> None:
        self._tasks.append(asyncio.create_task(self._guarded(source, parts), name=f"board {name}"))

    async def _guarded(self, source: Coroutine[Any, Any, None], parts: tuple[str, ...]) -> None:
        """Run a source. A defect in it ends that part, visibly, and not the cockpit in the middle of an incident."""
        try:
            await source
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts must go on
            detail = f"a defect in the cockpit ended this source: {error!r}"
            fresh = Freshness("error", self._clock.now(), None, detail, "restart the cockpit, and report it")
            for part in parts:
                self._defects[part] = fresh
                self._touch(part)

    async def _ticking(self) -> None:
        """What depends on time alone: losses, and recoveries that must last."""
        while True:
            await self._clock.sleep(_TICK)
            self._settle()

    def _take(self, part: str, brought: Round) -> None:
        """A round of readings came."""
        for change in self._crossings.take(brought):
            self._tell(change)
        self._touch(part)

    def _hear(self, part: str, changes: Iterable[Change]) -> None:
        """A source that judges by itself looked again."""
        for change in changes:
            self._tell(change)
        self._touch(part)

    def _touch(self, part: str) -> None:
        """Something changed: count it, and call the subscribers soon."""
        self.versions[part] += 1
        if part not in self._seen and self.freshness(part).state == "live":
            self._seen.add(part)
            self._settle()  # what changes from now on is a change, however soon it comes
        if self._notifying is None:
            loop = asyncio.get_running_loop()
            at = max(loop.time() + _BURST, self._notified + _SHORTEST_PAUSE)
            self._notifying = loop.call_at(at, self._notify)

    def _notify(self) -> None:
        loop = asyncio.get_running_loop()
        self._notifying, self._notified = None, loop.time()
        if self._settling is None:
            self._settling = loop.call_at(max(self._notified + _PAINTED, self._settled + _FOLDS_APART), self._settle)
        for callback in list(self._subscribers):
            callback()

    def _settle(self) -> None:
        """Fold what is known now into changes of state; what is not current says nothing about the cluster."""
        if self._settling:
            self._settling.cancel()
        self._settling, self._settled = None, asyncio.get_running_loop().time()
        now = self._clock.now()
        for what, fold in self._folds.subjects.items():
            try:
                for change in fold(now):
                    self._tell(change)
            except Exception as error:  # noqa: BLE001 - what is shown, and what else is told, must go on
                self._note_defect(what, error)

    def _note_defect(self, what: str, error: Exception) -> None:
        """Say on a line of its own among the sources that the cockpit has a defect; it stays there."""
        detail = safe(f"a defect in the cockpit: {what}: {error!r}")
        if DEFECT in self._defects and self._defects[DEFECT].detail == detail:
            return
        mend = "the panes are right; the timeline may lack what it concerns: report it, and restart the cockpit"
        self.parts = {**self.parts, DEFECT: Part(DEFECT)}
        self.versions.setdefault(DEFECT, 0)
        self._defects[DEFECT] = Freshness("error", self._clock.now(), None, detail, mend)
        self._touch(DEFECT)

    def _tell(self, change: Change) -> None:
        for callback in list(self._listeners):
            try:
                callback(change)
            except Exception as error:  # noqa: BLE001 - who listens must not end the source that speaks
                self._note_defect("what is told", error)
