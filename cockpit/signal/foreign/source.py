"""What others change around a deployment, as a source: config maps and secrets that its pods are made with, the
autoscaler over it, the services that select its pods; and the deployment itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.around.references import References, references
from cockpit.kube.around.surroundings import AroundRow, autoscaler_row, config_map_row, secret_row, service_row
from cockpit.kube.bounded import UNREADABLE, read_object
from cockpit.kube.errors import KubeError
from cockpit.kube.listing.lister import Lister
from cockpit.kube.listing.paging import SMALL
from cockpit.kube.paths import resource_path
from cockpit.kube.rollouts.changes import part
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.foreign.around import MOST_NAMES, Around, around, change_of
from cockpit.signal.foreign.change import Floods, ForeignChange
from cockpit.signal.foreign.deployment import DeploymentChanges
from cockpit.signal.freshness import Freshness, of_kube
from cockpit.signal.source import Part
from cockpit.values import replace

LOOK_EVERY = 0.5
"""Seconds between two looks whether the cluster's access is open."""

CONFIG_MAPS, SECRETS = "configmaps", "secrets"
_Row = Callable[[bytes, timedelta], Any]
_ROWS: Mapping[str, _Row] = {
    CONFIG_MAPS: config_map_row, SECRETS: secret_row, "services": service_row,
    "horizontalpodautoscalers": autoscaler_row,
}  # fmt: skip
_GROUPS = {"horizontalpodautoscalers": "autoscaling/v2"}
_NOUNS = {CONFIG_MAPS: "config maps", SECRETS: "secrets", "horizontalpodautoscalers": "autoscalers"}
_REFUSED = {"forbidden": "it is forbidden", "not-found": "this cluster has no such thing"}
"""Errors of a watch that are no outage, in words."""
Key = tuple[str, str]
"""A resource, and the name of the one object of it that is watched; empty for all of them."""
_ALWAYS: tuple[Key, ...] = (("services", ""), ("horizontalpodautoscalers", ""))


@dataclass(slots=True)
class _Watched:
    """One watch and what was known by it when it was last looked at; None before its first list."""

    lister: Lister[Any]
    task: asyncio.Task[Any] | None = None
    known: dict[str, AroundRow] | None = field(default=None)


