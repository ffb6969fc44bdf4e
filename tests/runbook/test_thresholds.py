"""The runbook's thresholds as a configuration binds and overrides them; and placeholders filled from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.config import Config, ConfigError, ServiceKubernetes, load
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import fill, values
from cockpit.runbook.library import Library
from cockpit.runbook.thresholds import thresholds

RUNBOOK = Library().runbook("payment-service")
TEXT = """\
prometheus: {main: {url: "http://localhost:9090"}}
services:
  shop:
    prometheus: main
    signals:
      error-rate: {unit: percent, query: errors}
      queue: {unit: count, query: queue}
    thresholds:
      error-rate: {breach: "> 5", for: 1m}
      queue: {warning: "> 100"}
"""


def config(folder: Path, old: str = "", new: str = "") -> Config:
    (folder / "cockpit.yaml").write_text(TEXT.replace(old, new))
    return load(folder / "cockpit.yaml")


def test_the_configuration_binds_overrides_and_adds(tmp_path: Path) -> None:
    found = {each.id: each for each in thresholds(RUNBOOK, config(tmp_path), "shop")}
    errors, queue = found["error-rate"], found["queue"]
    assert (errors.query, str(errors.warning), str(errors.breach), errors.for_) == ("errors", "> 1", "> 5", 60)
    assert (queue.unit, str(queue.warning), queue.breach) == ("count", "> 100", None)
    assert queue.source.line == 7
    assert found["p95"].query is None
    assert list(found)[:2] == ["error-rate", "p95"]
    assert list(found)[-1] == "queue"


def test_without_a_runbook_the_configurations_signals_remain(tmp_path: Path) -> None:
    assert [each.id for each in thresholds(None, config(tmp_path), "shop")] == ["error-rate", "queue"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unit: percent", "unit: ratio", r":6: `error-rate` is in ratio here and in percent in the runbook .*:41"),
        ("      queue: {warning", "      quue: {warning", ":10: there is no threshold `quue` to override; known: "),
        ('breach: "> 5"', 'breach: "< 5"', ":9: with the runbook's, `error-rate` alarms on opposite sides"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        thresholds(RUNBOOK, config(tmp_path, old, new), "shop")


SERVICE = ServiceKubernetes(cluster="c", namespace="shop", selector="app=shop", deployment="shop-api")


def test_placeholders_come_from_the_service_and_the_selection() -> None:
    history, undo, describe = (step.action for step in RUNBOOK.scenarios[0].steps[:3])
    assert history
    assert undo
    assert describe
    known = values(SERVICE, pod="shop-api-1")
    assert (fill(undo, known).namespace, fill(undo, known).deployment) == ("shop", "shop-api")
    assert fill(describe, known).name == "shop-api-1"
    assert fill(undo, known).risk == "changing"


def test_the_documents_other_namespaces_stay() -> None:
    step = RUNBOOK.step("database.pods")
    assert step
    assert step.action
    assert fill(step.action, values(SERVICE)).namespace == "database"


def test_what_is_not_filled_cannot_run() -> None:
    describe, history = RUNBOOK.step("crash-loop.describe"), RUNBOOK.step("crash-loop.history")
    assert describe
    assert history
    with pytest.raises(RunbookError, match=r"`\$pod` has no value.*select a pod first"):
        fill(describe.action, values(SERVICE))
    bare = SERVICE.model_copy(update={"deployment": None})
    with pytest.raises(RunbookError, match=r"`\$deployment`.*configuration"):
        fill(history.action, values(bare))


def test_a_placeholder_that_nobody_knows_cannot_run() -> None:
    step = RUNBOOK.step("health.pods")
    assert step
    assert step.action
    with pytest.raises(RunbookError, match="correct the runbook"):
        fill(step.action.model_copy(update={"selector": "$lable"}), values(SERVICE))
