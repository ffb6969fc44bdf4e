"""Scraping: targets that expose samples, and the stale markers for what they no longer expose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cockpit.simulator.prometheus.labels import NAME, Labels, labels
from cockpit.simulator.prometheus.numbers import rfc3339
from cockpit.simulator.prometheus.storage import Series, Storage

MetricType = Literal["counter", "gauge", "histogram", "unknown"]


_UP: Labels = ((NAME, "up"),)
_SWEEP = 500
_RETENTION = 3 * 3_600_000

Exposition = Iterable[tuple[Labels, float]]
"""What a target answers to one scrape: samples by their labels, the name among them."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that is scraped.

    `read` gives its exposition, or None when it does not answer; `labels` are added to each of its samples.
    """

    job: str
    instance: str
    read: Callable[[], Exposition | None]
    labels: Labels = ()

    @property
    def own_labels(self) -> dict[str, str]:
        """What its samples get, job and instance included."""
        return {**dict(self.labels), "instance": self.instance, "job": self.job}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a metric is, as its exposition would say."""

    type: MetricType
    help: str


class _State:
    """What is known of one target from its last scrape."""

    __slots__ = ("_full", "exposed", "scraped", "target", "up")

    def __init__(self, target: Target) -> None:
        self.target = target
        self.up = False
        self.scraped = 0
        self.exposed: dict[Labels, Series] = {}
        """The series of the samples of the last scrape, by their labels as exposed."""
        self._full: dict[Labels, Labels] = {}

    def labelled(self, metric: Labels) -> Labels:
        """The sample's labels with the target's; kept, because a sample may come and go."""
        full = self._full.get(metric)
        if full is None:
            full = self._full[metric] = labels({**dict(metric), **self.target.own_labels})
        return full


class Scraper:
    """Reads the targets that there are at the moment and appends what they expose.

    Args:
        storage: where the samples go.
        discover: the targets of this moment.
        interval: wall seconds between two scrapes, which the targets' description tells.
    """

    def __init__(self, storage: Storage, discover: Callable[[], Iterable[Target]], interval: float) -> None:
        self._storage = storage
        self._discover = discover
        self._states: dict[tuple[str, str], _State] = {}
        self._scrapes = 0
        self.interval = interval

    def scrape(self, time: int) -> None:
        """Scrape every target at `time` (milliseconds); series and targets that have gone end now."""
        states: dict[tuple[str, str], _State] = {}
        for target in self._discover():
            key = (target.job, target.instance)
            state = states[key] = self._states.get(key) or _State(target)
            state.target = target
            self._scrape(state, time)
        for key in self._states.keys() - states.keys():
            gone = self._states[key]
            _end(gone.exposed.values(), time)
            self._storage.end(gone.labelled(_UP), time)
        self._states = states
        self._scrapes += 1
        if self._scrapes % _SWEEP == 0:
            self._storage.forget(time - _RETENTION)

    def _scrape(self, state: _State, time: int) -> None:
        exposition = state.target.read()
        before, exposed = state.exposed, dict[Labels, Series]()
        for metric, value in exposition or ():
            series = exposed[metric] = before.get(metric) or self._storage.series(state.labelled(metric))
            series.append(time, value)
        _end((before[metric] for metric in before.keys() - exposed.keys()), time)
        state.up, state.scraped, state.exposed = exposition is not None, time, exposed
        self._storage.append(state.labelled(_UP), time, float(state.up))

    def described(self) -> list[dict[str, Any]]:
        """The targets as `/api/v1/targets` shows them."""
        every = f"{self.interval:g}s"
        return [_described(state, every) for state in self._states.values()]


def _end(series: Iterable[Series], time: int) -> None:
    for each in series:
        each.end(time)


def _described(state: _State, every: str) -> dict[str, Any]:
    target = state.target
    url = f"http://{target.instance}/metrics"
    discovered: Mapping[str, str] = {
        "__address__": target.instance,
        "__metrics_path__": "/metrics",
        "__scheme__": "http",
        "__scrape_interval__": every,
        "__scrape_timeout__": every,
        "job": target.job,
    }
    return {
        "discoveredLabels": dict(discovered),
        "labels": dict(labels(target.own_labels)),
        "scrapePool": target.job,
        "scrapeUrl": url,
        "globalUrl": url,
        "lastError": "" if state.up else f'Get "{url}": dial tcp {target.instance}: connect: connection refused',
        "lastScrape": rfc3339(state.scraped),
        "lastScrapeDuration": 0,
        "health": "up" if state.up else "down",
        "scrapeInterval": every,
        "scrapeTimeout": every,
    }
