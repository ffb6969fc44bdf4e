"""What there is to scrape: gateway, checkout, each pod, kubelets, kube-state-metrics, PostgreSQL's exporter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.counters import sample_labels
from cockpit.simulator.payments.exposition import text
from cockpit.simulator.payments.program import PaymentProgram
from cockpit.simulator.payments.service import HOLDS, PaymentService
from cockpit.simulator.payments.sight import NAMESPACE, SERVICE, Scene, Seen
from cockpit.simulator.prometheus import Exposition, Metadata, Target
from cockpit.simulator.prometheus.labels import Labels, labels
from cockpit.simulator.prometheus.scrape import MetricType

MAX_CONNECTIONS = 200
_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")


class Exporters:
    """The targets of the simulated Prometheus, over what was last observed.

    The world may go faster than the clock, but its customers and CPUs seem not to: what is counted as time passes is
    divided by the speed, so that a rate over wall time reads as it would at speed 1. Restarts are events: they stay
    whole.
    """

    def __init__(self, pace: Pace, program: PaymentProgram, service: PaymentService) -> None:
        self._pace = pace
        self._program = program
        self._service = service
        self._scene = Scene([], [], [])
        self._cores: dict[str, float] = {}
        program.metrics = self.metrics

    def observe(self, scene: Scene, seconds: float) -> None:
        """Take `scene` for what there is now, `seconds` of simulated time after the last one."""
        self._scene = scene
        running = [pod for pod in (*scene.pods, *scene.database) if pod.run and pod.usage]
        self._cores = {
            pod.run: self._cores.get(pod.run, 0.0) + (pod.usage.cores * self._pace.real(seconds) if pod.usage else 0.0)
            for pod in running
        }

    def targets(self) -> Iterator[Target]:
        """All targets of this moment."""
        service = labels({"namespace": NAMESPACE})
        yield Target("gateway", "gateway.ingress.svc:9090", lambda: self._slowed(self._service.gateway()), service)
        yield Target("checkout", "checkout.shop.svc:9090", lambda: self._slowed(self._service.checkout()))
        yield Target("kube-state-metrics", "kube-state-metrics.kube-system.svc:8080", self._cluster_state)
        everything = [pod for pod in (*self._scene.pods, *self._scene.database) if pod.node]
        for node in sorted({pod.node for pod in everything}):
            pods = [pod for pod in everything if pod.node == node]
            yield Target("kubelet", f"{node}:10250", partial(self._containers, pods), labels({"node": node}))
        for pod in self._scene.pods:
            if pod.ip and pod.phase == "Running":
                read = partial(self._application, pod)
                yield Target(SERVICE, f"{pod.ip}:8080", read, labels({"namespace": pod.namespace, "pod": pod.name}))
        for pod in self._scene.database:
            yield Target("postgresql", f"{pod.ip}:9187", partial(self._postgresql, pod), labels({"pod": pod.name}))

    def metrics(self, name: str) -> str:
        """What a payment pod's /metrics shows; nothing while its container was not yet seen."""
        pod = next((each for each in self._scene.pods if each.name == name), None)
        return text((self._application(pod) if pod is not None else None) or (), described())

    def _slowed(self, samples: Exposition) -> Exposition:
        return ((metric, value / self._pace.speed) for metric, value in samples)

    def _application(self, pod: Seen) -> Exposition | None:
        """A payment container's own metrics; None while none runs."""
        if not pod.run or pod.usage is None:
            return None
        pool, active = float(self._program.pool(pod.name)), float(round(self._active(pod)))
        return [
            (sample_labels("db_connection_errors_total"), float(self._service.database_errors(pod.name))),
            (sample_labels("db_pool_connections", state="active"), active),
            (sample_labels("db_pool_connections", state="idle"), min(5.0, pool - active)),
            (sample_labels("db_pool_connections_max"), pool),
            (sample_labels("payment_service_build_info", version=pod.image.rpartition(":")[2]), 1.0),
            (sample_labels("process_cpu_seconds_total"), self._cores.get(pod.run, 0.0)),
            (sample_labels("process_resident_memory_bytes"), float(pod.usage.bytes)),
        ]

    def _active(self, pod: Seen) -> float:
        """Connections that are busy."""
        return min(self._program.pool(pod.name), self._service.load(pod.name) * HOLDS)

    def _containers(self, pods: Iterable[Seen]) -> Iterator[tuple[Labels, float]]:
        """A kubelet's cAdvisor."""
        for pod in pods:
            if pod.run and pod.usage is not None:
                yield sample_labels("container_memory_working_set_bytes", **pod.labels), float(pod.usage.bytes)
                yield sample_labels("container_cpu_usage_seconds_total", **pod.labels), self._cores.get(pod.run, 0.0)

    def connections(self) -> int:
        """How many connections the database has now."""
        return sum(self._connections())

    def _connections(self) -> tuple[int, int]:
        """Those that are busy, and those that the services' pools keep open besides."""
        clients = [each for each in self._scene.pods if each.run]
        return round(sum(map(self._active, clients))), 5 * len(clients)

    def _postgresql(self, pod: Seen) -> Exposition | None:
        """postgres_exporter beside the database."""
        if not pod.ready:
            return None
        active, idle = self._connections()
        return [
            (sample_labels("pg_up"), 1.0),
            (sample_labels("pg_settings_max_connections"), float(MAX_CONNECTIONS)),
            (sample_labels("pg_stat_activity_count", datname="payments", state="active"), float(active)),
            (sample_labels("pg_stat_activity_count", datname="payments", state="idle"), float(idle)),
        ]

    def _cluster_state(self) -> Iterator[tuple[Labels, float]]:
        for pod in (*self._scene.pods, *self._scene.database):
            yield from _pod_state(pod)
        for deployment in self._scene.deployments:
            status = deployment.get("status", {})
            of = {"namespace": NAMESPACE, "deployment": deployment["metadata"]["name"]}
            yield sample_labels("kube_deployment_spec_replicas", **of), float(deployment["spec"]["replicas"])
            for name in ("available", "ready", "updated", "unavailable"):
                value = float(status.get(f"{name}Replicas", 0))
                yield sample_labels(f"kube_deployment_status_replicas_{name}", **of), value


