"""The measures on a screen: the journal's incidents, put together by month, by service or by both."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Declared, Detected, Payload
from cockpit.incident.kinds import StatusChange as Status
from cockpit.incident.terms import Status as To
from cockpit.record.store import Store
from cockpit.screen.app import CockpitApp
from cockpit.screen.measures import MeasuresPage
from cockpit.screen.terminal.glyphs import ASCII, UNICODE, Glyphs
from tests.conftest import eventually
from tests.screen.flying import picture
from tests.screen.staged import NOW, stage, staged

pytestmark = pytest.mark.anyio


async def write(store: Store, service: str, start: datetime, hours: float, *, drill: bool = False) -> None:
    """An incident that was detected at `start`, declared a minute later, and resolved after so many hours."""
    incident = new_id()
    steps: list[tuple[timedelta, Payload]] = [
        (timedelta(), Detected(source="monitoring")),
        (timedelta(minutes=1), Declared(name="pay", service=service, drill=drill)),
        (timedelta(hours=hours), Status(status=To.RESOLVED)),
    ]
    await store.append([Draft(incident, p.kind, p.fields(), start + after, "@ada", None, None) for after, p in steps])


@pytest.mark.parametrize(("glyphs", "bar"), [(UNICODE, "█"), (ASCII, "#")])
async def test_by_month_by_service_and_by_both(tmp_path: Path, glyphs: Glyphs, bar: str) -> None:
    async with staged(tmp_path, stage()) as war:
        store = war.room.store
        await write(store, "payment-service", NOW - timedelta(days=40), 3)
        await write(store, "order-service", NOW - timedelta(days=8), 1)
        await write(store, "order-service", NOW - timedelta(days=8), 9, drill=True)
        app = CockpitApp(war, glyphs=glyphs)
        async with app.run_test(size=(80, 80), notifications=True) as pilot:

            async def sees(*words: str) -> str:
                await eventually(lambda: all(word in "\n".join(picture(app)) for word in words))
                return "\n".join(picture(app))

            page = MeasuresPage(war, glyphs)
            await app.push_screen(page)
            text = await sees("2 incidents count", "2025-12", "2026-01", "MTTR", "Goals")
            assert "MTTR, by quarter: reached, -67 % (goal -10 %): 2025-Q4 (n 1) to 2026-Q1 so" in text
            assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
            assert f"2025-12     3.0  {bar * 20}" in text
            await pilot.press("o")
            assert "2025-12" not in await sees("order-service", "payment-service")
            await pilot.press("o")
            await sees("2025-12  payment-service", "2026-01  order-service")
            await pilot.press("escape")
            await eventually(lambda: app.screen is not page)


async def test_a_journal_without_incidents_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war:
        app = CockpitApp(war, glyphs=UNICODE)
        async with app.run_test(size=(80, 24), notifications=True):
            await app.push_screen(MeasuresPage(war, UNICODE))
            await eventually(lambda: "no incident counts: none was declared" in "\n".join(picture(app)))
