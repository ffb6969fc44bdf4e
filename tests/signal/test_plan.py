"""What a board watches: each threshold with all that judges it, each signal with what reads it."""

from __future__ import annotations

from typing import Any

from cockpit.config import Config, Earlier
from cockpit.runbook.thresholds import thresholds
from cockpit.signal.plan import Plan, plan


def planned(signals: dict[str, Any], bounds: dict[str, Any]) -> Plan:
    config = Config.model_validate(
        {
            "kubernetes": {"prod": {"context": "prod-eu"}},
            "prometheus": {"main": {"url": "http://x", "headers": {"X-Scope-OrgID": "payments"}}},
            "postgresql": {"base": {"dsn": {"env": "DSN"}}},
            "services": {
                "shop": {
                    "kubernetes": {"cluster": "prod", "namespace": "n", "selector": "app=shop"},
                    "prometheus": "main",
                    "postgresql": "base",
                    "signals": signals,
                    "thresholds": bounds,
                }
            },
        }
    )
    return plan("shop", config, thresholds(None, config, "shop"))


def test_each_signal_goes_to_who_reads_it() -> None:
    made = planned(
        {
            "p95": {"unit": "seconds", "query": "p95"},
            "restarts": {"pods": "restarts"},
            "failed": {"unit": "count", "sql": "SELECT 1", "increase": "10m", "timeout": "2s"},
        },
        {"p95": {"breach": "< 50 % of normal", "baseline": {"offset": "1d"}, "keep_firing_for": "1m", "clear": "> 60"}},
    )
    assert made.metrics is not None
    assert made.database is not None
    assert [(each.id, each.baseline) for each in made.metrics.signals] == [("p95", Earlier(offset=86400.0))]
    assert made.metrics.headers == {"X-Scope-OrgID": "payments"}
    assert [(each.id, each.query) for each in made.pods] == [("restarts", "restarts")]
    [failed] = made.database.signals
    assert (failed.query, failed.increase, failed.timeout) == ("SELECT 1", 600.0, 2.0)
    [rule] = made.rules  # the others have no bound, and are signals and nothing else
    assert (rule.id, rule.keep_firing_for, str(rule.clear), rule.baseline) == (
        "p95",
        60,
        "> 60",
        Earlier(offset=86400.0),
    )


def test_a_number_that_is_normal_is_asked_of_nobody() -> None:
    made = planned(
        {"rate": {"unit": "per-minute", "query": "r"}}, {"rate": {"breach": "< 50 % of normal", "baseline": 1000}}
    )
    assert made.metrics is not None
    assert made.metrics.signals[0].baseline is None
    assert made.rules[0].normal(None).value == 1000
