"""The signals pane: how every state of it looks, and that the row somebody chose stays where it is.

After a change that is meant: `pytest tests/screen/test_signals_pane.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import eventually
from screen.looking import Compare, drawn, looks
from screen.staged import FALLING, NOW, RISING, Stage, open_staged, signal, source, stage, story
from scribe.story import at
from textual.pilot import Pilot

from cockpit.screen.app import CockpitApp
from cockpit.screen.panes.signals import SignalsPane
from cockpit.screen.terminal.glyphs import ASCII, UNICODE, Glyphs
from cockpit.values import replace

FULL = (
    signal("error-rate", "Error rate", "percent", 12.4, "breach", "> 5", history=RISING, far="2.5 × the bound",
           warning_level=1.0, breach_level=5.0, part="signals"),
    signal("p95", "Response time", "seconds", 3.1, "breach", "> 2", history=(0.2, 0.3, None, None, 0.4, 1.4, 2.2, 3.1),
           far="1.6 × the bound", warning_level=1.0, breach_level=2.0, flapping="7 crossings in 6 min", part="signals"),
    signal("throughput", "Throughput", "per-minute", 612.0, "warning", "< 70 % of normal", history=FALLING,
           far="61 % of normal (1000/min)", warning_level=700.0, baseline=1000.0, part="signals"),
    signal("restarts", "Restarts in 10 min", "count", 3.0, "ok", "> 3", pending=True, warning_level=3.0, part="pods",
           history=(0, 0, 1, 2, 3, 3)),
    signal("memory", "Memory", "percent", 61.0, "ok", "> 80", warning_level=80.0, part="signals"),
    signal("cpu", "CPU", "percent", 34.0, "ok", "> 70", warning_level=70.0, part="signals"),
    signal("stuck", "Stuck orders", "count", None, "unknown", "> 10", reason="the statement took more than 5 s",
           at=at("10:20"), part="database"),
    signal("db", "Database connections", "count", None, "unknown", "> 90", reason="unbound: no query", at=None,
           since=None, history=()),
)  # fmt: skip
MORE = {"pods": source("pods", "k8s"), "database": source("postgresql", "pg")}
UNKNOWN = tuple(
    replace(each, value=None, state="unknown", reason="no reading for 120 s", at=at("9:00"), far="", flapping="")
    for each in FULL[:3]
)


def lost(state: str, detail: str, mend: str = "", *, as_of: bool = False) -> Stage:
    """Signals whose Prometheus is in `state`, with what was read before when there is anything."""
    gone = source(
        "prometheus", "prom", state, since=at("9:00"), as_of=at("9:00") if as_of else None, detail=detail, mend=mend
    )
    return stage(signal_views=UNKNOWN if as_of else (), signals_from=gone)


def not_read() -> Stage:
    """Signals that are configured and were never asked for yet."""
    views = tuple(replace(each, value=None, state="unknown", reason="not read yet", at=None, history=(), far="",
                          flapping="", pending=False, since=None) for each in FULL[:4])  # fmt: skip
    young = source("prometheus", "prom", "loading", since=NOW - timedelta(seconds=3), as_of=None)
    return stage(signal_views=views, signals_from=young, more_sources={"pods": replace(young, name="pods")})


def one_lost() -> Stage:
    """The database is gone, the rest is read."""
    gone = source(
        "postgresql", "pg", "unreachable", since=at("9:00"), detail="10.20.0.9:5432 refused the connection",
        mend="is the database up? it is asked again every 5 s",
    )  # fmt: skip
    return stage(signal_views=FULL, more_sources=MORE | {"database": gone})


@dataclass(frozen=True)
class Scene:
    """A picture of the pane, zoomed unless told otherwise."""

    live: Callable[[], Stage | None]
    shows: str
    zoomed: bool = False
    size: tuple[int, int] = (80, 24)
    glyphs: Glyphs = UNICODE


SCENES = {
    "full": Scene(lambda: stage(signal_views=FULL, more_sources=MORE), "2 breached"),
    "full_zoomed": Scene(lambda: stage(signal_views=FULL, more_sources=MORE), "2 breached", zoomed=True),
    "full_120x40": Scene(lambda: stage(signal_views=FULL, more_sources=MORE), "2 breached", size=(120, 40)),
    "full_200x60": Scene(lambda: stage(signal_views=FULL, more_sources=MORE), "2 breached", size=(200, 60)),
    "full_ascii": Scene(lambda: stage(signal_views=FULL, more_sources=MORE), "2 breached", zoomed=True, glyphs=ASCII),
    "opening": Scene(lambda: None, "loading"),
    "loading": Scene(not_read, "2 Signals ─ loading"),
    "none_bound": Scene(lambda: stage(signal_views=()), "no signals are bound"),
    "off": Scene(lambda: lost("off", ""), "no signals are configured"),
    "stale": Scene(lambda: lost("stale", "main answered 503", "it is asked again every 15 s", as_of=True), "02:09:00Z"),
    "one_lost": Scene(one_lost, "refused", zoomed=True),
    "forbidden": Scene(lambda: lost("forbidden", "main answered 403", "see its token"), "forbidden"),
    "unauthorized": Scene(lambda: lost("unauthorized", "main answered 401", "see its token"), "unauthorized"),
    "unreachable": Scene(lambda: lost("unreachable", "https://prometheus.internal did not answer within 10 s",
                                      "check the network or VPN"), "unreachable"),
    "error": Scene(lambda: lost("error", "main answered with what cannot be read", "is it a Prometheus?"), "error"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    war = asyncio.run(open_staged(tmp_path, scene.live(), entries=story(NOW)))

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, "1 Pods")
        await pilot.press("2", *(["z"] if scene.zoomed else []))
        await drawn(pilot, scene.shows)

    looks(snap_compare, war, fly, size=scene.size, glyphs=scene.glyphs)


@pytest.mark.anyio
async def test_the_chosen_row_stays_where_it_is(tmp_path: Path) -> None:
    """What gets worse comes up around it; until somebody chose a row the worst is first."""
    live = stage(signal_views=FULL, more_sources=MORE)
    war = await open_staged(tmp_path, live, entries=story(NOW))
    app = CockpitApp(war, glyphs=UNICODE)

    def order(pane: SignalsPane) -> list[str]:
        return [row.key for row in pane.rows]

    async def redrawn() -> None:
        app.screen.draw()  # type: ignore[attr-defined]
        await pilot.pause()

    try:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            pane = app.screen.query_one(SignalsPane)
            await eventually(lambda: len(pane.rows) == len(FULL))
            assert order(pane)[:2] == ["error-rate", "p95"]
            live.signal_views = [*FULL[1:], replace(FULL[0], state="ok")]
            await redrawn()
            assert order(pane)[0] == "p95"
            assert pane.selected == "p95"
            live.signal_views = FULL
            await redrawn()
            await pilot.press("2", "j", "j")
            assert pane.selected == "throughput"
            live.signal_views = [replace(each, state="breach") for each in FULL]
            await redrawn()
            live.signal_views = [replace(each, state="ok") if each.id == "throughput" else each for each in FULL]
            await redrawn()
            assert pane.selected == "throughput"
            assert order(pane).index("throughput") == 2
            assert order(pane)[:2] == ["error-rate", "p95"]
    finally:
        await war.house.close()
