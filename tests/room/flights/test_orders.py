"""The order service on a real PostgreSQL: a report that locks, a release that leaks sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import eventually
from tests.room.flights.flying import alarms, cockpit, recovers, runs, suggested

pytestmark = pytest.mark.anyio


async def test_stuck_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(tmp_path, "stuck-orders", monkeypatch) as war:
        await alarms(war, "stuck-orders")
        await suggested(war, "payments")
        found = await runs(war, "payments.stuck-orders")
        assert any("pi_late_" in line for line in found.lines)

        async def long_enough() -> bool:  # the playbook ends what has run for 30 seconds
            before = (await war.prepare(war.jobs.step("slow.kill"))).before
            return before.split()[0].isdigit() and int(before.split()[0]) > 0

        await eventually(long_enough, timeout=60, pause=2.0)
        await runs(war, "slow.kill")
        await recovers(war, "stuck-orders", "slow-queries")


async def test_exhausted_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(tmp_path, "database-connections", monkeypatch) as war:
        await alarms(war, "health-checks")
        await suggested(war, "outage")
        counted = await runs(war, "outage.connections")
        assert any("count" in line for line in counted.lines)
        await runs(war, "outage.roll-back")
        await recovers(war, "health-checks", "error-rate")
