"""The live half of a war room: the board over cluster and Prometheus, and the runner that acts through its access."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.incident.kinds import Target
from cockpit.kube.around.configmap import ConfigMap, read_config_map
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.remote import output_of
from cockpit.room.house import House
from cockpit.room.live.databases import database_view
from cockpit.room.live.deploying import read_revisions, rollout_view
from cockpit.room.live.endpoints import endpoints_view, failing
from cockpit.room.live.podlogs import PodLogs
from cockpit.room.live.pods import pods_view
from cockpit.room.live.podwatch import PodWatch
from cockpit.room.permission import deed_of_risk
from cockpit.room.requests import Refusal
from cockpit.room.room import Room
from cockpit.room.runs.recorder import RoomRecorder
from cockpit.room.views.database import DatabaseView
from cockpit.room.views.endpoints import EndpointsView
from cockpit.room.views.rollout import RevisionView, RolloutView
from cockpit.room.views.signals import AlertsView, PodRow, PodsView, SignalView, SourceView, Usage
from cockpit.room.views.thresholds import signal_views
from cockpit.runbook.suggest import Facts, Suggestion, suggestions
from cockpit.signal.board import Board
from cockpit.signal.changes import Change
from cockpit.signal.thresholds.threshold import Sample

if TYPE_CHECKING:  # what acts is imported when it is first needed: the pods do not wait for it
    from cockpit.action.http import InPod
    from cockpit.action.model import Risk, Situation
    from cockpit.action.ports import BoardView
    from cockpit.action.runner import Runner
    from cockpit.room.views.sets import SetView

NOWHERE = Target(cluster="", context="", namespace="")
"""The target of a service that has no cluster."""


class Live:
    """The signals of one service while a cockpit is open. Made by `open`."""

    def __init__(self, house: House, clock: Clock, board: Board, recorder: RoomRecorder) -> None:
        self._house = house
        self._recorder = recorder
        self._clock = clock
        self._board = board
        self._runner: Runner | None = None

    @classmethod
    async def open(
        cls,
        house: House,
        clock: Clock,
        changed: Callable[[], None],
        told: Callable[[Change], None],
        recorder: RoomRecorder | None = None,
    ) -> Self | None:
        """Begin to watch the service, in the context to which the incident is pinned; None when none is configured.

        Args:
            changed: called when something on the board changed, at most ten times a second.
            told: called with each change of state.
            recorder: writes what runs do; one of its own when there is none.
        """
        plans = house.plans
        if not plans.service:
            return None
        config = pinned(plans.config, plans.service, house.room.target)
        board = Board(plans.service, config, plans.thresholds, clock)
        board.subscribe(changed)
        board.listen(told)
        await board.start()
        return cls(house, clock, board, recorder or RoomRecorder(house.room))

    async def close(self) -> None:
        """Stop watching and close every connection."""
        await self._board.stop()

    @property
    def runner(self) -> Runner:
        """What executes actions; without an open cluster it does what needs none."""
        from cockpit.action.runner import Runner

        if self._runner is None:
            self._runner = Runner(None, self._recorder, self._board, self._clock, self._situation)
        self._runner.reach(self._board.access, self._closed)
        return self._runner

    @property
    def board(self) -> BoardView:
        """The signals, for reading only."""
        return self._board

    def _closed(self) -> str:
        """Why the cluster is not open."""
        from cockpit.room.runs.jobs import NO_CLUSTER

        fresh = self._board.freshness("pods")
        if fresh.state == "off":
            return NO_CLUSTER
        return f"the cluster is not open: {fresh.detail or fresh.state}; {fresh.mend or 'see v'}"

    def _situation(self) -> Situation:
        from cockpit.action.model import Situation

        room = self._house.room
        target, forbidden = room.target, forbidden_by_risk(room)
        if target is None:  # what needs no cluster can be done all the same
            return Situation(
                NOWHERE, room.state.runs, room.state.drill, read_only=room.store.read_only, forbidden=forbidden
            )
        cluster = self._house.plans.config.kubernetes.get(target.cluster)
        drill_cluster = bool(cluster and cluster.drill and cluster.context == target.context)
        return Situation(target, room.state.runs, room.state.drill, drill_cluster, room.store.read_only, forbidden)

    def pods(self) -> PodsView:
        """The pods and the deployment."""
        return pods_view(self._board, self._source)

    def rollout(self) -> RolloutView:
        """The deployment, how its rollout goes, and what stands around it."""
        return rollout_view(self._board, self._source)

    async def revisions(self) -> Sequence[RevisionView]:
        """The deployment's revisions as they are kept now, the newest first; raises Refusal."""
        access, target = self._board.access, self._house.room.target
        if access is None or target is None:
            raise Refusal(self._closed())
        return await read_revisions(access, target, self._house.room.timeline.entries)

    async def sets(self) -> Sequence[SetView]:
        """The stateful sets and daemon sets of the service's pods, as they are now; raises Refusal."""
        access, target = self._board.access, self._house.room.target
        if access is None or target is None:
            raise Refusal(self._closed())
        from cockpit.room.live.sets import read_sets
        from cockpit.room.views.sets import owners

        return await read_sets(access, target.namespace, owners(self.pods()))

    def signals(self) -> Sequence[SignalView]:
        """Every signal, and every threshold that no signal is bound to."""
        return signal_views(self._board.thresholds, self._board.signals, self._board.reads)

    def _source(self, part: str) -> SourceView:
        known, fresh = self._board.parts[part], self._board.freshness(part)
        return SourceView(
            known.name, known.short, fresh.state, fresh.since, fresh.as_of, fresh.detail, fresh.mend, fresh.took
        )

    def samples(self, id: str) -> tuple[Sequence[Sample], float]:
        """A signal's readings of the last hour, and the seconds without one after which nothing is known."""
        return self._board.course(id)

    def signal_sources(self) -> Mapping[str, SourceView]:
        """How fresh each source is that reads signals, by its part; Prometheus, which is off, where there is none."""
        parts = dict.fromkeys(self._board.reads.values()) or {"signals": None}
        return {part: self._source(part) for part in parts}

    def sources(self) -> Sequence[SourceView]:
        """Every source, those that are configured and the ones that a cockpit should have."""
        return tuple(self._source(part) for part in self._board.parts)

    def alerts(self) -> AlertsView | None:
        """The service's alerts that fire; None where no Alertmanager is configured."""
        plan = self._board.plan.alerts
        return AlertsView(self._source("alerts"), plan.name, self._board.alerts) if plan else None

    def database(self) -> DatabaseView | None:
        """The service's database; None where none is configured."""
        return database_view(self._board, self._source)

    def endpoints(self) -> EndpointsView | None:
        """The service's endpoints; None where none is configured."""
        return endpoints_view(self._board, self._source, self._house.runbook)

    def suggestions(self) -> Sequence[Suggestion]:
        """The scenarios whose symptoms hold now."""
        runbook = self._house.runbook
        if runbook is None:
            return ()
        states = {state.id: state.state for state in self._board.thresholds}
        rollout = self._house.room.state.rollout
        trusted, pods = self._source("pods").trusted, self.pods()
        facts = Facts(
            pods=pods.crashing if trusted else {},
            restarted=pods.restarted(self._clock.now()) if trusted else {},
            breached=frozenset(id for id, state in states.items() if state == "breach"),
            warning=frozenset(id for id, state in states.items() if state == "warning"),
            pending=frozenset(each.id for each in self._board.thresholds if each.state == "ok" and each.pending_since),
            failing=failing(self._board),
            release=f"release {rollout[0].release}" if rollout else "",
            release_began=rollout[1].at if rollout else None,
            now=self._clock.now(),
        )
        return suggestions(runbook, facts)

    def in_pod(self) -> InPod | None:
        """Where requests are sent from that only a pod of the service can send; None while the cluster is not open."""
        from cockpit.action.http import InPod
        from cockpit.action.kubernetes.pods.podlist import chosen_pod

        access, target = self._board.access, self._house.room.target
        if access is None or target is None:
            return None

        async def run(argv: Sequence[str]) -> tuple[int, str]:
            pod = await chosen_pod(access, target.namespace, selector=target.selector)
            return await output_of(access, target.namespace, pod.row.name, pod.container(), argv)

        return InPod(f"a ready pod of {target.selector}", run)

    async def config_map(self, name: str, namespace: str) -> ConfigMap:
        """A config map as it is now; raises Refusal."""
        access = self._board.access
        if access is None:
            raise Refusal(self._closed())
        try:
            return await read_config_map(access, namespace, name)
        except KubeError as error:
            raise Refusal(str(error)) from None

    def logs(self, pod: str = "", container: str = "") -> PodLogs:
        """A pod's log, or those of all pods together, to be followed; raises Refusal."""
        access, target = self._board.access, self._house.room.target
        if access is None or target is None:
            raise Refusal(self._closed())
        return PodLogs(access, target.namespace, self._clock, lambda: self._board.pods.values(), pod, container)

    def pod(self, name: str) -> PodWatch:
        """A pod, to be watched; raises Refusal."""
        access, target, board = self._board.access, self._house.room.target, self._board
        if access is None or target is None:
            raise Refusal(self._closed())

        def known() -> tuple[PodRow | None, Usage | None]:
            return next((row for row in board.pods.values() if row.name == name), None), board.usage.get(name)

        return PodWatch(access, target.namespace, name, self._clock, known)


def forbidden_by_risk(room: Room) -> dict[str, str]:
    """Why the actor's roles do not let him run something, by its risk."""
    risks: tuple[Risk, ...] = ("read-only", "changing", "destructive")
    return {risk: why for risk in risks if (why := room.forbidden(deed_of_risk(risk)))}


def pinned(config: Config, service: str, target: Target | None) -> Config:
    """The configuration with the service's place as the incident has it, whatever the file has become since."""
    known = config.services[service]
    if target is None or known.kubernetes is None:
        return config
    name = target.cluster if target.cluster in config.kubernetes else known.kubernetes.cluster
    cluster = config.kubernetes[name].model_copy(update={"context": target.context})
    here = {"namespace": target.namespace, "selector": target.selector, "deployment": target.deployment or None}
    place = known.kubernetes.model_copy(update={**here, "cluster": name})
    services = {**config.services, service: known.model_copy(update={"kubernetes": place})}
    clusters = {**config.kubernetes, name: cluster}
    return config.model_copy(update={"services": services, "kubernetes": clusters})
