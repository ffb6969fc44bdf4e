"""What stands beneath dialogs goes on: an old picture that looks like the present one would deceive."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import flying

pytestmark = pytest.mark.anyio


async def test_the_picture_beneath_dialogs_goes_on(tmp_path: Path, outage: Path) -> None:
    async with flying(tmp_path, outage, size=(120, 40)) as cockpit:
        await cockpit.sees("CrashLoop")
        for key, shows in (("D", "Declare an incident"), ("enter", "n or escape does nothing")):
            await cockpit.press(key)
            await cockpit.sees(shows)
            pictures: set[tuple[str, ...]] = set()

            def goes_on(pictures: set[tuple[str, ...]] = pictures) -> bool:
                pictures.add(tuple(cockpit.lines[2:8]))
                return len(pictures) > 5  # at first a dialog draws itself again, and what shows through it

            await eventually(goes_on)
