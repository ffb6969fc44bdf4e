"""Latencies of endpoints as signals: read once for each check, judged by thresholds, unknown where no answer came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cockpit.clock import ManualClock
from cockpit.config import Config, ConfigError, load
from cockpit.runbook.thresholds import thresholds
from cockpit.signal.board import Board
from cockpit.signal.changes import Change, ThresholdChanged
from tests.listeners import refusing
from tests.signal.endpoint.test_direct import NOW

pytestmark = pytest.mark.anyio


def shop(url: str, **more: Any) -> Config:
    """A service whose health's latency is judged, in milliseconds; the clock moves while an answer is awaited."""
    service = {
        "endpoints": {"health": {"http": url, "interval": "15s"}},
        "signals": {"health-latency": {"endpoint": "health", "unit": "milliseconds"}},
        "thresholds": {"health-latency": {"breach": "> 500000"}},
    }
    return Config.model_validate({"services": {"shop": service | more}})


async def test_a_slow_endpoint_crosses_its_threshold_and_its_course_is_kept() -> None:
    clock, took = ManualClock(NOW), 0.0

    async def handler(_: Request) -> Response:
        clock.advance(took)
        return PlainTextResponse("")

    async with serving(answering(handler)) as url:
        config = shop(url)
        board = Board("shop", config, thresholds(None, config, "shop"), clock)
        changes: list[Change] = []
        board.listen(changes.append)
        await board.start()
        try:
            await eventually(lambda: (clock.advance(1), board.signals[0].value is not None)[1])
            assert board.thresholds[0].state == "ok"
            took = 1000.0
            await eventually(lambda: (clock.advance(1), board.thresholds[0].state == "breach")[1])
            assert (board.signals[0].value or 0) >= 1_000_000
            values = [value for value in board.signals[0].history if value is not None]
            assert len(values) <= len(board.endpoints[0].past), "each check once"
        finally:
            await board.stop()
    (crossed,) = [each for each in changes if isinstance(each, ThresholdChanged)]
    assert (crossed.id, crossed.after, crossed.unit) == ("health-latency", "breach", "milliseconds")


async def test_an_endpoint_that_gives_no_answer_has_no_latency() -> None:
    clock = ManualClock(NOW)
    config = shop(f"http://127.0.0.1:{refusing()}")
    board = Board("shop", config, thresholds(None, config, "shop"), clock)
    await board.start()
    try:
        refused = "the connection was refused"
        await eventually(lambda: (clock.advance(1), board.signals[0].reason == refused)[1])
        assert (board.signals[0].value, board.thresholds[0].state) == (None, "unknown")
    finally:
        await board.stop()


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        ("{endpoint: helth}", ":5: there is no endpoint `helth`; use one of health"),
        (
            "{endpoint: health, unit: count}",
            ":5: `services.shop.signals.slow.unit` must be 'seconds' or 'milliseconds'",
        ),
        ("{endpoint: health, query: up}", ":5: unknown key `query`"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, signal: str, said: str) -> None:
    path = tmp_path / "cockpit.yaml"
    text = f"services:\n  shop:\n    endpoints: {{health: {{tcp: 'a:1'}}}}\n    signals:\n      slow: {signal}\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert said in str(refused.value)
