"""The simulated cluster: its objects, controllers and kubelets in one place, and its API server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cockpit.simulator.cluster.controllers.deployments import DeploymentController
from cockpit.simulator.cluster.controllers.endpoints import EndpointsController
from cockpit.simulator.cluster.controllers.garbage import GarbageCollector
from cockpit.simulator.cluster.controllers.replicasets import ReplicaSetController
from cockpit.simulator.cluster.controllers.scheduler import Scheduler
from cockpit.simulator.cluster.events import Events
from cockpit.simulator.cluster.fleet import Fleet
from cockpit.simulator.cluster.kubelet.images import Images
from cockpit.simulator.cluster.kubelet.kubelet import Kubelet
from cockpit.simulator.cluster.kubelet.podstatus import is_ready
from cockpit.simulator.cluster.objects.objects import DeleteOptions, Objects
from cockpit.simulator.cluster.objects.patching import MERGE_PATCH
from cockpit.simulator.cluster.resources import BY_PLURAL, NAMESPACES, STORED, Resource
from cockpit.simulator.cluster.selectors import label_selector, labels_of
from cockpit.simulator.cluster.server.watching import Watches
from cockpit.simulator.cluster.status import no_such_resource
from cockpit.simulator.cluster.store import Store
from cockpit.simulator.cluster.timeline import Timeline, parse_time
from cockpit.simulator.cluster.trouble import Trouble
from cockpit.simulator.pace import Pace
from cockpit.simulator.program import Program, Usage

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from cockpit.simulator.cluster.access import User

Obj = dict[str, Any]

SETTLE_WITHIN = 600.0
"""Simulated seconds after which `settle` leaves alone what has not come to rest."""


class Cluster:
    """A Kubernetes cluster in memory.

    Args:
        pace: its sense of time and chance.
        programs: what runs in a container, by image repository without tag; any other image cannot be pulled.
        nodes: how many worker nodes it starts with.

    Attributes:
        trouble: switches that make the API server itself misbehave.
        metrics_served: whether the metrics API is there (`kubectl top`); without it, it answers 404.
    """

    def __init__(self, pace: Pace, programs: Mapping[str, Program], *, nodes: int = 3) -> None:
        self.pace = pace
        self.store = Store()
        self.watches = Watches(self.store)
        self.trouble = Trouble(_compact=self.store.compact, _cut=self.watches.cut)
        self.timeline = Timeline(pace, lambda: self.trouble.skew)
        self.objects = Objects(self.store, self.timeline)
        self.events = Events(self.store, self.timeline)
        self.images = Images(programs)
        self.kubelet = Kubelet(self.store, self.events, self.timeline, self.images)
        self.metrics_served = True
        self._fleet = Fleet(self.store, self.objects, self.kubelet, self.timeline)
        shared = (self.store, self.objects, self.events, self.timeline)
        self._controllers = (
            DeploymentController(*shared),
            ReplicaSetController(*shared),
            Scheduler(self.store, self.events, self.timeline),
            EndpointsController(self.store, self.timeline),
        )
        for controller in self._controllers:
            self.store.subscribe(controller.observe)
        self.store.subscribe(self.kubelet.observe)
        self.store.subscribe(GarbageCollector(self.store, self.objects, self.timeline).observe)
        for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
            self.objects.create(NAMESPACES, None, {"metadata": {"name": name}})
        for _ in range(nodes):
            self._fleet.add_node()
        self.events.start()

    def create(self, obj: Obj) -> Obj:
        """Create an object of any served kind, as POST would; its creationTimestamp may lie in the past.

        Raises ApiError (409 when it exists, 404 without its namespace, 422 when it breaks a rule).
        """
        resource = next((each for each in STORED if each.kind == obj.get("kind")), None)
        if resource is None:
            raise no_such_resource()
        namespace = obj.get("metadata", {}).get("namespace", "default") if resource.namespaced else None
        return deepcopy(self.objects.create(resource, namespace, obj, history=True))

    def patch_merge(self, resource: str, namespace: str | None, name: str, patch: Obj) -> Obj:
        """Change an object by a JSON merge patch; `resource` is the plural. Raises ApiError."""
        return deepcopy(self.objects.patch(_resource(resource), namespace, name, patch, MERGE_PATCH))

    def delete(self, resource: str, namespace: str | None, name: str) -> None:
        """Delete an object as a user would, with its own grace. Raises ApiError 404."""
        self.objects.delete(_resource(resource), namespace, name, DeleteOptions())

    def get(self, resource: str, namespace: str | None, name: str) -> Obj | None:
        """A copy of an object, None when there is none."""
        record = self.store.get(_resource(resource).plural, namespace, name)
        return deepcopy(record.obj) if record is not None else None

    def list(self, resource: str, namespace: str | None = None, selector: str | None = None) -> list[Obj]:
        """The objects of a kind, in one namespace or all, by label selector. They are shared: do not change them."""
        selects = label_selector(selector)
        records = self.store.list(_resource(resource).plural, namespace)
        return [record.obj for record in records if selects(labels_of(record.obj))]

    def usage(self, pod: Obj) -> Usage | None:
        """What a pod's running containers use now, together; None when none runs."""
        found = self.kubelet.usage(pod["metadata"]["uid"], pod)
        if found is None:
            return None
        return Usage(sum(each.cores for each in found.values()), sum(each.bytes for each in found.values()))

    def fill(self, count: int, namespace: str = "production") -> None:
        """Add `count` running pods that have nothing to do with the incident. The namespace must exist."""
        self._fleet.fill(count, namespace)

    async def churn(self, per_second: float) -> None:
        """Change so many of the filling pods in each simulated second, until cancelled."""
        await self._fleet.churn(per_second)

    def flip(self, namespace: str, name: str) -> None:
        """Turn the readiness of one running pod, once."""
        self._fleet.flip(namespace, name)

    async def run(self) -> None:
        """Run the controllers and kubelets until cancelled."""
        await self.timeline.run()

    def settle(self) -> None:
        """Bring what has been created to its steady state at once: live from its creation until now.

        What was created with a creationTimestamp in the past has then been running since.
        """
        start = min(self._unsettled(), default=None)
        if start is None:
            return
        self.timeline.replay(start, self._is_steady, begin=self._resync, beyond=SETTLE_WITHIN)

    def close(self) -> None:
        """End all open watches and log streams, so that a server can stop."""
        self.watches.close()

    def app(self, tokens: Mapping[str, User], anonymous: User | None = None) -> Starlette:
        """The API server as an ASGI application; each bearer token is a user, any other gets 401.

        Without a token a request is `anonymous`, or gets 401 too where that is None. kubectl sends tokens only over
        TLS: on a plain loopback address it is the anonymous user.
        """
        from cockpit.simulator.cluster.server.api import (
            Api,  # the API serves this cluster and so knows it; we only hand it out
        )

        return Api(self, tokens, anonymous).app()

    def _resync(self) -> None:
        for controller in self._controllers:
            controller.resync()

    def _unsettled(self) -> Sequence[datetime]:
        deployments = [each.obj for each in self.store.list("deployments") if not _complete(each.obj)]
        pods = [each.obj for each in self.store.list("pods") if not is_ready(each.obj)]
        return [parse_time(each["metadata"]["creationTimestamp"]) for each in (*deployments, *pods)]

    def _is_steady(self) -> bool:
        return not self._unsettled()


def _complete(deployment: Obj) -> bool:
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    return bool(
        status.get("observedGeneration") == deployment["metadata"]["generation"]
        and status.get("updatedReplicas", 0) == status.get("availableReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
    )


def _resource(plural: str) -> Resource:
    resource = BY_PLURAL.get(plural)
    if resource is None:
        raise no_such_resource()
    return resource
