"""What the simulated Prometheus scrapes of the order service: the gateway, the cluster, and the real database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg

from cockpit.simulator.orders.manifests import CONTAINER, NAMESPACE, SERVICE
from cockpit.simulator.orders.traffic import Counters
from cockpit.simulator.payments.counters import sample_labels
from cockpit.simulator.payments.sight import Seen
from cockpit.simulator.prometheus import Exposition, Metadata, Target
from cockpit.simulator.prometheus.labels import Labels, labels

_QUERIES = {
    "orders_stuck": "SELECT count(*) FROM orders WHERE status = 'PENDING' "
    "AND created_at < now() - interval '30 minutes'",
    "webhook_events_unprocessed": "SELECT count(*) FROM webhook_events WHERE processed_at IS NULL "
    "AND created_at < now() - interval '10 seconds'",
    "pg_slow_queries": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
    "AND now() - query_start > interval '5 seconds'",
    "pg_sessions": "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'",
}  # fmt: skip
_HELP = {
    "orders_stuck": "Orders that are pending for more than 30 minutes.",
    "webhook_events_unprocessed": "Webhook events that nobody has processed.",
    "pg_slow_queries": "Queries that have been running for more than 5 seconds.",
    "pg_sessions": "Sessions of the service in its database.",
    "health_checks_failing": "Whether a new session cannot be had.",
}


class Exporters:
    """The targets, over what was last observed.

    Args:
        counters: of the gateway.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._pods: Sequence[Seen] = ()
        self._database: dict[str, float] = {}

    def observe(self, pods: Sequence[Seen]) -> None:
        """The pods as they are."""
        self._pods = pods

    async def measure(self, monitor: str, application: str) -> None:
        """Ask the database; what it does not answer is not exported."""
        try:
            async with await psycopg.AsyncConnection.connect(monitor, autocommit=True) as session:
                found = {name: await _number(session, query) for name, query in _QUERIES.items()}
        except psycopg.Error:
            self._database = {}
            return
        try:
            async with await psycopg.AsyncConnection.connect(application, connect_timeout=2):
                found["health_checks_failing"] = 0.0
        except psycopg.Error:
            found["health_checks_failing"] = 1.0
        self._database = found

    def targets(self) -> Iterator[Target]:
        """All targets of this moment."""
        yield Target("gateway", "gateway.ingress.svc:9090", lambda: list(self._gateway()))
        yield Target("kube-state-metrics", "kube-state-metrics.kube-system.svc:8080", lambda: list(self._cluster()))
        name = labels({"pod": "tickettoken-postgres-0"})
        yield Target("postgresql", "tickettoken-postgres:9187", self._asked, name)

    def _asked(self) -> Exposition | None:
        return [(sample_labels(name), value) for name, value in self._database.items()] or None

    def _gateway(self) -> Iterator[tuple[Labels, float]]:
        for code, count in self._counters.codes.items():
            yield sample_labels("http_requests_total", service=SERVICE, code=str(code)), float(count)
        yield from self._counters.durations.samples()

    def _cluster(self) -> Iterator[tuple[Labels, float]]:
        for pod in self._pods:
            of = {"namespace": NAMESPACE, "pod": pod.name, "container": CONTAINER}
            yield sample_labels("kube_pod_container_status_restarts_total", **of), float(pod.restarts)
            yield sample_labels("kube_pod_status_ready", condition="true", **of), float(pod.ready)


async def _number(session: psycopg.AsyncConnection[tuple[object, ...]], query: str) -> float:
    row = await (await session.execute(query.encode())).fetchone()
    return float(str(row[0])) if row else 0.0


def described() -> dict[str, Metadata]:
    """Type and help of each metric, by name."""
    found = {name: Metadata("gauge", text) for name, text in _HELP.items()}
    return found | {
        "http_requests_total": Metadata("counter", "Requests that the gateway handled, by status."),
        "http_request_duration_seconds": Metadata("histogram", "Seconds from a request to its answer."),
        "kube_pod_container_status_restarts_total": Metadata("counter", "Restarts of a container."),
        "kube_pod_status_ready": Metadata("gauge", "Whether a pod is ready."),
    }
