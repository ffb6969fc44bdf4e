"""A runbook's critical alerts as Prometheus' own rules, and what of them an Alertmanager is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from cockpit.simulator.payments.bindings import Signal
from cockpit.simulator.prometheus import ROUNDED, Prometheus, Rule
from cockpit.simulator.receivers.alertmanager import Firing


def rules(
    prefix: str, service: str, bound: Iterable[Signal], speed: float, breaches: Mapping[str, str] | None = None
) -> list[Rule]:
    """One rule for each signal with a breach.

    Args:
        prefix: before the alerts' names, as `Payment`.
        speed: simulated seconds in a real one: how long a rule must hold is wall time.
        breaches: bounds by signal, for signals that have none of their own.
    """
    found = []
    for signal in bound:
        breach = signal.bounds.get("breach") or (breaches or {}).get(signal.id)
        if breach:
            summary = f"{signal.id} is {ROUNDED} {signal.unit}, {breach}"
            name = prefix + "".join(part.capitalize() for part in signal.id.split("-"))
            labels = {"service": service, "severity": "critical"}
            lasts = max(1, round(signal.lasts / speed))
            found.append(Rule(name, f"{signal.query} {breach}", lasts, labels, {"summary": summary}))
    return found


def firing(prometheus: Prometheus) -> list[Firing]:
    """What Prometheus tells its Alertmanager now: the alerts that fire, each since it began to."""
    told = []
    for rule in prometheus.rules.rules:
        for alert, described in zip(rule.alerts.values(), rule.described_alerts(), strict=True):
            if alert.firing:
                since = datetime.fromtimestamp(alert.since / 1000 + rule.duration, UTC)
                told.append(Firing(described["labels"], described["annotations"], since))
    return told
