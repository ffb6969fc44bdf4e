"""What every flight does: start, wait for what the signals say, run steps."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.requests import Start
from cockpit.room.runs.runs import Confirmation, Flight
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.simulated import simulated


@asynccontextmanager
async def cockpit(folder: Path, scenario: str, patch: pytest.MonkeyPatch) -> AsyncIterator[WarRoom]:
    """A cockpit on a scenario that breaks now, with an incident declared."""
    with simulated(folder, scenario):
        if (folder / "environment.json").exists():
            for name, value in json.loads((folder / "environment.json").read_text()).items():
                patch.setenv(name, value)
            patch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
        house = await open_house(Options({}, folder, actor="@ada", journal=folder / "record.db"), SystemClock())
        war = WarRoom(house, SystemClock())
        try:
            await war.go_live()
            await war.room.perform(Start("flight", ""))
            yield war
        finally:
            await war.close()
            await house.close()


def state(war: WarRoom, signal: str) -> str:
    """How a signal stands."""
    return next((each.state for each in war.signals() if each.id == signal), "none")


async def alarms(war: WarRoom, *signals: str) -> None:
    """Wait until each is in warning or breach."""
    for signal in signals:
        await eventually(lambda name=signal: state(war, name) in ("warning", "breach"), timeout=90)


async def recovers(war: WarRoom, *signals: str) -> None:
    """Wait until each is ok again."""
    for signal in signals:
        await eventually(lambda name=signal: state(war, name) == "ok", timeout=90)


async def suggested(war: WarRoom, scenario: str) -> None:
    """Wait until the runbook suggests it, with its evidence."""
    await eventually(lambda: scenario in [each.scenario.id for each in war.suggestions()], timeout=60)


async def runs(war: WarRoom, step: str, given: Mapping[str, str] | None = None, pod: str = "") -> Flight:
    """Run a step with every question answered, to the end of its execution; it must have been done."""
    plan = await war.prepare(war.jobs.step(step, pod, given))
    assert plan.refusals == (), f"{step}: {plan.refusals}"
    flight = war.launch(plan, Confirmation(yes=True, name=plan.confirm.name, again=True))
    await eventually(lambda: flight.result is not None or flight.over, timeout=60)
    assert flight.result is not None, flight.trouble
    assert flight.result.outcome == "succeeded", (step, flight.result, list(flight.lines)[-5:])
    return flight
