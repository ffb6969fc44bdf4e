"""The pods pane: every state of it held against a picture, and its keys against a living cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from screen.flying import Flown, flying
from screen.looking import Compare, drawn, looks
from screen.staged import DEPLOYMENT, NOW, PODS, REVISIONS, START, Stage, crashing, pod, source, stage
from screen.test_snapshots import Scene, opened
from scribe.story import at
from textual.pilot import Pilot
from textual.widgets import Input

from cockpit.clock import ManualClock
from cockpit.kube.pods.fault import CANNOT_START, CRASHING, ENDING, NOT_READY, PASSING, WAITING
from cockpit.kube.pods.row import PodRow
from cockpit.kube.pods.usage import Usage
from cockpit.room.views.signals import PodsView
from cockpit.screen.app import CockpitApp
from cockpit.screen.panes.pods import PodsPane
from cockpit.screen.terminal.glyphs import UNICODE
from cockpit.values import replace

MI = 1024 * 1024
LIMITS = {"cpu_limit": 0.5, "cpu_request": 0.25, "memory_limit": 512 * MI, "memory_request": 256 * MI}
KINDS = (
    crashing("7599565f95-4kgb8", 7, crash_reason="OOMKilled", reason="OOMKilled", **LIMITS),
    crashing("7599565f95-9xw2p", 6, lately_at_least=True, **LIMITS),
    pod("7599565f95-aaaaa", "1.4.2", status="ErrImagePull", reason="ImagePullBackOff", gravity=CANNOT_START,
        ready_condition=False, ready_count=0, crash_reason="ImagePullBackOff", started=None),
    pod("7599565f95-bbbbb", "1.4.2", status="Pending", reason="Unschedulable", gravity=WAITING, node="", ip="",
        ready_condition=False, ready_count=0, started=None),
    pod("7599565f95-ccccc", "1.4.2", reason="NotReady", gravity=NOT_READY, ready_condition=False, ready_count=0),
    pod("5dc9b45b44-ddddd", "1.4.1", status="Terminating", reason="Terminating", gravity=ENDING, deleting=True),
    pod("5dc9b45b44-6wfp7", "1.4.1", **LIMITS), pod("5dc9b45b44-bk4bg", "1.4.1", node="node-c", **LIMITS),
    pod("5dc9b45b44-" + "long" * 50 + "-x7k2p", "1.4.1", **LIMITS),
)  # fmt: skip
USED = {
    KINDS[0].name: Usage(0.02, 498 * MI, NOW), KINDS[1].name: Usage(0.41, 60 * MI, NOW),
    KINDS[6].name: Usage(0.12, 310 * MI, NOW), KINDS[7].name: Usage(0.49, 205 * MI, NOW),
}  # fmt: skip
METERED = source("usage", "")
AGAIN = (
    crashing("7599565f95-4kgb8", 7), pod("5dc9b45b44-6wfp7", "1.4.1"),
    pod("7599565f95-9xw2p", "1.4.2", restarts=6, restarts_lately=5, last_restart=at("10:59"), started=at("10:55"),
        reason="Restarted", gravity=PASSING,
        why="container payment was started again at 02:10:55Z: before that it ended with exit code 1"),
)  # fmt: skip
"""A container without a readiness probe, for the moment in which it runs between two crashes."""


def many(count: int) -> PodsView:
    """So many pods, of which one in fifty crashes and one in a hundred is on its way."""
    random = Random(5)
    made = []
    for n in range(count):
        name = f"5dc9b45b44-{n:05x}"
        if n % 50 == 7:
            made.append(crashing(name, n % 9 + 1, created=START - timedelta(minutes=n % 600)))
        else:
            ready = n % 100 != 3
            created = START - timedelta(seconds=random.randrange(80_000))
            more = {"created": created, "ready_condition": ready, "ready_count": int(ready)}
            made.append(pod(name, "1.4.1", node=f"node-{n % 40}", **more))
    rows = tuple(random.sample(made, count))
    return PodsView(source("pods", "k8s"), rows, msgspec.structs.replace(DEPLOYMENT, wanted=count), REVISIONS[1:])


def pods(view: PodsView) -> Callable[[], Stage]:
    return lambda: stage(pods_view=view)


def known(**more: object) -> PodsView:
    return PodsView(source("pods", "k8s"), KINDS, DEPLOYMENT, REVISIONS, usage=USED, usage_source=METERED, **more)


def lost(state: str, detail: str = "", mend: str = "", **more: object) -> Callable[[], Stage]:
    gone = source("pods", "k8s", state, detail=detail, mend=mend, since=at("10:00"), as_of=None, **more)
    return pods(PodsView(gone))


def typed(text: str) -> tuple[str, ...]:
    names = {" ": "space", "/": "slash", "!": "exclamation_mark", "=": "equals_sign", "(": "left_parenthesis"}
    return ("f", *(names.get(character, character) for character in text))


PRINTED = tuple(
    PodRow(row.name, row.name, row.namespace, row.status, row.ready_count, row.containers, row.restarts,
           created=row.created, node=row.node, crash_reason=row.crash_reason, ready_condition=row.ready_condition,
           reason=row.crash_reason, gravity=CRASHING if row.crash_reason else 0, partial=True)
    for row in KINDS
)  # fmt: skip
"""What the API server prints of them, before they are read."""
STALE_USE = replace(known(), usage_source=source("usage", "", "stale"))
SCENES = {
    "kinds": Scene(live=pods(known())),
    "kinds_120x40": Scene(live=pods(known()), size=(120, 40)),
    "kinds_200x60": Scene(live=pods(known()), size=(200, 60)),
    "kinds_zoomed_120x40": Scene(("1", "z"), live=pods(known()), size=(120, 40)),
    "use_unknown_120x40": Scene(live=pods(STALE_USE), size=(120, 40)),
    "by_revision_120x40": Scene(("o",) * 7, "by revision", live=pods(known()), size=(120, 40)),
    "by_memory_120x40": Scene(("o",) * 5, "by memory", live=pods(known()), size=(120, 40)),
    "filtering": Scene(typed("!"), "faults only", live=pods(known())),
    "filtered": Scene((*typed("/oom|pull/"), "enter"), "2 of 9", live=pods(known())),
    "filtered_to_nothing": Scene((*typed("nobody"), "enter"), "nothing matches", live=pods(known())),
    "filter_broken": Scene((*typed("/(/"), "enter"), "no regular", live=pods(known()), size=(120, 40)),
    "started_again": Scene(live=pods(PodsView(source("pods", "k8s"), AGAIN, DEPLOYMENT, REVISIONS))),
    "loading": Scene(live=lost("loading")),
    "printed_120x40": Scene(
        live=pods(PodsView(source("pods", "k8s", "loading", as_of=None), PRINTED)), size=(120, 40)
    ),
    "unauthorized": Scene(live=lost("unauthorized", "the token has expired", "ctrl+z, `aws sso login`, fg")),
    "forbidden": Scene(live=lost("forbidden", "user viewer may not list pods", "ask for `list pods`")),
    "unreachable": Scene(live=lost("unreachable", "10.20.0.1:6443 refused the connection", "is the VPN up?")),
    "off": Scene(live=lost("off")),
    "empty": Scene(live=pods(PodsView(source("pods", "k8s")))),
    "thousands": Scene(live=pods(many(5_000))),
    "thousands_moved_120x40": Scene(("G",), "more above", live=pods(many(5_000)), size=(120, 40)),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    scene = SCENES[name]
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    war = asyncio.run(opened(tmp_path, scene))
    assert isinstance(war.clock, ManualClock)

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, scene.first)
        await pilot.press(*scene.keys)
        await drawn(pilot, scene.shows)

    looks(snap_compare, war, fly, size=scene.size)


def shown(cockpit: Flown) -> list[str]:
    """The names of the pods in the pane, top to bottom, as far as they are in view."""
    pane = cockpit.app.screen.query_one(PodsPane)
    return [row.key for row in pane.rows[: pane.size.height] if row.key and " " not in row.key]


@pytest.mark.anyio
async def test_sorting_and_filtering_by_keys(tmp_path: Path, outage: Path) -> None:
    async with flying(tmp_path, outage, size=(120, 40)) as cockpit:
        await cockpit.sees("▲ fdb6c65fd", "2/5 ready")
        assert len(shown(cockpit)) == 5
        await cockpit.press("o")
        await cockpit.sees("by name")
        assert shown(cockpit) == sorted(shown(cockpit))
        await cockpit.press("f")
        await cockpit.sees("words · /regex/ · app=web")
        await cockpit.type("app=payment-service,x!=y 6785")
        await cockpit.sees("2 of 5")
        assert all("-6785" in name for name in shown(cockpit))
        await cockpit.press("enter")
        await cockpit.press("o", "o", "o", "o", "o", "o")
        await cockpit.sees("by revision", "rev 42 1.4.1: 2/2 ready")
        await cockpit.press("escape")
        await cockpit.sees("rev 43 1.4.2: 0/3 ready")
        await cockpit.press("o")
        await cockpit.press("f", "exclamation_mark")
        await cockpit.sees("“!” ", " of 5")
        await cockpit.press("enter", "escape")
        await cockpit.sees("1.4.1 rev 42")


@pytest.mark.anyio
async def test_the_row_under_the_cursor_stays_where_it_is(tmp_path: Path) -> None:
    """Worse ones come above it, and it stands on the same line of the screen."""
    war = await opened(tmp_path, Scene(live=pods(many(300)), size=(120, 40)))
    app = CockpitApp(war, glyphs=UNICODE)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.pause()
        await pilot.press(*("j" * 60))
        pane = app.screen.query_one(PodsPane)
        chosen, line = pane.selected, pane._cursor - round(pane.scroll_offset.y)
        worse = tuple(crashing(f"7599565f95-{n:05x}", 3) for n in range(40))
        view = war.live.pods_view
        war.live.pods_view = replace(view, rows=(*worse, *view.rows[::-1]))
        war.on_signals()
        await pilot.pause()
        assert pane.selected == chosen
        assert pane._cursor - round(pane.scroll_offset.y) == line
        gone = tuple(row for row in war.live.pods_view.rows if row.name != chosen)
        war.live.pods_view = replace(view, rows=gone)
        war.on_signals()
        await pilot.pause()
        assert pane.selected not in ("", chosen)
    await war.house.close()


def test_the_stage_has_each_kind_of_fault() -> None:
    assert len({row.reason for row in KINDS}) == 7
    assert PODS[0].faulty
