"""The sources of one service, made from what is configured for it: which there are, and which part each keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.signal.alertmanager.source import AlertsSource
from cockpit.signal.changes import Change
from cockpit.signal.cluster.podsignals import PodSignals
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.cluster.usage import UsageSource
from cockpit.signal.endpoint.latency import Latencies
from cockpit.signal.endpoint.source import PART as ENDPOINTS
from cockpit.signal.endpoint.source import EndpointsSource
from cockpit.signal.foreign.source import ForeignSource
from cockpit.signal.plan import Plan
from cockpit.signal.postgres.source import PostgresSource
from cockpit.signal.prometheus.source import PrometheusSource
from cockpit.signal.readings import Round
from cockpit.signal.source import Part, SignalSource, Source


class Hearer(Struct, frozen=True):
    """What sources call, always on the event loop, with the part that it is about.

    Attributes:
        touch: something changed.
        take: a round of readings came.
        hear: a source that judges by itself looked again, and found these changes.
    """

    touch: Callable[[str], None]
    take: Callable[[str, Round], None]
    hear: Callable[[str, Iterable[Change]], None]


class Sources:
    """Every source of a plan; None for what is not configured. Nothing is opened before a source runs.

    Attributes:
        readers: those that read signals, in the order in which people should read them.
        every: all of them, in that order.
        of: the source of each part.
        parts: what is known of each part, by its id.
        reads: the part that each signal is read by.
        gaps: seconds after which a reading of each signal no longer counts.
    """

    def __init__(self, plan: Plan, clock: Clock, hearer: Hearer) -> None:
        touch, take = hearer.touch, hearer.take
        self.cluster = cluster = ClusterSource(plan.cluster, clock, touch) if plan.cluster else None
        self.usage = _usage(plan, cluster, clock, partial(touch, "usage"))
        alerts, metrics, base = plan.alerts, plan.metrics, plan.database
        self.alerts = AlertsSource(alerts, clock, partial(touch, "alerts")) if alerts else None
        self.database = PostgresSource(base, clock, partial(take, "database")) if base else None
        asked, hear = plan.endpoints, partial(hearer.hear, ENDPOINTS)
        self.endpoints = endpoints = EndpointsSource(asked, clock, cluster, hear) if asked else None
        owned = cluster if plan.cluster and plan.cluster.deployment else None
        self.foreign = ForeignSource(owned, clock, partial(touch, "changes")) if owned else None
        readers = (
            PrometheusSource(metrics, clock, partial(take, "signals")) if metrics else None,
            self.database,
            PodSignals(plan.pods, cluster, clock, partial(take, "pod-signals")) if plan.pods and cluster else None,
            Latencies(plan.latencies, endpoints, clock, partial(take, "latencies"))
            if plan.latencies and endpoints
            else None,
        )
        self.readers: list[SignalSource] = [each for each in readers if each]
        every = (cluster, self.usage, self.foreign, *self.readers, endpoints, self.alerts)
        self.every: list[Source] = [each for each in every if each]
        self.of = {part: source for source in self.every for part in source.parts}
        self.parts: Mapping[str, Part] = {part: source.parts[part] for part, source in self.of.items()}
        read = [(reading.id, source) for source in self.readers for reading in source.readings()]
        self.reads: Mapping[str, str] = {id: next(iter(source.parts)) for id, source in read}
        self.gaps: Mapping[str, float] = {id: source.gap for id, source in read}


def _usage(plan: Plan, cluster: ClusterSource | None, clock: Clock, changed: Callable[[], None]) -> UsageSource | None:
    """What the pods use is asked once they are known, or cannot be."""
    if plan.cluster is None or cluster is None:
        return None
    return UsageSource(plan.cluster, lambda: cluster.settled, clock, changed)
