"""The sources' page: every state of a source, what the doctor finds as he finds it, and what R does.

After a change that is meant: `pytest tests/screen/test_sources.py --snapshot-update`, and look at the new pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import flying, picture
from screen.looking import Compare, drawn, looks
from screen.staged import NOW, Stage, StagedRoom, open_staged, source, stage, story
from scribe.story import at
from textual.pilot import Pilot

from cockpit.room.doctor import Finding
from cockpit.screen.app import CockpitApp
from cockpit.screen.terminal.glyphs import ASCII, UNICODE, Glyphs
from cockpit.values import replace
from tests.shop import shop, step

FOUND = (
    Finding("terminal", "ok", "xterm-256color, 80×24", group="here"),
    Finding("record", "warn", "/home/oncall/record.db, writable, a sync takes 140.2 ms, 70.5 GiB free",
            "each entry waits for that disk; put the record on a local one", "here"),
    Finding("cluster", "ok", "prod-eu: https://10.20.0.1:6443, version v1.36.0, 14 ms", group="cluster"),
    Finding("clock of the cluster", "warn", "is 41 s behind ours",
            "set the clocks by NTP: until then its times are moved to ours", "cluster"),
    Finding("patch deployments.apps", "warn", "may not roll back, Restart: no rule allows it",
            "ask for `patch deployments.apps` in production, or let another do it", "cluster"),
    Finding("channel incidents", "bad", "Slack refused auth.test: invalid_auth; make a new token and put it in the old "
            "one's place under `channels:`", "its audiences hear by the channels after it, if any", "channels"),
)  # fmt: skip


def troubled() -> Stage:
    """A source in each of the states that want something done."""
    pods = source("pods", "k8s", "unauthorized", since=at("9:00"), as_of=at("9:00"),
                  detail="prod-eu does not know this login any more", mend="ctrl+z, `aws sso login`, fg")  # fmt: skip
    return stage(
        pods_view=replace(stage().pods_view, source=pods),
        signals_from=source("prometheus", "prom", "stale", since=at("10:10"), as_of=at("10:00"),
                            detail="main answered 503", mend="it is asked again every 15 s"),
        more_sources={
            "database": source("postgresql", "pg", "unreachable", since=at("9:30"), as_of=None,
                               detail="10.20.0.9:5432 refused the connection", mend="is the VPN up?"),
            "usage": source("usage", "", "off", as_of=None, detail="prod-eu has no metrics API (metrics.k8s.io)",
                            mend="a metrics server gives CPU and memory"),
            "changes": source("changes", "", "loading", since=NOW - timedelta(seconds=3), as_of=None),
            "alerts": source("alertmanager", "", took=0.018),
        },
        found=FOUND,
    )  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A picture of the page."""

    size: tuple[int, int] = (80, 24)
    glyphs: Glyphs = UNICODE
    keys: tuple[str, ...] = ()


SCENES = {
    "trouble": Scene(),
    "trouble_end": Scene(keys=("G",)),
    "trouble_120x40": Scene((120, 40)),
    "trouble_ascii": Scene(glyphs=ASCII),
}


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    war = asyncio.run(open_staged(tmp_path, troubled(), entries=story(NOW)))
    war.room.store.path = Path("/home/oncall/.local/state/cockpit/record.db")

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, "1 Pods")
        await pilot.press("v")
        await drawn(pilot, "Sources")
        await pilot.press(*scene.keys)
        await pilot.pause()

    looks(snap_compare, war, fly, size=scene.size, glyphs=scene.glyphs)


class Slow(StagedRoom):
    """A war room whose doctor waits for a word before each finding."""

    words: asyncio.Queue[Finding | None]

    async def examine(self) -> AsyncIterator[Finding]:
        """Each finding when the test gives it."""
        while (finding := await self.words.get()) is not None:
            yield finding


@pytest.mark.anyio
async def test_findings_come_as_they_are_known_and_r_looks_again(tmp_path: Path) -> None:
    """What was found before stays until the new look has found as much."""
    war = await open_staged(tmp_path, stage(), entries=story(NOW))
    war.__class__, war.words = Slow, asyncio.Queue()  # type: ignore[attr-defined]
    app = CockpitApp(war, glyphs=UNICODE)

    def text() -> str:
        return "\n".join(picture(app))

    try:
        async with app.run_test(size=(100, 40), notifications=True) as pilot:
            await eventually(lambda: "1 Pods" in text(), 20)
            await pilot.press("v")
            await eventually(lambda: "Doctor  looking" in text(), 20)
            war.words.put_nowait(FOUND[0])  # type: ignore[attr-defined]
            await eventually(lambda: "xterm-256color" in text(), 20)
            assert "looking" in text()
            for each in (*FOUND[1:], None):
                war.words.put_nowait(each)  # type: ignore[attr-defined]
            await eventually(lambda: "invalid_auth" in text() and "looking" not in text(), 20)
            await pilot.press("R")
            await eventually(lambda: "looking" in text(), 20)
            war.words.put_nowait(replace(FOUND[0], said="another"))  # type: ignore[attr-defined]
            await pilot.pause()
            assert "invalid_auth" in text()
            war.words.put_nowait(None)  # type: ignore[attr-defined]
            await eventually(lambda: "another" in text() and "invalid_auth" not in text(), 20)
    finally:
        await war.house.close()


@pytest.mark.anyio
async def test_the_real_doctor_looks_from_the_page(tmp_path: Path) -> None:
    """What is configured and not there is found, each with what to do; the keys go on meanwhile."""
    config = shop(
        tmp_path, step("look", manual="Look"), service={"prometheus": "main"},
        prometheus={"main": {"url": "http://127.0.0.1:9", "interval": "1s"}},
        channels={"chat": {"type": "slack", "token": {"env": "NOWHERE"}, "channel": "#x", "url": "http://127.0.0.1:9"}},
    )  # fmt: skip
    async with flying(tmp_path, config, size=(100, 50)) as cockpit:
        await cockpit.press("v")
        await cockpit.sees("Doctor", "prometheus main", "channel chat", "NOWHERE", "no cluster is configured")
        assert "looking" not in await cockpit.sees("record")
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")
