"""The endpoints: their lines among the signals, and the page of one, in every state.

After a change that is meant: `pytest tests/screen/test_endpoints.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import picture
from screen.looking import Compare, drawn, looks
from screen.staged import NOW, SIGNALS, Stage, open_staged, source, stage, story
from scribe.story import at
from textual.pilot import Pilot

from cockpit.room.views.endpoints import Check, EndpointState, EndpointsView, Past
from cockpit.screen.app import CockpitApp
from cockpit.screen.terminal.glyphs import ASCII, UNICODE, Glyphs
from cockpit.values import replace

OK, SLOW = (
    Check("ok", latency=0.0042, came='200 OK · {"status":"ok"}'),
    Check("warning", "slow: 1.4 s, expected at most 1 s", 1.4),
)
FAILS = Check(
    "failing", "it answered 503, expected 200-299", 0.21,
    '503 Service Unavailable · {"status":"failing","gateway":"answers with errors"}',
)  # fmt: skip
REFUSED = Check("failing", "the connection was refused", mend="")
BLIND = Check("unknown", "its status page cannot be read: no answer within 5 s", mend="check the network or VPN")


def past(*checks: Check) -> Sequence[Past]:
    """One check every 15 seconds, the last a few seconds ago."""
    last = NOW - timedelta(seconds=4)
    return tuple(Past(last - timedelta(seconds=15 * number), each) for number, each in enumerate(reversed(checks)))[
        ::-1
    ]


def endpoint(id: str, *checks: Check, **more: object) -> EndpointState:
    """An endpoint after these checks, standing as the last of them says."""
    said = checks[-1]
    given: dict[str, object] = {
        "id": id, "state": said.verdict, "reason": said.reason, "since": at("9:40"), "pending": "",
        "asked": f"GET http://{id}:3006/health", "via": "the API server of prod-eu", "last_ok": at("9:20"),
        "past": past(*checks), "interval": 15.0,
    }  # fmt: skip
    return EndpointState(**(given | more))  # type: ignore[arg-type]


HEALTH = endpoint("health", *[OK] * 30, SLOW, SLOW, *[FAILS] * 6)
REDIS = endpoint(
    "redis", *[OK] * 20, asked="connect redis:6379, speaks redis", via="pod payment-service-5dc9b45b44-6wfp7"
)
QUEUE = endpoint("rabbitmq", *[OK] * 20, REFUSED, asked="connect rabbitmq:5672", state="ok", reason="",
                 pending="failing, 1 of 2: the connection was refused")  # fmt: skip
CHECKOUT = endpoint("checkout", *[OK] * 9, SLOW, asked="GET https://shop.example/checkout", via="this machine")
GATEWAY = endpoint("gateway", BLIND, BLIND, asked="GET https://status.gateway.example/api/v2/summary.json",
                   via="this machine", last_ok=None, interval=60.0)  # fmt: skip
WILD = replace(FAILS, came="[/red] " + "語" * 80, reason="[/] " + "x" * 300)
HOSTILE = endpoint("a-name-that-is-longer-than-anybody-would-give-it", WILD)
ALL = (HEALTH, REDIS, QUEUE, CHECKOUT, GATEWAY)
ANSWERS = {"health": ("Check service endpoints",)}


def seen(*rows: EndpointState, **more: object) -> Stage:
    """The outage with these endpoints."""
    view = EndpointsView(source("endpoints", ""), rows or ALL, ANSWERS)
    return stage(endpoints_view=view, **more)


@dataclass(frozen=True)
class Scene:
    """A picture: of the zoomed pane, or of the page of an endpoint."""

    live: Callable[[], Stage]
    shows: str
    opens: str = ""
    zoomed: bool = True
    size: tuple[int, int] = (80, 24)
    glyphs: Glyphs = UNICODE


SCENES = {
    "cockpit": Scene(seen, "3 bad", zoomed=False),
    "cockpit_120x40": Scene(seen, "3 bad", zoomed=False, size=(120, 40)),
    "cockpit_200x60": Scene(seen, "1 failing", zoomed=False, size=(200, 60)),
    "zoomed": Scene(seen, "1 failing"),
    "ascii": Scene(seen, "1 failing", glyphs=ASCII),
    "all_well": Scene(lambda: seen(REDIS, signal_views=SIGNALS[4:5]), "connect redis"),
    "no_signals": Scene(lambda: seen(REDIS, HEALTH, signal_views=()), "connect redis"),
    "hostile": Scene(lambda: seen(HOSTILE), "a-name"),
    "page_failing": Scene(seen, "503 Service Unavailable", opens="health"),
    "page_failing_120x40": Scene(seen, "503 Service Unavailable", opens="health", size=(120, 40)),
    "page_ok": Scene(seen, "speaks redis", opens="redis"),
    "page_pending": Scene(seen, "1 of 2", opens="rabbitmq"),
    "page_slow": Scene(seen, "slow: 1.4 s", opens="checkout"),
    "page_unknown": Scene(seen, "check the network or VPN", opens="gateway"),
    "page_ascii": Scene(seen, "503 Service Unavailable", opens="health", glyphs=ASCII),
    "page_hostile": Scene(lambda: seen(HOSTILE), "[/]", opens=HOSTILE.id),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    war = asyncio.run(open_staged(tmp_path, scene.live(), entries=story(NOW)))

    async def fly(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, CockpitApp)
        await drawn(pilot, "1 Pods")
        if scene.opens:
            app.screen.open_signal(f"endpoint {scene.opens}")  # type: ignore[attr-defined]  # as enter on its line does
        else:
            await pilot.press("2", *(["z"] if scene.zoomed else []))
        await drawn(pilot, scene.shows)

    looks(snap_compare, war, fly, size=scene.size, glyphs=scene.glyphs)


@pytest.mark.anyio
async def test_enter_on_a_line_opens_its_page_and_escape_comes_back(tmp_path: Path) -> None:
    war = await open_staged(tmp_path, seen(REDIS, HEALTH, signal_views=()), entries=story(NOW))
    app = CockpitApp(war, glyphs=UNICODE)
    try:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await drawn(pilot, "redis")
            await pilot.press("2", "enter")
            await eventually(lambda: "Endpoint health" in picture(app)[0], 20)
            await pilot.press("escape")
            await drawn(pilot, "1 Pods")
            await pilot.press("j", "enter")
            await eventually(lambda: "Endpoint redis" in picture(app)[0], 20)
    finally:
        await war.house.close()
