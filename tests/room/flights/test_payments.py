"""The payment service: a leak that the kernel ends, a gateway that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.room.flights.flying import alarms, cockpit, recovers, runs, suggested

pytestmark = pytest.mark.anyio


async def test_a_memory_leak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(tmp_path, "memory-leak", monkeypatch) as war:
        await alarms(war, "memory")
        await suggested(war, "memory")
        await runs(war, "memory.restart")
        await runs(war, "rollback.execute")
        await recovers(war, "memory")


async def test_a_gateway_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(tmp_path, "gateway-failure", monkeypatch) as war:
        await alarms(war, "gateway-errors", "success-rate")
        await suggested(war, "gateway")
        flight = await runs(war, "gateway.fallback")
        assert any("USE_FALLBACK_PROCESSOR" in line for line in flight.plan.change)
        await recovers(war, "gateway-errors", "success-rate")
        undo = war.jobs.undo(flight.plan.run)
        assert undo is not None
