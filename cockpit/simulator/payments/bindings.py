"""Where each threshold of the payment runbook has its value: the queries and their windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cockpit.simulator.payments.sight import CONTAINER, DATABASE_NAMESPACE, NAMESPACE, SERVICE

_OF_PODS = f'namespace="{NAMESPACE}",pod=~"{SERVICE}-.*",container="{CONTAINER}"'
_OF_SERVICE = f'service="{SERVICE}"'


@dataclass(frozen=True, slots=True)
class Signal:
    """A runbook's threshold bound to a query; `bounds` by state, `lasts` simulated seconds before it counts."""

    id: str
    unit: str
    query: str
    bounds: dict[str, str]
    lasts: float = 0.0


def window(seconds: float, speed: float) -> int:
    """Wall seconds in which `seconds` of the simulated world pass, at least 5: the queries' windows are wall time."""
    return max(5, round(seconds / speed))


def signals(speed: float) -> list[Signal]:
    """All signals, with windows that fit the world's speed.

    The bounds are those of the payment runbook: "quick metrics review", "critical alerts" and the P1 criteria.
    """
    minute, five, ten = (f"[{window(seconds, speed)}s]" for seconds in (60, 300, 600))
    return [*_of_requests(minute), *_of_resources(minute), *_of_events(five, ten)]


def endpoints() -> dict[str, Any]:
    """The service's health, and what it depends on in the cluster."""
    health = {
        "http": f"http://{SERVICE}:3006/health", "via": "service-proxy", "timeout": "3s", "warning": "1s",
        "json": {"path": "$.status", "equals": "ok"},
    }  # fmt: skip
    dependencies = {"redis": 6379, "rabbitmq": 5672, "postgresql": 5432}
    asked = {name: f"{name}.{DATABASE_NAMESPACE}:{port}" for name, port in dependencies.items()}
    return {"health": health, **{name: {"tcp": address, "via": "pod"} for name, address in asked.items()}}


def _of_requests(minute: str) -> list[Signal]:
    """What customers meet, at the gateway and the checkout."""
    every = f"sum(rate(http_requests_total{{{_OF_SERVICE}}}{minute}))"
    failed = f'sum(rate(http_requests_total{{{_OF_SERVICE},code=~"5.."}}{minute}))'
    through = f'sum(rate(http_requests_total{{{_OF_SERVICE},code="502"}}{minute}))'
    served = f'sum(rate(http_requests_total{{{_OF_SERVICE},code!~"5.."}}{minute}))'
    buckets = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{_OF_SERVICE}}}{minute}))"
    paid, tried = (f"sum(rate(payments_total{which}{minute}))" for which in ('{result="success"}', ""))
    return [
        Signal("error-rate", "percent", f"100 * {failed} / {every}", {"warning": "> 1", "breach": "> 5"}, 30),
        Signal("p95", "seconds", f"histogram_quantile(0.95, {buckets})", {"warning": "> 0.5", "breach": "> 2"}, 30),
        Signal("throughput", "per-minute", f"60 * {served}", {"warning": "< 500"}, 60),
        Signal("success-rate", "percent", f"100 * {paid} / {tried}", {"breach": "< 95"}, 30),
        Signal("gateway-errors", "percent", f"100 * ({through} or 0 * {every}) / {every}", {"breach": "> 5"}, 30),
    ]


def _of_resources(minute: str) -> list[Signal]:
    """What the worst pod uses of its limits."""
    memory = _of_limit(f"container_memory_working_set_bytes{{{_OF_PODS}}}", "memory")
    cpu = _of_limit(f"rate(container_cpu_usage_seconds_total{{{_OF_PODS}}}{minute})", "cpu")
    return [
        Signal("memory", "percent", f"100 * max({memory})", {"warning": "> 80", "breach": "> 85"}, 60),
        Signal("cpu", "percent", f"100 * max({cpu})", {"warning": "> 70"}, 60),
    ]


def _of_events(five: str, ten: str) -> list[Signal]:
    """What should hardly ever happen, counted over the last minutes."""
    restarts = f"kube_pod_container_status_restarts_total{{{_OF_PODS}}}"
    errors = f'db_connection_errors_total{{namespace="{NAMESPACE}"}}'
    return [
        # only pods that are still there: the restarts of a deleted one would count for ten minutes more
        Signal("restarts", "count", f"max(increase({restarts}{ten}) and {restarts})", {"breach": "> 3"}),
        Signal("db-connection-errors", "count", f"sum(increase({errors}{five}))", {"breach": "> 0"}),
    ]


def _of_limit(used: str, resource: str) -> str:
    limits = f'kube_pod_container_resource_limits{{{_OF_PODS},resource="{resource}"}}'
    return f"{used} / on (namespace, pod, container) {limits}"
