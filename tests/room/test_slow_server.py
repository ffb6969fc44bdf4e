"""A preview that waits for a slow API server says so, and comes all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cockpit.action.kubernetes.deployments.restart import Restart
from cockpit.action.kubernetes.patience import SLOW, WAITING
from cockpit.clock import ManualClock
from cockpit.room.runs.recorder import RoomRecorder
from cockpit.room.runs.runs import Runs
from cockpit.room.runs.turns import Turns
from tests.action.breaking import Proxy
from tests.action.stand import NAME, NAMESPACE, stand
from tests.conftest import eventually
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


async def test_a_preview_says_that_it_waits_for_a_slow_server(tmp_path: Path) -> None:
    clock, proxy, said = ManualClock(START), Proxy(gate=asyncio.Event()), list[str]()
    assert proxy.gate is not None
    async with stand(tmp_path, before=proxy.before) as here, opened(tmp_path, clock=clock) as house:
        room = house.room
        runs = Runs(room, here.runner, RoomRecorder(room), Turns(room, None), lambda _: None)
        preparing = asyncio.create_task(runs.prepare(Restart(NAME, NAMESPACE), said.append))
        await eventually(lambda: proxy.asked > 0)
        assert said == []
        clock.advance(SLOW)
        await eventually(lambda: said == [WAITING])
        proxy.gate.set()
        assert (await preparing).refusals == ()
        quick = await runs.prepare(Restart(NAME, NAMESPACE), said.append)
        clock.advance(SLOW)
        await asyncio.sleep(0)
        assert quick.refusals == ()
        assert said == [WAITING], "of one that answers nothing is said"
