"""A signal's chart: how it looks, what its keys do, and that it never draws what is not known.

After a change that is meant: `pytest tests/screen/test_chart.py --snapshot-update`, and look at the new pictures.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from hypothesis import example, given
from hypothesis import strategies as st
from replay import serving
from screen.flying import flying, picture
from screen.looking import Compare, drawn, looks
from screen.staged import CONFIGURATION, NOW, SIGNALS, Stage, open_staged, source, stage, story
from scribe.story import at
from textual.pilot import Pilot

from cockpit.room.live.courses import Course, Sample
from cockpit.room.views.signals import SignalView
from cockpit.screen.app import CockpitApp
from cockpit.screen.chart.course import reaches
from cockpit.screen.chart.scale import Extent, Window
from cockpit.screen.chart.view import SPANS, Look
from cockpit.screen.terminal.glyphs import ASCII, BLOCKS, UNICODE, Glyphs
from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus.server import Prometheus
from cockpit.values import replace
from tests.shop import shop, step

CONFIGURED = CONFIGURATION.replace(
    "    prometheus: main\n",
    "    prometheus: main\n    signals:\n      error-rate: {unit: percent, query: '"
    '100 * sum(rate(http_requests_total{service="payment-service",code=~"5.."}[1m])) '
    '/ sum(rate(http_requests_total{service="payment-service"}[1m]))'
    "'}\n    thresholds:\n      error-rate: {breach: '> 5', for: 1m}\n",
)


def course() -> list[Sample]:
    """An hour of the error rate, read every 15 seconds: calm, unknown for a while, unread for a while, then bad."""
    found: list[Sample] = []
    for number in range(241):
        when = NOW - timedelta(seconds=15 * (240 - number))
        bad = max(0.0, (when - at("1:30")).total_seconds() / 570)
        value: float | None = 0.4 + 0.2 * math.sin(number / 5) + 12 * min(1.0, bad * 1.6)
        if 60 <= number < 84:
            value = None
        if not 120 <= number < 140:
            found.append(Sample(when, value, "" if value is not None else "no requests"))
    return found


ERRORS = replace(
    SIGNALS[0], far="2.5 × the bound", warning_level=1.0, breach_level=5.0, baseline=0.4, part="signals",
    flapping="7 crossings in 6 min", warnings=("PromQL info: metric might not be a counter",),
)  # fmt: skip


def charted(*more: SignalView, **given: Any) -> Stage:
    """The outage with the course of its error rate."""
    views = more or (replace(ERRORS, flapping="", warnings=()), *SIGNALS[1:])
    return stage(signal_views=views, courses={"error-rate": course()}, **given)


READING = -5
"""The line, counted from below, that says what was read: three entries and the keys stand under it."""


@asynccontextmanager
async def on_stage(folder: Path, live: Stage) -> AsyncIterator[tuple[Pilot[int], CockpitApp]]:
    """The cockpit over the story, with the chart's signals."""
    war = await open_staged(folder, live, entries=story(NOW), configuration=CONFIGURED)
    app = CockpitApp(war, glyphs=UNICODE)
    try:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            yield pilot, app
    finally:
        await war.house.close()


async def shows(app: CockpitApp, *words: str) -> None:
    """Wait until all of `words` stand on the screen."""
    try:
        await eventually(lambda: all(word in "\n".join(picture(app)) for word in words), 20)
    except AssertionError:
        raise AssertionError(f"never saw {words}:\n" + "\n".join(picture(app))) from None


async def press_until(app: CockpitApp, pilot: Pilot[int], keys: Sequence[str], word: str, step: str = "") -> None:
    """Press `keys`, then `step` again and again, until `word` stands on the screen."""
    await shows(app, "1 Pods") if keys[:1] == ("2",) else None
    await pilot.press(*keys)
    for _ in range(100):
        await pilot.pause()
        if not step or word in "\n".join(picture(app)):
            break
        await pilot.press(step)
    await shows(app, word)


@dataclass(frozen=True)
class Scene:
    """A picture: what is on the stage, the keys after the page was opened, and words that show it is there."""

    keys: Sequence[str] = ()
    shows: str = "entries"
    live: Callable[[], Stage] = charted
    size: tuple[int, int] = (80, 24)
    glyphs: Glyphs = UNICODE
    begun: bool = True
    more: dict[str, Any] = field(default_factory=dict)


