"""One pod as its node has it: its containers, what its status and events say of them, and what is due next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from cockpit.simulator.cluster.kubelet.containers import Container, pod_phase
from cockpit.simulator.cluster.kubelet.podstatus import kubelet_conditions
from cockpit.simulator.cluster.store import Record
from cockpit.simulator.cluster.timeline import Timer

if TYPE_CHECKING:
    from cockpit.simulator.cluster.kubelet.kubelet import Kubelet

Obj = dict[str, Any]


class HostedPod:
    """A pod that was bound to a node, until another one of its name takes its place in the store."""

    def __init__(self, kubelet: Kubelet, record: Record) -> None:
        spec = record.obj["spec"]
        self.namespace, self.name, self.uid = record.namespace, record.name, record.uid
        self.node: str = spec["nodeName"]
        self.policy: str = spec.get("restartPolicy", "Always")
        self.init = [Container(each) for each in spec.get("initContainers", ())]
        self.containers = [Container(each) for each in spec["containers"]]
        self.sandbox = False
        """Whether it has its network: its address is told from then on."""
        self.stopping = False
        """Whether it is asked to end, or gone: nothing new begins in it."""
        self.facts: Obj = {}
        """hostIP, podIP and startTime, once a node has begun with it."""
        self._kubelet = kubelet
        self._timeline = kubelet.timeline
        self._timers: list[Timer] = []

    @property
    def all(self) -> tuple[Container, ...]:
        """Its containers, those that initialize it first."""
        return (*self.init, *self.containers)

    @property
    def running(self) -> list[Container]:
        """The containers that run now."""
        return [each for each in self.all if each.run is not None and each.run.running]

    def record(self) -> Record | None:
        """What the store has of it now; None when it is gone from there."""
        record = self._kubelet.store.get("pods", self.namespace, self.name)
        return record if record is not None and record.uid == self.uid else None

    def say(self, pod: Record, kind: str, reason: str, message: str, container: Container) -> None:
        """An event about one of its containers."""
        where = "initContainers" if container in self.init else "containers"
        field = f"spec.{where}{{{container.name}}}"
        self._kubelet.events.record(pod.obj, kind, reason, message, "kubelet", host=self.node, field=field)

    def write(self) -> None:
        """Store its status as it is now."""
        pod = self.record()
        if pod is None:
            return
        status = dict(pod.obj["status"])
        phase = pod_phase(self.init, self.containers, self.policy, stopping=self.stopping)
        status |= {"phase": phase, "hostIP": self.facts["hostIP"], "hostIPs": [{"ip": self.facts["hostIP"]}]}
        status["startTime"] = self.facts["startTime"]
        if self.sandbox:
            status |= {"podIP": self.facts["podIP"], "podIPs": [{"ip": self.facts["podIP"]}]}
        status["conditions"] = kubelet_conditions(
            status,
            initialized=all(each.done for each in self.init),
            sandbox=self.sandbox,
            not_ready=[each.name for each in self.containers if not each.ready],
            now=self._timeline.stamp(),
        )
        if self.init:
            status["initContainerStatuses"] = [each.status() for each in self.init]
        status["containerStatuses"] = [each.status() for each in self.containers]
        if status != pod.obj["status"]:
            self._kubelet.store.put("pods", {**pod.obj, "status": status})

    def remove(self) -> None:
        """Take it out of the store, unless a finalizer holds it there."""
        pod = self.record()
        if pod is not None and not pod.obj["metadata"].get("finalizers"):
            self._kubelet.store.remove("pods", self.namespace, self.name)

    def after(self, seconds: float, call: Callable[..., None], *arguments: object) -> None:
        """Call in so many simulated seconds, unless `cancel` comes first."""
        now = self._timeline.moment()
        self._timers = [timer for timer in self._timers if not timer.cancelled and timer.due >= now]
        self._timers.append(self._timeline.after(seconds, partial(call, *arguments)))

    def cancel(self) -> None:
        """Nothing that was due happens any more."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
