"""Alerting rules: evaluated after each scrape; pending until they have held for their `duration`, then firing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cockpit.simulator.prometheus.evaluate import Evaluation
from cockpit.simulator.prometheus.labels import Labels, labels, without_name
from cockpit.simulator.prometheus.numbers import rfc3339, written
from cockpit.simulator.prometheus.parser import parse
from cockpit.simulator.prometheus.storage import Storage
from cockpit.simulator.prometheus.values import Sample


@dataclass(slots=True)
class Alert:
    """One series of a rule that holds: since when and with which value."""

    since: int
    value: float
    firing: bool


ROUNDED = '{{ $value | printf "%.3g" }}'


def _filled(text: str, value: float) -> str:
    """An annotation with the value in it, of what Prometheus' templates can do."""
    return text.replace("{{ $value }}", written(value)).replace(ROUNDED, f"{value:.3g}")


@dataclass(slots=True)
class Rule:
    """An alerting rule.

    `query` gives the series for which it holds; `duration` is in seconds of wall time; in annotations `{{ $value }}` is
    the series' value, and ROUNDED the same in three digits.
    """

    name: str
    query: str
    duration: float
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    alerts: dict[Labels, Alert] = field(default_factory=dict)

    def evaluate(self, storage: Storage, time: int) -> None:
        """Bring `alerts` to what holds at `time` (milliseconds)."""
        value = Evaluation(storage, parse(self.query)).at(time)
        holding = [sample for sample in value if isinstance(sample, Sample)] if isinstance(value, list) else []
        before, self.alerts = self.alerts, {}
        for sample in holding:
            metric = without_name(sample.labels)
            since = before[metric].since if metric in before else time
            self.alerts[metric] = Alert(since, sample.value, firing=time - since >= self.duration * 1000)

    @property
    def state(self) -> str:
        """The worst of its alerts' states."""
        if any(alert.firing for alert in self.alerts.values()):
            return "firing"
        return "pending" if self.alerts else "inactive"

    def described_alerts(self) -> list[dict[str, Any]]:
        """Its alerts as `/api/v1/alerts` shows them."""
        return [
            {
                "labels": dict(labels({**dict(metric), "alertname": self.name, **self.labels})),
                "annotations": {key: _filled(text, alert.value) for key, text in self.annotations.items()},
                "state": "firing" if alert.firing else "pending",
                "activeAt": rfc3339(alert.since),
                "value": written(alert.value),
            }
            for metric, alert in self.alerts.items()
        ]


class RuleGroup:
    """Rules that are evaluated together, every `interval` seconds of wall time."""

    def __init__(self, name: str, rules: Sequence[Rule], interval: float) -> None:
        self.name = name
        self.rules = rules
        self.interval = interval
        self.evaluated: int | None = None

    def evaluate(self, storage: Storage, time: int) -> None:
        """Evaluate all rules at `time` (milliseconds)."""
        for rule in self.rules:
            rule.evaluate(storage, time)
        self.evaluated = time

    def described(self) -> dict[str, Any]:
        """The group as `/api/v1/rules` shows it."""
        last = rfc3339(self.evaluated or 0)
        rules = [
            {
                "state": rule.state,
                "name": rule.name,
                "query": rule.query,
                "duration": rule.duration,
                "keepFiringFor": 0,
                "labels": dict(rule.labels),
                "annotations": dict(rule.annotations),
                "alerts": rule.described_alerts(),
                "health": "ok",
                "evaluationTime": 0,
                "lastEvaluation": last,
                "type": "alerting",
            }
            for rule in self.rules
        ]
        common = {"interval": self.interval, "limit": 0, "evaluationTime": 0, "lastEvaluation": last}
        return {"name": self.name, "file": "rules.yml", "rules": rules, **common}
