"""Thresholds, signals and a Prometheus as a file has them: what is understood, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.config import Bound, ConfigError, Earlier, PodsSignal, Secret, load
from cockpit.runbook.thresholds import thresholds

FILE = """version: 1
kubernetes: {prod: {context: prod-eu}}
prometheus:
  main:
    url: https://mimir.internal/prometheus
    basic: {username: cockpit, password: {env: PROM_PASSWORD}}
    headers: {X-Scope-OrgID: payments, X-Key: {env: KEY}}
postgresql: {base: {dsn: {env: DSN}}}
services:
  shop:
    kubernetes: {cluster: prod, namespace: production, selector: app=shop}
    prometheus: main
    postgresql: base
    signals:
      p95: {unit: seconds, query: p95}
      throughput: {unit: per-minute, query: t}
      restarts: {pods: restarts}
      failed: {unit: count, sql: SELECT failed FROM totals, increase: 10m}
    thresholds:
      p95: {warning: "> 0.5", breach: "> 2", for: 1m, clear: "< 0.4", keep_firing_for: 2m}
      throughput: {breach: "< 50 % of normal", baseline: {offset: 1d, over: 1h}}
      restarts: {breach: "> 3"}
      failed: {breach: "> 100", baseline: 20}
"""


def written(tmp_path: Path, text: str = FILE) -> Path:
    path = tmp_path / "cockpit.yaml"
    path.write_text(text)
    return path


def test_everything_that_a_threshold_can_say_arrives(tmp_path: Path) -> None:
    config = load(written(tmp_path))
    p95, throughput, restarts, failed = thresholds(None, config, "shop")
    assert (p95.for_, p95.keep_firing_for, str(p95.clear)) == (60, 120, "< 0.4")
    assert throughput.breach == Bound(comparison="<", value=50, relative=True)
    assert throughput.baseline == Earlier(offset=86400.0, over=3600.0)
    assert (restarts.pods, restarts.unit, restarts.query) == ("restarts", "count", None)
    assert config.services["shop"].signals["restarts"] == PodsSignal(pods="restarts")
    assert (failed.sql, failed.baseline) == ("SELECT failed FROM totals", 20)
    known = config.prometheus["main"]
    assert known.headers == {"X-Scope-OrgID": "payments", "X-Key": Secret(env="KEY")}
    assert known.basic is not None
    assert known.basic.username == "cockpit"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('clear: "< 0.4"', 'clear: "> 0.4"', ":20: `services.shop.thresholds.p95` has its `clear` on the bad side"),
        ('clear: "< 0.4"', 'clear: "< 0.6"', ":20: `services.shop.thresholds.p95` has a `clear` that holds where"),
        ('clear: "< 0.4"', 'clears: "< 0.4"', ":20: unknown key `clears`; did you mean `clear`?"),
        ("{offset: 1d, over: 1h}", "{over: 1h}", ":21: `offset` is missing in `services.shop.thresholds.throughput.b"),
        ("{offset: 1d, over: 1h}", "{ago: 1d}", ":21: unknown key `ago`"),
        ("{offset: 1d, over: 1h}", "much", ":21: `services.shop.thresholds.throughput.baseline` must be a valid num"),
        ("{pods: restarts}", "{pods: deaths}", ":17: `services.shop.signals.restarts.pods` must be 'restarts', 'crash"),
        ("{pods: restarts}", "{pods: restarts, unit: bytes}", ":17: `services.shop.signals.restarts` is measured in"),
        ("    kubernetes: {cluster: prod, namespace: production, selector: app=shop}\n", "", "this signal has no pods"),
        ("basic: {", "token: {env: T}\n    basic: {", ":5: `prometheus.main` has both `token` and `basic`"),
        (
            "X-Key: {env: KEY}",
            "X-Key: abc",
            ":7: `prometheus.main.headers` must not hold the secret itself; write where it comes from",
        ),
        ("X-Key: {env: KEY}", "X Tenant: abc", ":7: `prometheus.main.headers.X Tenant` has a character"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert FILE.count(old) == 1
    with pytest.raises(ConfigError) as refused:
        load(written(tmp_path, FILE.replace(old, new)))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            ", baseline: {offset: 1d, over: 1h}",
            "",
            ":21: `throughput` is held against what is normal, and nothing says what that is; add",
        ),
        (
            "baseline: 20",
            "baseline: {offset: 1d}",
            ":23: `failed` is not read from a Prometheus, and only its last hour",
        ),
    ],
)
def test_what_does_not_fit_the_runbook_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    config = load(written(tmp_path, FILE.replace(old, new)))
    with pytest.raises(ConfigError) as refused:
        thresholds(None, config, "shop")
    assert message in str(refused.value)
