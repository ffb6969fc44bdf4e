"""What a board watches for one service, decided once from the configuration and the runbook's thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.config import Config, Secret, ServiceConfig, ThresholdOverride
from cockpit.runbook.model import Threshold
from cockpit.signal.threshold import Rule


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """Where the service's pods are; `deployment` empty when none is configured."""

    context: str
    kubeconfig: Path | None
    namespace: str
    selector: str
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class SignalPlan:
    """One signal: what it is called, its unit, and the PromQL that reads it."""

    id: str
    title: str
    unit: str
    query: str


@dataclass(frozen=True, slots=True)
class MetricsPlan:
    """A Prometheus and what is asked of it every `interval` seconds."""

    name: str
    url: str
    interval: float
    token: Secret | None
    signals: tuple[SignalPlan, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a board watches. A part that is None is not configured, and off."""

    service: str
    cluster: ClusterPlan | None
    metrics: MetricsPlan | None
    rules: tuple[Rule, ...]
    """All thresholds in the runbook's order, with or without a signal."""


def plan(service: str, config: Config, thresholds: Iterable[Threshold]) -> Plan:
    """Decide what to watch for `service`: the runbook's `thresholds` with the configuration's overrides and queries.

    Raises:
        KeyError: the configuration has no such service.
    """
    known = config.services[service]
    given = {threshold.id: threshold for threshold in thresholds}
    rules = tuple(_rule(threshold, known.thresholds.get(threshold.id)) for threshold in given.values())
    own = tuple(
        _own_rule(id, known, override) for id, override in known.thresholds.items() if id not in given
    )  # fmt: skip
    return Plan(service, _cluster(config, known), _metrics(config, known, given), rules + own)


def _rule(threshold: Threshold, override: ThresholdOverride | None) -> Rule:
    """A runbook's threshold; what the configuration says of it stands before what the runbook says."""
    over = override or ThresholdOverride()
    return Rule(
        id=threshold.id,
        title=threshold.title,
        unit=threshold.unit,
        warning=over.warning or threshold.warning,
        breach=over.breach or threshold.breach,
        for_=threshold.for_ if over.for_ is None else over.for_,
        healthy=threshold.healthy,
    )


def _own_rule(id: str, service: ServiceConfig, override: ThresholdOverride) -> Rule:
    """A threshold that only the configuration has."""
    signal = service.signals.get(id)
    unit = signal.unit if signal else "count"
    return Rule(id, _title(id), unit, override.warning, override.breach, override.for_ or 0.0)


def _cluster(config: Config, service: ServiceConfig) -> ClusterPlan | None:
    where = service.kubernetes
    if where is None:
        return None
    cluster = config.kubernetes[where.cluster]
    return ClusterPlan(
        cluster.context, cluster.kubeconfig, where.namespace, where.selector, where.deployment or ""
    )  # fmt: skip


def _metrics(config: Config, service: ServiceConfig, thresholds: Mapping[str, Threshold]) -> MetricsPlan | None:
    """The service's Prometheus with every query: the configuration's, else the one that the runbook brings."""
    if service.prometheus is None:
        return None
    source = config.prometheus[service.prometheus]
    signals: list[SignalPlan] = []
    for id in dict.fromkeys([*thresholds, *service.signals]):
        threshold, signal = thresholds.get(id), service.signals.get(id)
        query = signal.query if signal else threshold.query if threshold else None
        unit = threshold.unit if threshold else signal.unit if signal else ""
        if query:
            signals.append(SignalPlan(id, threshold.title if threshold else _title(id), unit, query))
    return MetricsPlan(service.prometheus, source.url, source.interval, source.token, tuple(signals))


def _title(id: str) -> str:
    """A name for people from an identifier."""
    return id.replace("-", " ").replace("_", " ")