class ForeignSource:
    """The part `changes`.

    Args:
        cluster: the source whose access is used, and whose deployment it is about.
        changed: called on the event loop when there may be something to tell. It must be quick.
    """

    def __init__(self, cluster: ClusterSource, clock: Clock, changed: Callable[[], None]) -> None:
        self.parts: Mapping[str, Part] = {"changes": Part("changes", "the watch on changes", under="pods")}
        self._cluster = cluster
        self._clock = clock
        self._changed = changed
        self._fresh = Freshness("loading", clock.now())
        self._deployment = DeploymentChanges()
        self._floods = Floods()
        self._template = b""
        self._labels: Mapping[str, str] = {}
        self.references = References()
        """What the deployment's template refers to now."""
        self._watched: dict[Key, _Watched] = {}
        self._found: list[ForeignChange] = []
        self._wake = asyncio.Event()

    def freshness(self, part: str) -> Freshness:
        """How current it is: live while what may be watched is, with what may not be in the detail."""
        if not self._watched:  # nothing is known without the deployment
            rollout = self._cluster.freshness("rollout")
            return self._fresh if rollout.state == "live" else rollout
        watches = [each.lister for each in self._watched.values()]
        current = all(each.connected for each in watches if each.error is None)
        return replace(self._fresh, as_of=self._clock.now()) if current and self._fresh.state == "live" else self._fresh

    def around(self) -> Around:
        """The objects that the deployment's pods are made with, as they are now."""
        listers = {key: each.lister for key, each in self._watched.items()}
        return around(self.references, listers, self._cluster.plan.deployment)

    def step(self, row: DeploymentRow, now: datetime) -> list[ForeignChange]:
        """What was changed since the last call; `row` is the deployment as it is now."""
        found, self._found = self._found, []
        found += self._deployment.step(row, now)
        self._refer(row)
        return self._floods.step(found, now)

    def gone(self, now: datetime) -> list[ForeignChange]:
        """What was changed since the last call, where the cluster has no such deployment now."""
        found, self._found = self._found, []
        return self._floods.step([*found, *self._deployment.gone(now)], now)

    def _refer(self, row: DeploymentRow) -> None:
        """Watch what the template refers to; it is read when it changed."""
        if row.detail.template != self._template:
            self._template = row.detail.template
            self._wake.set()

    async def _read_template(self) -> None:
        """Which objects the template refers to, and the labels of its pods; what is no template refers to none."""
        raw = self._template
        found = _referred(raw) if len(raw) <= SMALL else await asyncio.to_thread(_referred, raw)
        self.references, self._labels = found

    async def run(self) -> NoReturn:
        """Watch until cancelled; with other references, other objects."""
        while (access := self._cluster.access) is None or not self._template:
            await self._clock.sleep(LOOK_EVERY)
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                await self._read_template()
                self._watch(access, tasks)
                await self._wake.wait()
        raise AssertionError("it watches until it is cancelled")

    def _wanted(self) -> list[Key]:
        maps = [(CONFIG_MAPS, name) for name in self.references.config_maps[:MOST_NAMES]]
        return [*_ALWAYS, *maps, *((SECRETS, name) for name in self.references.secrets[:MOST_NAMES])]

    def _watch(self, access: Access, tasks: asyncio.TaskGroup) -> None:
        """Begin what is wanted and not watched yet, and end what is not wanted any more."""
        wanted = self._wanted()
        for key in [key for key in self._watched if key not in wanted]:
            ended = self._watched.pop(key)
            if ended.task is not None:
                ended.task.cancel()
        for key in wanted:
            if key not in self._watched:
                made = self._watched[key] = _Watched(self._lister(access, key))
                made.task = tasks.create_task(made.lister.run())
        self._judge()

    def _lister(self, access: Access, key: Key) -> Lister[Any]:
        resource, name = key
        path = resource_path(_GROUPS.get(resource, "v1"), resource, self._cluster.plan.namespace)
        query = {"fieldSelector": f"metadata.name={name}"} if name else {}
        row, secret = _ROWS[resource], resource == SECRETS
        return Lister(access, path, query, row, self._clock, lambda: self._news(key), metadata_only=secret)

    def _news(self, key: Key) -> None:
        """A watch has something new: rows, or how it stands."""
        watched = self._watched.get(key)
        if watched is not None and watched.lister.complete:
            rows, known = dict(watched.lister.rows), watched.known
            watched.known = rows
            if known is not None and rows != known:
                self._found += self._told(key[0], known, rows)
        self._judge()

    def _told(
        self, resource: str, known: Mapping[str, AroundRow], rows: Mapping[str, AroundRow]
    ) -> Iterator[ForeignChange]:
        old, new = ({row.name: row for row in side.values()} for side in (known, rows))
        for name in dict.fromkeys([*old, *new]):
            before, after = old.get(name), new.get(name)
            if before != after:
                found = change_of(before, after, self._cluster.plan.deployment, self._labels, self._clock.now())
                if found is not None:
                    yield found

    def _judge(self) -> None:
        """Work out the freshness, and say that something may be new."""
        listers = {key: each.lister for key, each in self._watched.items()}
        self._fresh = _freshness(self._fresh, listers, self.references, self._clock.now())
        self._changed()


def _referred(template: bytes) -> tuple[References, dict[str, str]]:
    """What a pod template as raw JSON refers to, and its labels."""
    try:
        read = read_object(template)
    except UNREADABLE:
        return References(), {}
    labels = part(part(read, "metadata"), "labels")
    return references(read), {str(key): str(value) for key, value in labels.items()}


def _freshness(was: Freshness, listers: Mapping[Key, Lister[Any]], wanted: References, now: datetime) -> Freshness:
    """All of the watches as one: what is forbidden, or not served here, is said and is no failure, unless all of it
    is."""
    errors = {key: each.error for key, each in listers.items() if each.error is not None}
    refused = {key: error for key, error in errors.items() if error.kind in _REFUSED}
    failed = next((error for error in errors.values() if error.kind not in _REFUSED), None)
    as_of = min((each.as_of for each in listers.values() if each.as_of), default=None)
    if failed is not None:
        return was.became(of_kube(failed, as_of is not None), now, as_of, failed.message, failed.mend)
    if refused and len(refused) == len(listers):
        error = next(iter(refused.values()))
        return was.became("forbidden", now, as_of, error.message, error.mend)
    if not all(each.complete for key, each in listers.items() if key not in refused):
        return was.became("loading", now, None)
    return was.became("live", now, as_of or now, *_unwatched(refused, wanted))


def _unwatched(refused: Mapping[Key, KubeError], wanted: References) -> tuple[str, str]:
    """What is not watched in words, and what to do about it."""
    said = []
    for kind, why in _REFUSED.items():
        kinds = dict.fromkeys(_NOUNS.get(resource, resource) for (resource, _), e in refused.items() if e.kind == kind)
        said += [f"not watched, because {why}: {', '.join(kinds)}"] if kinds else []
    for names, noun in ((wanted.config_maps, "config maps"), (wanted.secrets, "secrets")):
        if len(names) > MOST_NAMES:
            said.append(f"{len(names) - MOST_NAMES} more {noun} are not watched")
    return "; ".join(said), next((error.mend for error in refused.values() if error.kind == "forbidden"), "")
