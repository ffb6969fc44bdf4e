"""Churn Saver: webhooks that nobody processes, a scheduler whose lock is held."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.room.runs.runs import Confirmation
from tests.conftest import eventually
from tests.room.flights.flying import alarms, cockpit, recovers, runs, suggested

pytestmark = pytest.mark.anyio


async def test_a_webhook_backlog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(tmp_path, "webhook-backlog", monkeypatch) as war:
        await alarms(war, "webhook-backlog", "webhook-stopped")
        await suggested(war, "webhooks")
        whole = await war.prepare(war.jobs.step("health.all"))
        assert whole.refusals == ()
        seen = war.launch(whole, Confirmation())
        await eventually(lambda: seen.over)
        table = "\n".join(seen.lines)
        assert "Webhook processing" in table
        assert "Database performance" in table
        assert "signature" in "\n".join((await runs(war, "webhooks.signatures")).lines)
        held = await runs(war, "webhooks.disable")
        await eventually(lambda: held.over)
        assert held.standing == "verified", "it contains: it does not wait for a backlog that it cannot bring down"
        assert held.verified is not None
        assert any("not waited for" in check for check in held.verified.checks)
        await runs(war, "webhooks.backlog")
        await runs(war, "webhooks.enable")
        await recovers(war, "webhook-backlog", "webhook-stopped", "webhook-success-rate")


async def test_a_scheduler_backlog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(tmp_path, "scheduler-backlog", monkeypatch) as war:
        await alarms(war, "job-backlog", "scheduler-stopped")
        await suggested(war, "scheduler")
        await runs(war, "scheduler.pause")

        async def ended() -> bool:  # a session counts as forgotten after 30 seconds
            await runs(war, "scheduler.clear-locks")
            plan = await war.prepare(war.jobs.step("scheduler.process"))
            flight = war.launch(plan, Confirmation(yes=True))
            await eventually(lambda: flight.result is not None)
            return flight.result is not None and flight.result.outcome == "succeeded"

        await eventually(ended, timeout=90, pause=5.0)  # as often as somebody would try
        await runs(war, "scheduler.resume")
        await recovers(war, "job-backlog", "scheduler-stopped")