LOST = source("prometheus", "prom", "stale", since=at("9:00"), as_of=at("9:00"), detail="main answered 503")
SCENES = {
    "chart": Scene(),
    "chart_120x40": Scene(size=(120, 40)),
    "chart_200x60": Scene(size=(200, 60)),
    "chart_zoomed_in": Scene(("plus",), "15 min to now"),
    "chart_looked_back": Scene(("plus", *["left"] * 12), "15 min to now"),
    "chart_ascii": Scene(glyphs=ASCII),
    "chart_blocks": Scene(glyphs=BLOCKS),
    "chart_stale": Scene(live=lambda: charted(replace(
        ERRORS, value=None, state="unknown", reason="no reading for 120 s", at=at("9:00"), far=""), signals_from=LOST)),
    "chart_remarks": Scene(live=lambda: charted(ERRORS)),
    "chart_never_read": Scene(live=lambda: stage(signal_views=(
        replace(ERRORS, value=None, state="unknown", reason="the query gives nothing: no such series now", history=(),
                at=None, since=None, far="", flapping="", warnings=(), baseline=None),)), shows="nothing was read"),
    "chart_no_incident": Scene(begun=False, shows="nothing was recorded"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    entries = story(NOW) if scene.begun else ()
    war = asyncio.run(open_staged(tmp_path, scene.live(), entries=entries, configuration=CONFIGURED, **scene.more))

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, "1 Pods")
        await pilot.press("2", "enter", *scene.keys)
        await drawn(pilot, scene.shows)

    looks(snap_compare, war, fly, size=scene.size, glyphs=scene.glyphs)


@pytest.mark.anyio
async def test_the_keys_move_in_time_and_open_the_entry(tmp_path: Path) -> None:
    """Left and right read the value at a time, the list of entries goes with it; j and k look at an entry's time."""
    async with on_stage(tmp_path, charted()) as (pilot, app):
        await press_until(app, pilot, ("2", "enter"), "02:11:00Z 12.2 %")
        await press_until(app, pilot, ("left",) * 20, "unknown: nothing was read", "left")
        await pilot.press("shift+right", "shift+right", "shift+right", "shift+right", "shift+right", "shift+right")
        await shows(app, "02:11:00Z 12.2 %")
        await press_until(app, pilot, ("j", "g"), "02:00:02Z", "j")
        await pilot.press("enter")
        await shows(app, "Entry ", "rollout, schema 1")
        await pilot.press("escape", "escape")
        await shows(app, "1 Pods")


@pytest.mark.anyio
async def test_zooming_keeps_the_time_that_is_looked_at(tmp_path: Path) -> None:
    async with on_stage(tmp_path, charted()) as (pilot, app):
        await press_until(app, pilot, ("2", "enter"), "1 h to now")
        await press_until(app, pilot, (), "01:45:", "left")
        await pilot.press("plus")
        await shows(app, "15 min to 01:5")
        assert "01:45:" in picture(app)[READING]
        await pilot.press("plus", "plus", "plus")
        await shows(app, "5 min to 01:4")
        assert "01:45:" in picture(app)[READING]
        await pilot.press("minus", "minus")
        await shows(app, "1 h to now")


@pytest.mark.anyio
async def test_the_query_is_copied_as_it_is_written(tmp_path: Path) -> None:
    async with on_stage(tmp_path, charted()) as (pilot, app):
        await press_until(app, pilot, ("2", "enter"), "1 h to now")
        await pilot.press("Y")
        await eventually(lambda: app.clipboard.startswith('100 * sum(rate(http_requests_total{service="payment'))


@asynccontextmanager
async def kept_for_hours(folder: Path) -> AsyncIterator[tuple[Prometheus, Path]]:
    """A Prometheus that has kept the length of a queue for seven hours, and a configuration that watches it."""
    kept = Prometheus(Pace(), tuple, 15.0)
    now = kept.now()
    for minute in range(7 * 60, -1, -1):
        kept.storage.append((("__name__", "queue"),), now - minute * 60_000, 100.0 + minute)
    async with serving(kept.app()) as url:
        watched = {"unit": "count", "query": "queue"}
        yield kept, shop(
            folder, step("look", manual="Look"), service={"prometheus": "main", "signals": {"queue": watched}},
            prometheus={"main": {"url": url, "interval": "1s"}},
        )  # fmt: skip


@pytest.mark.anyio
async def test_a_longer_time_comes_from_prometheus_and_a_lost_one_says_so(tmp_path: Path) -> None:
    """Six hours are asked for; when Prometheus refuses a day, the title says why and the chart that it is unknown."""
    async with kept_for_hours(tmp_path) as (prometheus, config), flying(tmp_path, config) as cockpit:
        await cockpit.press("2")
        await cockpit.sees("queue    100")
        await cockpit.press("enter")
        await cockpit.sees("1 h to now", "Prometheus main")
        await cockpit.press("minus")
        await cockpit.sees("6 h to now", "400")
        await eventually(lambda: "?" not in "".join(cockpit.lines[3:18]))
        prometheus.trouble.answer = 503
        await cockpit.press("minus")
        await cockpit.sees("24 h to now · the past is not known: main answered 503")
        await eventually(lambda: "????????????" in cockpit.text)
        prometheus.trouble.answer = None
        await cockpit.press("plus", "minus")
        await cockpit.sees("24 h to now", "600")
        assert "not known" not in cockpit.text


@given(
    st.lists(st.tuples(st.floats(0, 4000), st.one_of(st.none(), st.floats(-1e9, 1e9)))),
    st.floats(1, 600),
    st.integers(20, 200),
)
def test_what_is_drawn_was_read(read: list[tuple[float, float | None]], gap: float, width: int) -> None:
    """Every value in the picture lies between two readings that follow on one another, or is one."""
    samples = [Sample(NOW + timedelta(seconds=at), value) for at, value in sorted(read, key=lambda each: each[0])]
    window = Window(NOW, NOW + timedelta(seconds=3600), width)
    known = [sample.value for sample in samples if sample.value is not None]
    for column, reach in enumerate(reaches([Course(samples, gap)], window, width)):
        if reach is None:
            continue
        slack = 1e-6 * max(1.0, *map(abs, known))
        assert min(known) - slack <= reach.low <= reach.high <= max(known) + slack
        first, last = (window.begin + timedelta(seconds=edge * window.column) for edge in (column, column + 1))
        allowed = timedelta(seconds=gap + 1e-3)
        near = [s for s in samples if s.value is not None and first - allowed <= s.at <= last + allowed]
        assert near, "a value was drawn where nothing was read within the gap"


@pytest.mark.parametrize("value", [0.0, 80.0, 61.0])
def test_readings_that_are_all_the_same_are_shown_with_their_bound(value: float) -> None:
    extent = Extent.of([value] * 9, [80.0, 2000.0])
    assert extent.holds(value)
    assert extent.holds(80.0)
    assert extent.holds(2000.0)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1), st.lists(st.floats(-1e12, 1e12)))
