"""What a kubelet does for one pod: create, start, watch, restart with back-off, and stop with grace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cockpit.simulator.cluster.kubelet.containers import FIRST_BACKOFF, MOST_BACKOFF, Container
from cockpit.simulator.cluster.kubelet.hostedpod import HostedPod
from cockpit.simulator.cluster.kubelet.pulling import Pulling
from cockpit.simulator.cluster.kubelet.runs import Run
from cockpit.simulator.cluster.quantities import quantity
from cockpit.simulator.cluster.store import Record
from cockpit.simulator.program import Execution, Program, Usage

if TYPE_CHECKING:
    from cockpit.simulator.cluster.kubelet.kubelet import Kubelet

Obj = dict[str, Any]

FORGIVEN_AFTER = 600.0
"""A container that ran so long starts again with no back-off."""


class PodWorker:
    """One pod on its node."""

    def __init__(self, kubelet: Kubelet, record: Record) -> None:
        self._kubelet = kubelet
        self._timeline = kubelet.timeline
        self._pod = HostedPod(kubelet, record)
        self._images = Pulling(kubelet, self._pod, self._create)

    def start(self) -> None:
        """Begin with a pod that has just been bound."""
        if self._pod.stopping or self._pod.record() is None:
            return
        host, address = self._kubelet.address(self._pod.node)
        self._pod.facts = {"hostIP": host, "podIP": address, "startTime": self._timeline.stamp()}
        for container in self._pod.all:
            container.wait("ContainerCreating" if not self._pod.init else "PodInitializing")
        self._pod.write()
        self._pod.after(self._timeline.jitter(0.3, 0.9), self._sandbox_ready)

    def adopt(self, started: float) -> None:
        """Take over a pod whose status already says that it runs."""
        pod = self._pod.record()
        if pod is None:
            return
        self._pod.sandbox = True
        status = pod.obj["status"]
        self._pod.facts = {key: status[key] for key in ("hostIP", "podIP", "startTime")}
        for container in self._pod.containers:
            program = self._kubelet.images.program(container.image)
            if program is not None:
                container.begin(Run(self._execution(program, container), 0, self._timeline, started))
                container.ready = True

    def stop(self) -> None:
        """End the pod as asked: SIGTERM, and SIGKILL when its grace is over."""
        pod = self._pod.record()
        if pod is None or self._pod.stopping:
            return
        self._pod.stopping = True
        self._pod.cancel()
        grace = float(pod.obj["metadata"].get("deletionGracePeriodSeconds", 30))
        running = self._pod.running
        for container in running:
            self._pod.say(pod, "Normal", "Killing", f"Stopping container {container.name}", container)
            assert container.run is not None
            takes = min(container.run.execution.stop_after, grace)
            killed = container.run.execution.stop_after > grace
            self._pod.after(takes, self._stopped, container, killed)
        if not running:
            self._pod.after(0.1, self._pod.remove)

    def discard(self) -> None:
        """The pod is gone."""
        self._pod.stopping = True
        self._pod.cancel()
        for container in self._pod.running:
            assert container.run is not None
            container.run.end(137, "Error")

    def usage(self, pod: Obj) -> dict[str, Usage] | None:
        """What each running container uses now, by its name; None when none runs."""
        found: dict[str, Usage] = {}
        for container in self._pod.containers:
            program = self._kubelet.images.program(container.image)
            if program is not None and container.run is not None and container.run.running:
                found[container.name] = program.usage(pod, container.spec, container.run.seconds())
        return found or None

    def check_memory(self) -> None:
        """What uses more memory than its limit is killed, as the kernel does."""
        pod = self._pod.record()
        used = self.usage(pod.obj) if pod is not None else None
        for container in self._pod.containers:
            limit = container.spec.get("resources", {}).get("limits", {}).get("memory")
            usage, run = (used or {}).get(container.name), container.run
            if limit is None or usage is None or run is None or usage.bytes <= quantity(str(limit)):
                continue
            run.end(137, "OOMKilled")
            container.finish(run)
            self._pod.write()
            if self._pod.policy != "Never" and not self._pod.stopping:
                self._plan_restart(container, run)

    def runs(self, name: str) -> tuple[Run | None, Run | None]:
        """The newest run of the container of that name, and the one before it."""
        for container in self._pod.all:
            if container.name == name:
                return container.run, container.previous
        return None, None

    def _sandbox_ready(self) -> None:
        self._pod.sandbox = True
        if self._pod.init:
            self._images.pull(self._pod.init[0])
        else:
            self._start_all()

    def _start_all(self) -> None:
        for container in self._pod.containers:
            self._images.pull(container)

    def _create(self, container: Container) -> None:
        """Run a container whose image is there."""
        pod, program = self._pod.record(), self._kubelet.images.program(container.image)
        if pod is None or program is None or self._pod.stopping:
            return
        execution = self._execution(program, container)
        container.begin(Run(execution, container.restarts, self._timeline, self._timeline.moment()))
        self._pod.say(pod, "Normal", "Created", "Container created", container)
        self._pod.say(pod, "Normal", "Started", "Container started", container)
        probed = "readinessProbe" in container.spec
        if execution.ready_after is not None and execution.ready_after <= 0:
            container.ready = True
        elif execution.ready_after is not None:
            self._pod.after(execution.ready_after, self._become_ready, container, container.run)
        if probed and not container.ready:
            probe = container.spec["readinessProbe"]
            wait = probe.get("initialDelaySeconds", 0) + probe.get("periodSeconds", 10) * self._timeline.jitter(0.2, 1)
            self._pod.after(wait, self._probe, container, container.run)
        if execution.exit_after is not None:
            self._pod.after(execution.exit_after, self._exit, container, container.run)
        self._pod.write()

    def _execution(self, program: Program, container: Container) -> Execution:
        pod = self._pod.record()
        random = self._timeline.pace.random
        return program.execute(pod.obj if pod is not None else {}, container.spec, container.restarts, random)

    def _become_ready(self, container: Container, run: Run) -> None:
        if container.run is run and run.running and not self._pod.stopping:
            container.ready = True
            self._pod.write()

    def _probe(self, container: Container, run: Run) -> None:
        """Say that a container which runs is not ready, at each of its readiness probes."""
        pod = self._pod.record()
        if pod is None or container.run is not run or not run.running or container.ready:
            return
        self._pod.say(pod, "Warning", "Unhealthy", container.probe_failure(self._pod.facts["podIP"]), container)
        period = container.spec["readinessProbe"].get("periodSeconds", 10)
        self._pod.after(period, self._probe, container, run)

    def _exit(self, container: Container, run: Run) -> None:
        pod = self._pod.record()
        if pod is None or container.run is not run or not run.running:
            return
        run.end(run.execution.exit_code, run.execution.reason)
        container.finish(run)
        self._pod.write()
        if container in self._pod.init and run.exit_code == 0:
            self._next_init(container)
        elif self._pod.policy == "Always" or (self._pod.policy == "OnFailure" and run.exit_code != 0):
            self._plan_restart(container, run)

    def _next_init(self, done: Container) -> None:
        following = self._pod.init[self._pod.init.index(done) + 1 :]
        if following:
            self._images.pull(following[0])
        else:
            for container in self._pod.containers:
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
            self._pod.after(soon, self._back_off, container, wait)
        self._pod.after(max(wait, soon), self._restart, container)

    def _back_off(self, container: Container, wait: float) -> None:
        pod = self._pod.record()
        if pod is None:
            return
        name = f"{self._pod.name}_{self._pod.namespace}({self._pod.uid})"
        container.crash_loop(f"back-off {_go_duration(wait)} restarting failed container={container.name} pod={name}")
        text = f"Back-off restarting failed container {container.name} in pod {name}"
        self._pod.say(pod, "Warning", "BackOff", text, container)
        self._pod.write()

    def _restart(self, container: Container) -> None:
        container.restarts += 1
        self._images.pull(container)

    def _stopped(self, container: Container, killed: bool) -> None:
        run = container.run
        if run is not None and run.running:
            run.end(137 if killed else 0, "Error" if killed else "Completed")
            container.finish(run)
        if not self._pod.running:
            self._pod.write()
            self._pod.after(0.1, self._pod.remove)


def _go_duration(seconds: float) -> str:
    """Whole seconds as Go prints a duration: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
