"""Where each threshold of Churn Saver's runbook has its value, and the exporters that it comes from."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from cockpit.simulator.churn.work import Work
from cockpit.simulator.payments.bindings import Signal
from cockpit.simulator.payments.counters import sample_labels
from cockpit.simulator.prometheus import Exposition, Metadata, Target
from cockpit.simulator.prometheus.labels import Labels

SERVICE = "churn-saver"
_OF = f'service="{SERVICE}"'
_WINDOW = "[20s]"
"""Wall time: the application and its database are real, whatever the world's speed."""

BREACHES = {
    "webhook-stopped": "> 900",
    "webhook-success-rate": "< 90",
    "webhook-backlog": "> 100",
    "scheduler-stopped": "> 1800",
    "job-backlog": "> 100",
    "delivery-rate": "< 80",
    "response-time": "> 10",
    "error-rate": "> 5",
    "slow-queries": "> 0",
}
"""What its Prometheus alerts of: the runbook's bounds."""

_QUERIES = {
    "webhook_seconds_since_processed": "SELECT coalesce(extract(epoch FROM now() - max(processed_at)), 0) FROM events",
    "webhook_backlog": "SELECT count(*) FROM events WHERE processed_at IS NULL",
    "webhook_success_percent": "SELECT coalesce(100.0 * count(processed_at) / nullif(count(*), 0), 100) FROM events "
    "WHERE created_at > now() - interval '20 minutes'",
    "scheduler_seconds_since_run": "SELECT extract(epoch FROM now() - max(finished_at)) FROM scheduler_runs",
    "job_backlog": "SELECT count(*) FROM job_queue WHERE status = 'pending'",
    "delivery_percent": "SELECT coalesce(100.0 * count(*) FILTER (WHERE status = 'done') / nullif(count(*), 0), 100) "
    "FROM job_queue WHERE created_at > now() - interval '30 minutes'",
    "pg_active_sessions": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'",
    "pg_slow_queries": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
    "AND now() - query_start > interval '30 seconds'",
}  # fmt: skip


def signals() -> list[Signal]:
    """All signals that the simulated application has; the bounds are the runbook's."""
    every = f"sum(rate(http_requests_total{{{_OF}}}{_WINDOW}))"
    failed = f'sum(rate(http_requests_total{{{_OF},code=~"5.."}}{_WINDOW}))'
    buckets = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{_OF}}}{_WINDOW}))"
    return [
        Signal("webhook-stopped", "seconds", "max(webhook_seconds_since_processed)", {}),
        Signal("webhook-success-rate", "percent", "min(webhook_success_percent)", {}),
        Signal("webhook-backlog", "count", "max(webhook_backlog)", {}),
        Signal("scheduler-stopped", "seconds", "max(scheduler_seconds_since_run)", {}),
        Signal("job-backlog", "count", "max(job_backlog)", {}),
        Signal("delivery-rate", "percent", "min(delivery_percent)", {}),
        Signal("response-time", "seconds", f"histogram_quantile(0.95, {buckets})", {}),
        Signal("error-rate", "percent", f"100 * {failed} / {every}", {}),
        Signal("db-connections", "count", "max(pg_active_sessions)", {}),
        Signal("slow-queries", "count", "max(pg_slow_queries)", {}),
    ]


class Exporters:
    """The targets, over what was last measured."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._database: dict[str, float] = {}

    async def measure(self, monitor: str) -> None:
        """Ask the database; what it does not answer is not exported."""
        try:
            async with await psycopg.AsyncConnection.connect(monitor, autocommit=True) as session:
                self._database = {name: await _number(session, query) for name, query in _QUERIES.items()}
        except psycopg.Error:
            self._database = {}

    def targets(self) -> Iterator[Target]:
        """All targets of this moment."""
        yield Target(SERVICE, "churn-saver:443", lambda: list(self._application()))
        yield Target("postgresql", "churn-saver-db:9187", self._asked)

    def _asked(self) -> Exposition | None:
        return [(sample_labels(name), value) for name, value in self._database.items()] or None

    def _application(self) -> Iterator[tuple[Labels, float]]:
        for code, count in self._work.codes.items():
            yield sample_labels("http_requests_total", service=SERVICE, code=str(code)), float(count)
        yield from self._work.durations.samples()


async def _number(session: psycopg.AsyncConnection[tuple[object, ...]], query: str) -> float:
    row = await (await session.execute(query.encode())).fetchone()
    return float(str(row[0])) if row and row[0] is not None else 0.0


def described() -> dict[str, Metadata]:
    """Type and help of each metric, by name."""
    return {name: Metadata("gauge", f"Answer of: {query}") for name, query in _QUERIES.items()} | {
        "http_requests_total": Metadata("counter", "Webhooks received, by the status that they got."),
        "http_request_duration_seconds": Metadata("histogram", "Seconds from a webhook to its answer."),
    }