@example([0.0, 5e-324], [])
def test_the_axis_reaches_to_every_reading(values: list[float], bounds: list[float]) -> None:
    """And its round values are in it, from the lowest to the highest, each once."""
    extent = Extent.of(values, bounds)
    assert extent.low < extent.high
    slack = (extent.high - extent.low) * 1e-6
    assert extent.low - slack <= min(values) <= max(values) <= extent.high + slack
    ticks = extent.ticks(6)
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 6


@given(st.lists(st.one_of(st.integers(-300, 300), st.sampled_from(["in", "out"])), max_size=30), st.integers(20, 200))
def test_who_looks_around_never_looks_beyond_what_there_is(steps: list[int | str], width: int) -> None:
    """The cursor stays in the picture, not after now and not before what can be asked for; home is to the right."""
    look, earliest = Look(), NOW - timedelta(days=14)
    for each in steps:
        if isinstance(each, int):
            look.move(each, NOW, width, earliest)
        else:
            look.zoom(1 if each == "out" else -1, NOW)
        window = look.window(NOW, width)
        assert 0 <= look.place(NOW, window) < width
        assert earliest <= (look.cursor or NOW) <= NOW
        assert window.begin <= (look.cursor or NOW) <= window.end
        assert window.seconds == pytest.approx(SPANS[look.chosen][0])
    for _ in range(20_000 // 300 + 1):
        look.move(20_000, NOW, width, earliest)
    assert (look.cursor, look.until) == (None, None)


@pytest.mark.anyio
async def test_left_of_the_edge_the_chart_follows_into_the_past(tmp_path: Path) -> None:
    """And where nothing further back is kept, it says so and stays."""
    async with kept_for_hours(tmp_path) as (_, config), flying(tmp_path, config) as cockpit:
        await cockpit.press("2")
        await cockpit.sees("queue    100")
        await cockpit.press("enter")
        await cockpit.sees("1 h to now")
        await cockpit.press(*["shift+left"] * 8)
        await cockpit.sees("1 h to ")
        assert "1 h to now" not in cockpit.text
        await eventually(lambda: "?" not in "".join(cockpit.lines[3:18]))
        await cockpit.press(*["shift+right"] * 14)
        await cockpit.sees("1 h to now")


@pytest.mark.anyio
async def test_what_to_do_about_a_source_that_is_lost_is_said_whole(tmp_path: Path) -> None:
    why = "http://prometheus.monitoring:9090 did not answer within 5 s"
    mend = "check the network or VPN, then `curl -fsS http://prometheus.monitoring:9090/-/ready`"
    lost = replace(LOST, detail=why, mend=mend)
    unread = replace(ERRORS, value=None, state="unknown", reason=why, at=at("9:00"), far="", flapping="")
    async with on_stage(tmp_path, charted(unread, signals_from=lost)) as (pilot, app):
        await press_until(app, pilot, ("2", "enter"), "source")
        said = " ".join(" ".join(picture(app)).split())
        assert said.count(why) == 1
        assert mend in said
