"""What a board watches for one service, decided once from the configuration and the service's thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field

from cockpit.config import BasicAuth, Config, Earlier, EndpointConfig, HeaderValue, Secret, ServiceConfig, SqlSignal
from cockpit.runbook.model import Threshold
from cockpit.signal.thresholds.threshold import Rule


class ClusterPlan(Struct, frozen=True):
    """Where the service's pods are; `deployment` empty when none is configured."""

    context: str
    kubeconfig: Path | None
    namespace: str
    selector: str
    deployment: str = ""


class SignalPlan(Struct, frozen=True):
    """One signal: what it is called, its unit, and the PromQL, the SQL or the reading of pods that gives it.

    Attributes:
        baseline: how to ask what is normal for it; None where its threshold does not need that.
        increase: of a counter, the seconds over which its growth is the reading; None for what is no counter.
    """

    id: str
    title: str
    unit: str
    query: str
    baseline: Earlier | None = None
    increase: float | None = None


class SqlPlan(SignalPlan, frozen=True):
    """A signal that SQL reads, in `timeout` seconds at most."""

    timeout: float = 5.0


class DatabasePlan(Struct, frozen=True):
    """A PostgreSQL whose sessions are looked at, and whose signals are asked, every `interval` seconds."""

    name: str
    dsn: Secret
    interval: float
    statement_timeout: float
    signals: tuple[SqlPlan, ...] = ()


class MetricsPlan(Struct, frozen=True):
    """A Prometheus and what is asked of it every `interval` seconds."""

    name: str
    url: str
    interval: float
    token: Secret | None
    signals: tuple[SignalPlan, ...]
    basic: BasicAuth | None = None
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)


class AlertsPlan(Struct, frozen=True):
    """An Alertmanager, and the labels of the alerts that are asked for every `interval` seconds."""

    name: str
    url: str
    interval: float
    token: Secret | None
    match: Mapping[str, str]


class Plan(Struct, frozen=True):
    """Everything that a board watches. A part that is None is not configured, and off."""

    service: str
    cluster: ClusterPlan | None
    metrics: MetricsPlan | None
    rules: tuple[Rule, ...]
    """All thresholds in their order, with or without a signal."""
    alerts: AlertsPlan | None = None
    database: DatabasePlan | None = None
    endpoints: Mapping[str, EndpointConfig] = field(default_factory=dict)
    """What is asked whether it answers, by name."""
    pods: tuple[SignalPlan, ...] = ()
    """What is read of the pods."""
    latencies: tuple[SignalPlan, ...] = ()
    """The latencies of endpoints that count as signals."""


def plan(service: str, config: Config, thresholds: Iterable[Threshold]) -> Plan:
    """Decide what to watch for `service`.

    Args:
        thresholds: as `cockpit.runbook.thresholds` gives them: the runbook's, bound to the configuration's queries and
            overridden by it. One without any bound is a signal and nothing else.

    Raises:
        KeyError: the configuration has no such service.
    """
    known, given = config.services[service], list(thresholds)
    rules = [_rule(one) for one in given if one.warning or one.breach or not one.is_read]
    signals = [_signal(one, one.query) for one in given if one.query]
    return Plan(
        service,
        _cluster(config, known),
        _metrics(config, known, signals),
        tuple(rules),
        alerts_plan(config, known),
        database_plan(config, known, given),
        known.endpoints,
        tuple(_signal(one, one.pods) for one in given if one.pods),
        tuple(_signal(one, one.endpoint) for one in given if one.endpoint in known.endpoints),
    )


def _signal(threshold: Threshold, reads: str) -> SignalPlan:
    return SignalPlan(threshold.id, threshold.title, threshold.unit, reads, earlier(threshold))


def earlier(threshold: Threshold) -> Earlier | None:
    """How to ask what is normal, where that is not a number that stands there."""
    return threshold.baseline if isinstance(threshold.baseline, Earlier) else None


def _rule(threshold: Threshold) -> Rule:
    return Rule(
        id=threshold.id,
        title=threshold.title,
        unit=threshold.unit,
        warning=threshold.warning,
        breach=threshold.breach,
        for_=threshold.for_,
        healthy=threshold.healthy,
        clear=threshold.clear,
        keep_firing_for=threshold.keep_firing_for,
        baseline=threshold.baseline,
    )


def _cluster(config: Config, service: ServiceConfig) -> ClusterPlan | None:
    where = service.kubernetes
    if where is None:
        return None
    cluster = config.kubernetes[where.cluster]
    return ClusterPlan(cluster.context, cluster.kubeconfig, where.namespace, where.selector, where.deployment or "")


def _metrics(config: Config, service: ServiceConfig, signals: Iterable[SignalPlan]) -> MetricsPlan | None:
    if service.prometheus is None:
        return None
    source = config.prometheus[service.prometheus]
    return MetricsPlan(
        service.prometheus, source.url, source.interval, source.token, tuple(signals), source.basic, source.headers
    )


def database_plan(config: Config, service: ServiceConfig, thresholds: Iterable[Threshold]) -> DatabasePlan | None:
    """The PostgreSQL of a service, with those of its signals that SQL reads; None where none is configured."""
    if service.postgresql is None:
        return None
    known, usual = config.postgresql[service.postgresql], config.postgresql[service.postgresql].statement_timeout
    given = {id: signal for id, signal in service.signals.items() if isinstance(signal, SqlSignal)}
    signals = (_of_sql(one, one.sql, given.get(one.id), usual) for one in thresholds if one.sql)
    return DatabasePlan(service.postgresql, known.dsn, known.interval, usual, tuple(signals))


def _of_sql(threshold: Threshold, sql: str, given: SqlSignal | None, usual: float) -> SqlPlan:
    timeout, increase = (given.timeout, given.increase) if given else (None, None)
    return SqlPlan(
        threshold.id, threshold.title, threshold.unit, sql, earlier(threshold), increase, timeout=timeout or usual
    )


def alerts_plan(config: Config, service: ServiceConfig) -> AlertsPlan | None:
    """The Alertmanager of a service; None where none is configured."""
    if (of := service.alertmanager) is None:
        return None
    source = config.alertmanager[of.source]
    return AlertsPlan(of.source, source.url, source.interval, source.token, of.match)
