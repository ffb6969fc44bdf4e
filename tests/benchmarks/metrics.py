"""What a hundred metrics every 5 s with an hour of the past cost: processor, and the lateness of the loop."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.config import Config, PrometheusConfig, ServiceConfig, SignalConfig
from cockpit.room.views.thresholds import signal_views
from cockpit.runbook.model import Source, Threshold
from cockpit.runbook.thresholds import thresholds
from cockpit.signal.board import Board
from cockpit.signal.prometheus.api import PrometheusApi
from tests.benchmarks.measure import ROUNDS, quantile, row

METRICS, INTERVAL = 100, 5.0
WINDOW = 2 * INTERVAL
"""Seconds of one measure: two rounds."""
AIM = 0.05
TICK = 0.01
QUERIES = {f"m{n}": f'sum(load{{shop="{n}"}})' for n in range(METRICS)}


def report(_: Path) -> None:
    """Print it."""
    print(f"{METRICS} metrics every {INTERVAL:g} s with 1 h of the past, {ROUNDS} windows of {WINDOW:g} s each")
    with _server() as url:
        asyncio.run(_all(url))


async def _all(url: str) -> None:
    lags: list[float] = []
    async with _lateness(lags), _board(url, METRICS) as (board, came):
        row("first values of all", came[0], "since the board began")
        row("the past of all", came[1], "since the board began")
        row("the loop is late meanwhile: at most", max(lags))
        del lags[:]
        with_all = await _share(board)
        row("the loop is late later on: p99", quantile(lags, 0.99))
    async with _board(url, 0) as (board, _):
        idle = await _share(board)
    peer = await _peer(url)
    for name, share, remark in (
        ("a board with all of them", with_all, f"aim {AIM:.0%}"),
        ("a board without any (control)", idle, ""),
        ("one request for each query (peer), no board", peer, ""),
    ):
        print(f"  {name:<46} {share:>9.2%} of a core  {remark}".rstrip(), flush=True)


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.benchmarks.metrics_server"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def _config(url: str, count: int) -> Config:
    signals = {id: SignalConfig(unit="percent", query=query) for id, query in list(QUERIES.items())[:count]}
    service = ServiceConfig(prometheus="main", signals=signals)  # type: ignore[arg-type]  # one kind of them
    return Config(prometheus={"main": PrometheusConfig(url=url, interval=INTERVAL)}, services={"shop": service})


def _thresholds(config: Config) -> list[Threshold]:
    bounds = {"warning": "> 80", "breach": "> 95", "for": "1m", "source": Source(file="bench", line=1)}
    found = thresholds(None, config, "shop")
    return [Threshold.model_validate({**each.model_dump(by_alias=True, exclude_none=True), **bounds}) for each in found]


@asynccontextmanager
async def _board(url: str, count: int) -> AsyncIterator[tuple[Board, tuple[float, float]]]:
    """A board with its past, whose views are made whenever it changed, as a screen does; and what that took."""
    config = _config(url, count)
    board = Board("shop", config, _thresholds(config), SystemClock())
    board.subscribe(lambda: signal_views(board.thresholds, board.signals, board.reads))
    began = time.perf_counter()
    await board.start()
    try:
        values = await _until(began, lambda: all(each.value is not None for each in board.signals))
        pasts = await _until(began, lambda: all(len(each.samples) > 600 for each in board.signals))
        yield board, (values, pasts)
    finally:
        await board.stop()


async def _until(began: float, fact: Callable[[], bool]) -> float:
    while not fact():  # noqa: ASYNC110 - nothing tells, and looking seldom costs little
        await asyncio.sleep(0.02)
    return time.perf_counter() - began


async def _share(_: Board) -> float:
    """The median share of a core that this process takes."""
    return statistics.median([await _window() for _ in range(ROUNDS)])


async def _window() -> float:
    began, spent = time.perf_counter(), time.process_time()
    await asyncio.sleep(WINDOW)
    return (time.process_time() - spent) / (time.perf_counter() - began)


async def _peer(url: str) -> float:
    """What the same costs by one request for each query, without past, thresholds and views."""
    api = await PrometheusApi.open("main", url, None, 10.0)

    async def asking() -> None:
        while True:
            await asyncio.gather(*map(api.one, QUERIES.values()))
            await asyncio.sleep(INTERVAL)

    task = asyncio.create_task(asking())
    try:
        return statistics.median([await _window() for _ in range(ROUNDS)])
    finally:
        task.cancel()
        await api.close()


@asynccontextmanager
async def _lateness(lags: list[float]) -> AsyncIterator[None]:
    """Note how much later than it should a short sleep ends."""

    async def looking() -> None:
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            lags.append(max(0.0, time.perf_counter() - due))

    task = asyncio.create_task(looking())
    try:
        yield
    finally:
        task.cancel()