def _pod_state(pod: Seen) -> Iterator[tuple[Labels, float]]:
    of = {"namespace": pod.namespace, "pod": pod.name}
    yield sample_labels("kube_pod_container_status_restarts_total", **pod.labels), float(pod.restarts)
    yield sample_labels("kube_pod_status_ready", condition="true", **of), float(pod.ready)
    for phase in _PHASES:
        yield sample_labels("kube_pod_status_phase", phase=phase, **of), float(pod.phase == phase)
    for resource, unit in (("cpu", "core"), ("memory", "byte")):
        if resource in pod.limits:
            name = "kube_pod_container_resource_limits"
            yield sample_labels(name, resource=resource, unit=unit, node=pod.node, **pod.labels), pod.limits[resource]
    if pod.waiting:
        yield sample_labels("kube_pod_container_status_waiting_reason", reason=pod.waiting, **pod.labels), 1.0


_DESCRIBED: list[tuple[str, MetricType, str]] = [
    ("http_requests_total", "counter", "Requests that the gateway handled, by pod and status."),
    ("http_request_duration_seconds", "histogram", "Seconds from a request to its answer, at the gateway."),
    ("payments_total", "counter", "Payments that customers tried, by result and method."),
    ("db_connection_errors_total", "counter", "Failed connections to the database."),
    ("db_pool_connections", "gauge", "Connections in the pool, by state."),
    ("db_pool_connections_max", "gauge", "Connections that the pool may hold."),
    ("payment_service_build_info", "gauge", "The running version."),
    ("process_cpu_seconds_total", "counter", "CPU time of the process."),
    ("process_resident_memory_bytes", "gauge", "Resident memory of the process."),
    ("container_memory_working_set_bytes", "gauge", "Working set of a container."),
    ("container_cpu_usage_seconds_total", "counter", "CPU time of a container."),
    ("pg_up", "gauge", "Whether the database answers its exporter."),
    ("pg_settings_max_connections", "gauge", "Connections that the database allows."),
    ("pg_stat_activity_count", "gauge", "Connections to the database, by state."),
    ("kube_deployment_spec_replicas", "gauge", "Wanted replicas of a deployment."),
    ("kube_deployment_status_replicas_available", "gauge", "Available replicas of a deployment."),
    ("kube_deployment_status_replicas_ready", "gauge", "Ready replicas of a deployment."),
    ("kube_deployment_status_replicas_unavailable", "gauge", "Unavailable replicas of a deployment."),
    ("kube_deployment_status_replicas_updated", "gauge", "Replicas of a deployment's newest template."),
    ("kube_pod_container_resource_limits", "gauge", "Resource limits of a container."),
    ("kube_pod_container_status_restarts_total", "counter", "Restarts of a container."),
    ("kube_pod_container_status_waiting_reason", "gauge", "Why a container waits."),
    ("kube_pod_status_phase", "gauge", "A pod's phase."),
    ("kube_pod_status_ready", "gauge", "Whether a pod is ready."),
]


def described() -> dict[str, Metadata]:
    """Type and help of each metric, by name."""
    return {name: Metadata(kind, text) for name, kind, text in _DESCRIBED}
