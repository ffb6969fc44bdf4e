"""Pods that a living cluster cannot place: told with its own time, by who came later as by who was there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from conftest import eventually
from simcluster import living

from cockpit.kube.pods.fault import WAITING
from cockpit.signal import board as board_module
from cockpit.signal.changes import PodsUnready
from cockpit.signal.cluster import unready
from tests.signal.test_board import configured, of, watching

pytestmark = pytest.mark.anyio


async def test_since_when_is_the_clusters_word_whoever_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unready, "LASTING", {WAITING: 1.5})
    monkeypatch.setattr(board_module, "_TICK", 0.05)
    async with living(tmp_path) as alive:
        for node in alive.cluster.list("nodes"):
            alive.cluster.patch_merge("nodes", None, node["metadata"]["name"], {"spec": {"unschedulable": True}})
        alive.release("1.5.0")
        async with watching(configured(tmp_path / "kubeconfig")) as (_, changes):
            await eventually(lambda: of(PodsUnready, changes))
        async with watching(configured(tmp_path / "kubeconfig")) as (_, later):
            await eventually(lambda: of(PodsUnready, later))
        [pod] = [pod for pod in alive.pods() if pod["status"]["phase"] == "Pending"]
    [condition] = [each for each in pod["status"]["conditions"] if each["type"] == "PodScheduled"]
    since = datetime.fromisoformat(condition["lastTransitionTime"])
    [first], [again] = of(PodsUnready, changes), of(PodsUnready, later)
    assert (first.reason, first.count, first.at) == ("Unschedulable", 1, since)
    assert (again.reason, again.at) == ("Unschedulable", since), "not since that one saw it"
    assert again.seen > first.seen > since
