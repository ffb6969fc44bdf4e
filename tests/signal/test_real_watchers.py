"""A real Prometheus and a real Alertmanager that watch the simulated service, as the cockpit sees them: what they say,
that one of them goes and comes back, and that the simulated ones say the same."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import eventually

from cockpit.clock import SystemClock
from cockpit.config import load
from cockpit.runbook.model import Source, Threshold
from cockpit.signal.board import Board
from tests.simulated import simulated

pytestmark = pytest.mark.anyio
POOL = 20.0
"""The connections that each pod's pool may hold."""
QUERIES = {
    "pool": "max(db_pool_connections_max)",
    "nothing": "max(nobody_exports_this)",
    "no-number": "max(db_pool_connections_max) / 0",
    "wrong": "max(",
}
RULES = {
    "alert": "PoolOpen", "expr": "max(db_pool_connections_max) > 0",
    "labels": {"service": "payment-service", "severity": "info"},
    "annotations": {"summary": "the pool is \x1b[31mopen"},
}  # fmt: skip


def program(*names: str) -> str:
    """Where it is installed; skips where it is not."""
    found = next((found for name in names if (found := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed (Debian: {names[0]})")
    return found


class Process:
    """A program at a port of its own, which can be ended and started again there."""

    def __init__(self, argv: list[str], listen: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{address}"
        self._argv = [*argv, f"{listen}={address}"]
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._running = subprocess.Popen(self._argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None


@contextmanager
def watchers(folder: Path, kubeconfig: Path) -> Iterator[tuple[Process, Process]]:
    """Both, running; the Prometheus scrapes the service through the API server."""
    alerting = program("prometheus-alertmanager", "alertmanager")
    measuring = program("prometheus")
    (folder / "am.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    silent = ["--cluster.listen-address=", f"--config.file={folder / 'am.yml'}", f"--storage.path={folder / 'am'}"]
    alertmanager = Process([alerting, *silent], "--web.listen-address")
    access = yaml.safe_load(kubeconfig.read_text())
    job = {
        "job_name": "payment-service",
        "metrics_path": "/api/v1/namespaces/production/services/payment-service:3006/proxy/metrics",
        "authorization": {"credentials": access["users"][0]["user"]["token"]},
        "static_configs": [{"targets": [_host(access["clusters"][0]["cluster"]["server"])]}],
    }
    configured = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "scrape_configs": [job],
        "rule_files": [str(folder / "rules.yml")],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [_host(alertmanager.url)]}]}]},
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configured))
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "payments", "rules": [RULES]}]}))
    stored = [f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    stored.append("--rules.alert.resend-delay=1s")  # by itself it tells an Alertmanager once a minute
    prometheus = Process([measuring, *stored], "--web.listen-address")
    with ExitStack() as stack:
        for each in (alertmanager, prometheus):
            each.start()
            stack.callback(each.end)
        yield prometheus, alertmanager


def _host(url: str) -> str:
    return url.removeprefix("http://")


@contextmanager
def outage(folder: Path) -> Iterator[dict[str, Any]]:
    """A simulated one, with its configuration."""
    (folder / "outage").mkdir()
    with simulated(folder / "outage", speed=5.0) as path:
        yield yaml.safe_load(path.read_text())


def board(folder: Path, made: dict[str, Any]) -> Board:
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(made))
    where = Source(file="test", line=1)
    asked = [Threshold(id=id, title=id, unit="count", query=query, source=where) for id, query in QUERIES.items()]
    return Board("payment-service", load(path), asked, SystemClock())


def value(seen: Board, id: str) -> float | None:
    return next(each.value for each in seen.signals if each.id == id)


def reason(seen: Board, id: str) -> str:
    return next(each.reason for each in seen.signals if each.id == id)


async def test_they_are_read_as_the_simulated_ones_are_and_each_may_go_and_come_back(tmp_path: Path) -> None:
    with outage(tmp_path) as made, watchers(tmp_path, Path(made["kubernetes"]["demo"]["kubeconfig"])) as real:
        before = board(tmp_path, made)
        made["prometheus"]["main"]["url"], made["alertmanager"]["main"]["url"] = (each.url for each in real)
        made["alertmanager"]["main"]["interval"] = "1s"
        seen = board(tmp_path, made)
        await before.start()
        await seen.start()
        try:
            await _same(before, seen)
            await _gone_and_back(seen, *real)
        finally:
            await before.stop()
            await seen.stop()


async def _same(before: Board, seen: Board) -> None:
    """The same values and the same reasons; the alert of the real rule, cleaned."""
    for each in (before, seen):
        await eventually(lambda each=each: value(each, "pool") == POOL)  # type: ignore[misc]
        await eventually(lambda each=each: reason(each, "wrong") not in ("", "not read yet"))  # type: ignore[misc]
        assert value(each, "nothing") is value(each, "no-number") is value(each, "wrong") is None
    for id in ("nothing", "no-number"):
        assert reason(before, id) == reason(seen, id) != ""
    assert "parse error" in reason(before, "wrong")
    assert "parse error" in reason(seen, "wrong")
    await eventually(lambda: [each.name for each in seen.alerts] == ["PoolOpen"])
    (alert,) = seen.alerts
    assert (alert.state, alert.severity, alert.summary) == ("active", "info", "the pool is open")


async def _gone_and_back(seen: Board, prometheus: Process, alertmanager: Process) -> None:
    """What is gone is stale and unknown; the other, and the pods, stay live; it comes back by itself."""
    for part, process, other in (("signals", prometheus, "alerts"), ("alerts", alertmanager, "signals")):
        await asyncio.to_thread(process.end)
        await eventually(lambda part=part: seen.freshness(part).state == "stale")  # type: ignore[misc]
        assert seen.freshness(part).detail
        assert (seen.freshness(other).state, seen.freshness("pods").state) == ("live", "live")
        if part == "signals":
            assert value(seen, "pool") is None
            assert reason(seen, "pool")
        await asyncio.to_thread(process.start)
        await eventually(lambda part=part: seen.freshness(part).state == "live")  # type: ignore[misc]
    await eventually(lambda: value(seen, "pool") == POOL)
    await eventually(lambda: seen.alerts)  # its Prometheus tells it again
