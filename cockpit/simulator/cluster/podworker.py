"""What a kubelet does for one pod: pull, create, start, watch, restart with back-off, and stop with grace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cockpit.simulator.program import Execution, Program, Usage

from .containers import Container, pod_phase
from .podstatus import kubelet_conditions
from .quantities import quantity
from .runs import Run
from .store import Record
from .timeline import Timer

if TYPE_CHECKING:
    from .kubelet import Kubelet

Obj = dict[str, Any]

FIRST_BACKOFF, MOST_BACKOFF = 10.0, 300.0
"""Simulated seconds before a crashed container or a failed pull is tried again, doubled each time."""
FORGIVEN_AFTER = 600.0
"""A container that ran so long starts again with no back-off."""


class PodWorker:
    """One pod on its node."""

    def __init__(self, kubelet: Kubelet, record: Record) -> None:
        self._kubelet = kubelet
        self._timeline = kubelet.timeline
        self._key = (record.namespace, record.name)
        self._uid = record.uid
        spec = record.obj["spec"]
        self._node: str = spec["nodeName"]
        self._policy: str = spec.get("restartPolicy", "Always")
        self._init = [Container(each) for each in spec.get("initContainers", ())]
        self._containers = [Container(each) for each in spec["containers"]]
        self._timers: list[Timer] = []
        self._sandbox = False
        self._stopping = False
        self._facts: Obj = {}

    def start(self) -> None:
        """Begin with a pod that has just been bound."""
        if self._stopping or self._pod() is None:
            return
        host, address = self._kubelet.address(self._node)
        self._facts = {"hostIP": host, "podIP": address, "startTime": self._timeline.stamp()}
        for container in (*self._init, *self._containers):
            container.wait("ContainerCreating" if not self._init else "PodInitializing")
        self._write()
        self._after(self._timeline.jitter(0.3, 0.9), self._sandbox_ready)

    def adopt(self, started: float) -> None:
        """Take over a pod whose status already says that it runs."""
        pod = self._pod()
        if pod is None:
            return
        self._sandbox = True
        status = pod.obj["status"]
        self._facts = {key: status[key] for key in ("hostIP", "podIP", "startTime")}
        for container in self._containers:
            program = self._kubelet.images.program(container.image)
            if program is not None:
                container.begin(Run(self._execution(program, container), 0, self._timeline, started))
                container.ready = True

    def stop(self) -> None:
        """End the pod as asked: SIGTERM, and SIGKILL when its grace is over."""
        pod = self._pod()
        if pod is None or self._stopping:
            return
        self._stopping = True
        self._cancel()
        grace = float(pod.obj["metadata"].get("deletionGracePeriodSeconds", 30))
        running = [each for each in (*self._init, *self._containers) if each.run is not None and each.run.running]
        for container in running:
            self._say(pod, "Normal", "Killing", f"Stopping container {container.name}", container)
            assert container.run is not None
            takes = min(container.run.execution.stop_after, grace)
            killed = container.run.execution.stop_after > grace
            self._after(takes, self._call(self._stopped, container, killed))
        if not running:
            self._after(0.1, self._remove)

    def discard(self) -> None:
        """The pod is gone."""
        self._stopping = True
        self._cancel()
        for container in (*self._init, *self._containers):
            if container.run is not None and container.run.running:
                container.run.end(137, "Error")

    def usage(self, pod: Obj) -> dict[str, Usage] | None:
        found: dict[str, Usage] = {}
        for container in self._containers:
            program = self._kubelet.images.program(container.image)
            if program is not None and container.run is not None and container.run.running:
                found[container.name] = program.usage(pod, container.spec, container.run.seconds())
        return found or None

    def check_memory(self) -> None:
        """What uses more memory than its limit is killed, as the kernel does."""
        pod = self._pod()
        used = self.usage(pod.obj) if pod is not None else None
        for container in self._containers:
            limit = container.spec.get("resources", {}).get("limits", {}).get("memory")
            usage, run = (used or {}).get(container.name), container.run
            if limit is None or usage is None or run is None or usage.bytes <= quantity(str(limit)):
                continue
            run.end(137, "OOMKilled")
            container.finish(run)
            self._write()
            if self._policy != "Never" and not self._stopping:
                self._plan_restart(container, run)

    def runs(self, name: str) -> tuple[Run | None, Run | None]:
        for container in (*self._init, *self._containers):
            if container.name == name:
                return container.run, container.previous
        return None, None

    def _sandbox_ready(self) -> None:
        self._sandbox = True
        if self._init:
            self._pull(self._init[0])
        else:
            self._start_all()

    def _start_all(self) -> None:
        for container in self._containers:
            self._pull(container)

    def _pull(self, container: Container) -> None:
        pod, image = self._pod(), container.image
        if pod is None or self._stopping:
            return
        images = self._kubelet.images
        policy = container.spec.get("imagePullPolicy")
        if images.program(image) is not None and policy != "Always" and images.present(self._node, image):
            text = f'Container image "{image}" already present on machine and can be accessed by the pod'
            self._say(pod, "Normal", "Pulled", text, container)
            self._create(container)
            return
        self._say(pod, "Normal", "Pulling", f'Pulling image "{image}"', container)
        if images.program(image) is None:
            self._after(self._timeline.jitter(0.4, 1.0), self._call(self._pull_failed, container))
        else:
            takes = self._timeline.jitter(0.6, 2.4)
            self._after(takes, self._call(self._pulled, container, takes))

    def _pulled(self, container: Container, took: float) -> None:
        pod, image = self._pod(), container.image
        if pod is None:
            return
        self._kubelet.images.pulled(self._node, image)
        shown = f"{took:.3f}s"
        size = self._kubelet.images.size(image)
        text = f'Successfully pulled image "{image}" in {shown} ({shown} including waiting). Image size: {size} bytes.'
        self._say(pod, "Normal", "Pulled", text, container)
        self._create(container)

    def _pull_failed(self, container: Container) -> None:
        pod, image = self._pod(), container.image
        if pod is None:
            return
        why = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        text = f'Failed to pull image "{image}": rpc error: code = NotFound desc = {why}'
        self._say(pod, "Warning", "Failed", text, container)
        self._say(pod, "Warning", "Failed", "Error: ErrImagePull", container)
        container.wait("ErrImagePull", f"rpc error: code = NotFound desc = {why}")
        self._write()
        container.pull_backoff = min(MOST_BACKOFF, container.pull_backoff * 2 or FIRST_BACKOFF)
        self._after(1.0, self._call(self._pull_backs_off, container, why))
        self._after(container.pull_backoff, self._call(self._pull, container))

    def _pull_backs_off(self, container: Container, why: str) -> None:
        pod = self._pod()
        if pod is None:
            return
        text = f'Back-off pulling image "{container.image}"'
        self._say(pod, "Normal", "BackOff", text, container)
        self._say(pod, "Warning", "Failed", "Error: ImagePullBackOff", container)
        container.wait("ImagePullBackOff", f"{text}: ErrImagePull: rpc error: code = NotFound desc = {why}")
        self._write()

    def _create(self, container: Container) -> None:
        """Run a container whose image is there."""
        pod, program = self._pod(), self._kubelet.images.program(container.image)
        if pod is None or program is None or self._stopping:
            return
        execution = self._execution(program, container)
        container.begin(Run(execution, container.restarts, self._timeline, self._timeline.moment()))
        self._say(pod, "Normal", "Created", "Container created", container)
        self._say(pod, "Normal", "Started", "Container started", container)
        probed = "readinessProbe" in container.spec
        if execution.ready_after is not None and execution.ready_after <= 0:
            container.ready = True
        elif execution.ready_after is not None:
            self._after(execution.ready_after, self._call(self._become_ready, container, container.run))
        if probed and not container.ready:
            probe = container.spec["readinessProbe"]
            wait = probe.get("initialDelaySeconds", 0) + probe.get("periodSeconds", 10) * self._timeline.jitter(0.2, 1)
            self._after(wait, self._call(self._probe, container, container.run))
        if execution.exit_after is not None:
            self._after(execution.exit_after, self._call(self._exit, container, container.run))
        self._write()

    def _execution(self, program: Program, container: Container) -> Execution:
        pod = self._pod()
        random = self._timeline.pace.random
        return program.execute(pod.obj if pod is not None else {}, container.spec, container.restarts, random)

    def _become_ready(self, container: Container, run: Run) -> None:
        if container.run is run and run.running and not self._stopping:
            container.ready = True
            self._write()

    def _probe(self, container: Container, run: Run) -> None:
        """Say that a container which runs is not ready, at each of its readiness probes."""
        pod = self._pod()
        if pod is None or container.run is not run or not run.running or container.ready:
            return
        self._say(pod, "Warning", "Unhealthy", container.probe_failure(self._facts["podIP"]), container)
        period = container.spec["readinessProbe"].get("periodSeconds", 10)
        self._after(period, self._call(self._probe, container, run))

    def _exit(self, container: Container, run: Run) -> None:
        pod = self._pod()
        if pod is None or container.run is not run or not run.running:
            return
        run.end(run.execution.exit_code, run.execution.reason)
        container.finish(run)
        self._write()
        if container in self._init and run.exit_code == 0:
            self._next_init(container)
        elif self._policy == "Always" or (self._policy == "OnFailure" and run.exit_code != 0):
            self._plan_restart(container, run)

    def _next_init(self, done: Container) -> None:
        following = self._init[self._init.index(done) + 1 :]
        if following:
            self._pull(following[0])
        else:
            for container in self._containers:
                container.wait("PodInitializing")
            self._start_all()

    def _plan_restart(self, container: Container, run: Run) -> None:
        """The first restart is at once, the next after 10 s, then 20 s, ... 300 s, as a kubelet's back-off has it."""
        if run.seconds() >= FORGIVEN_AFTER:
            container.backoff = 0.0
        wait = container.backoff
        container.backoff = min(MOST_BACKOFF, wait * 2 or FIRST_BACKOFF)
        soon = self._timeline.jitter(0.7, 1.3)
        if wait:
            self._after(soon, self._call(self._back_off, container, wait))
        self._after(max(wait, soon), self._call(self._restart, container))

    def _back_off(self, container: Container, wait: float) -> None:
        pod = self._pod()
        if pod is None:
            return
        name = f"{self._key[1]}_{self._key[0]}({self._uid})"
        container.crash_loop(f"back-off {_go_duration(wait)} restarting failed container={container.name} pod={name}")
        text = f"Back-off restarting failed container {container.name} in pod {name}"
        self._say(pod, "Warning", "BackOff", text, container)
        self._write()

    def _restart(self, container: Container) -> None:
        container.restarts += 1
        self._pull(container)

    def _stopped(self, container: Container, killed: bool) -> None:
        run = container.run
        if run is not None and run.running:
            run.end(137 if killed else 0, "Error" if killed else "Completed")
            container.finish(run)
        if not any(each.run is not None and each.run.running for each in (*self._init, *self._containers)):
            self._write()
            self._after(0.1, self._remove)

    def _remove(self) -> None:
        pod = self._pod()
        if pod is not None and not pod.obj["metadata"].get("finalizers"):
            self._kubelet.store.remove("pods", *self._key)

    def _write(self) -> None:
        """Store the pod's status as it is now."""
        pod = self._pod()
        if pod is None:
            return
        status = dict(pod.obj["status"])
        initialized = all(each.done for each in self._init)
        phase = pod_phase(self._init, self._containers, self._policy, stopping=self._stopping)
        status |= {"phase": phase, "hostIP": self._facts["hostIP"], "hostIPs": [{"ip": self._facts["hostIP"]}]}
        status["startTime"] = self._facts["startTime"]
        if self._sandbox:
            status |= {"podIP": self._facts["podIP"], "podIPs": [{"ip": self._facts["podIP"]}]}
        status["conditions"] = kubelet_conditions(
            status,
            initialized=initialized,
            sandbox=self._sandbox,
            not_ready=[each.name for each in self._containers if not each.ready],
            now=self._timeline.stamp(),
        )
        if self._init:
            status["initContainerStatuses"] = [each.status() for each in self._init]
        status["containerStatuses"] = [each.status() for each in self._containers]
        if status != pod.obj["status"]:
            self._kubelet.store.put("pods", {**pod.obj, "status": status})

    def _pod(self) -> Record | None:
        record = self._kubelet.store.get("pods", *self._key)
        return record if record is not None and record.uid == self._uid else None

    def _say(self, pod: Record, kind: str, reason: str, message: str, container: Container) -> None:
        where = "initContainers" if container in self._init else "containers"
        field = f"spec.{where}{{{container.name}}}"
        self._kubelet.events.record(pod.obj, kind, reason, message, "kubelet", host=self._node, field=field)

    def _after(self, seconds: float, call: Callable[[], None]) -> None:
        now = self._timeline.moment()
        self._timers = [timer for timer in self._timers if not timer.cancelled and timer.due >= now]
        self._timers.append(self._timeline.after(seconds, call))

    @staticmethod
    def _call(method: Callable[..., None], *arguments: object) -> Callable[[], None]:
        return lambda: method(*arguments)

    def _cancel(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()


def _go_duration(seconds: float) -> str:
    """Whole seconds as Go prints a duration: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
