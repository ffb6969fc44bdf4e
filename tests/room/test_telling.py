"""What the program records by itself: a fact that cannot be one takes no other with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from conftest import eventually

from cockpit.room.telling import Telling
from cockpit.signal.changes import Change, EndpointChanged
from tests.room.rooms import START, opened

pytestmark = pytest.mark.anyio


async def test_after_a_defect_in_one_fact_the_others_are_recorded(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        troubled = list[str]()
        telling = Telling(
            house.room, house.room.clock, lambda: None, lambda: True, lambda: troubled.append(house.room.trouble)
        )
        writing = asyncio.create_task(telling.write())
        telling.take(cast(Change, object()))
        telling.take(EndpointChanged("health", "GET http://shop/health", "ok", "failing", "503", None, START))
        await eventually(lambda: house.room.state.endpoints)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
    [trouble] = troubled
    assert "a defect in the cockpit" in trouble
