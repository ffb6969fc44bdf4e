"""Where each threshold of the order service's runbook has its value."""

from __future__ import annotations

from typing import Any

from cockpit.simulator.orders.manifests import DEPENDENCIES, PAYMENTS, PAYMENTS_PORT, SERVICE
from cockpit.simulator.payments.bindings import Signal

_OF = f'service="{SERVICE}"'
_MINUTE = "[20s]"
"""The queries' window in wall time: the sessions and their database are real, whatever the world's speed."""


def signals() -> list[Signal]:
    """All signals that the simulated service has; the runbook's chargebacks stay unbound."""
    every = f"sum(rate(http_requests_total{{{_OF}}}{_MINUTE}))"
    failed = f'sum(rate(http_requests_total{{{_OF},code=~"5.."}}{_MINUTE}))'
    buckets = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{_OF}}}{_MINUTE}))"
    return [
        Signal("error-rate", "percent", f"100 * {failed} / {every}", {"warning": "> 1", "breach": "> 5"}),
        Signal("p95", "seconds", f"histogram_quantile(0.95, {buckets})", {"breach": "> 1"}),
        Signal("health-checks", "count", "max(health_checks_failing)", {"breach": "> 0"}),
        Signal("stuck-orders", "count", "max(orders_stuck)", {"breach": "> 0"}),
        Signal("webhook-events", "count", "max(webhook_events_unprocessed)", {"warning": "> 0"}),
        Signal("slow-queries", "count", "max(pg_slow_queries)", {"warning": "> 0"}),
    ]


SQL = {
    "webhook-events": "SELECT count(*) FROM webhook_events WHERE processed_at IS NULL "
    "AND created_at < now() - interval '10 seconds'",
}
"""What the cockpit asks the database itself, beside the SQL of the runbook: the playbook's question
(order-service-playbook.md:76), with an age from which on an event counts."""
BY_RUNBOOK = ("stuck-orders", "slow-queries")
"""Thresholds that the runbook reads by SQL of its own."""


def endpoints() -> dict[str, Any]:
    """What the playbook looks at by hand: the payment service's health, and what the order service depends on."""
    health = {"http": f"http://{PAYMENTS}:{PAYMENTS_PORT}/health", "via": "service-proxy", "timeout": "3s"}
    asked = {name.removeprefix("tickettoken-"): f"{name}:{port}" for name, port in DEPENDENCIES.items()}
    return {"payments": health, **{name: {"tcp": address, "via": "pod"} for name, address in asked.items()}}
