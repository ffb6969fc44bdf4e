"""Panes and pages of signals in the states that their own tests leave out: in ASCII, without colours, alike, off, lost.

After a change that is meant: `pytest tests/screen/test_states.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from screen.looking import Compare, drawn, looks
from screen.staged import DEPLOYMENT, LOG, LOG_LINES, NOW, PODS, SIGNALS, Script, Stage, signal, source, stage
from screen.staged import REVISIONS as DONE
from screen.test_chart import charted
from screen.test_pod_page import LIVE, READ
from screen.test_pods_pane import known
from screen.test_rollout import READ as REVISIONS
from screen.test_rollout import view
from screen.test_signals_pane import FULL, MORE
from screen.test_snapshots import Scene, opened
from scribe.story import at
from textual.pilot import Pilot
from textual.widgets import Input

from cockpit.room.runs.jobs import NO_CLUSTER
from cockpit.room.views.rollout import RolloutView
from cockpit.room.views.signals import PodsView, SourceView
from cockpit.screen.terminal.glyphs import ASCII, UNICODE, Glyphs
from cockpit.values import replace

GONE = source("pods", "k8s", "unreachable", since=at("9:00"), as_of=at("9:00"),
              detail="10.20.0.1:6443 did not answer within 10 s", mend="is the VPN up?")  # fmt: skip
OFF = source("pods", "k8s", "off", as_of=None)
YOUNG = source("pods", "k8s", "loading", since=NOW - timedelta(seconds=3), as_of=None)
ALIKE = (
    signal("stopped", "Webhook processing stopped", "seconds", 1250.0, "breach", "> 900", breach_level=900.0),
    signal("rate", "Webhook processing success rate", "percent", 0.0, "breach", "< 90", breach_level=90.0),
    signal("backlog", "Webhook backlog", "count", 184.0, "warning", "> 100", warning_level=100.0),
)
"""Titles that begin with the same words."""
MANY = tuple(
    replace(SIGNALS[n % len(SIGNALS)], id=f"s{n}", title=f"{SIGNALS[n % len(SIGNALS)].title} of shard {n}")
    for n in range(300)
)


def well() -> Stage:
    """Two pods that run well, and no other."""
    deployment = msgspec.structs.replace(DEPLOYMENT, wanted=2, replicas=2)
    return stage(pods_view=PodsView(source("pods", "k8s"), PODS[3:], deployment, DONE[1:]))


def logged(**more: object) -> Stage:
    """Pods whose logs can be read."""
    return stage(pod_look=LIVE, log=(*LOG_LINES, "GET /health 200", "x" * 200), **more)


def everything(pods: SourceView) -> Stage:
    """All that is read from outside, in the state of `pods`; of the pods what was known before."""
    rows = stage().pods_view if pods.as_of else PodsView(pods)
    others = ("usage", "changes", "postgresql", "alertmanager")
    unknown = tuple(replace(each, value=None, state="unknown", reason="no reading for 120 s", at=at("9:00"))
                    for each in SIGNALS) if pods.as_of else ()  # fmt: skip
    return stage(
        pods_view=replace(rows, source=pods), signal_views=unknown,
        signals_from=replace(pods, name="prometheus", short="prom"),
        more_sources={name: replace(pods, name=name, short="") for name in others},
    )  # fmt: skip


def rolled(pods: SourceView) -> Stage:
    """A deployment of which nothing is known."""
    return stage(rollout_view=RolloutView(replace(pods, name="rollout", short="", as_of=None), PodsView(pods)))


@dataclass(frozen=True)
class State:
    """A scene, and the terminal on which it is drawn."""

    scene: Scene
    glyphs: Glyphs = UNICODE
    environ: dict[str, str] = field(default_factory=dict)


def seen(
    live: Callable[[], Stage], keys: tuple[str, ...] = (), shows: str = "", glyphs: Glyphs = UNICODE,
    script: Script | None = None, size: tuple[int, int] = (80, 24), **environ: str,
) -> State:  # fmt: skip
    first = "1 Pods " if glyphs is ASCII else "1 Pods ─ "
    return State(Scene(keys, shows, first, live=live, script=script or Script(), size=size), glyphs, environ)


EMPTY = Script(LOG, (), READ.result, standing=READ.standing)
FINDS_NOTHING = ("f", *"nobody", "enter")
STATES = {
    "pods_ascii": seen(lambda: stage(pods_view=known()), glyphs=ASCII),
    "pods_colourless": seen(lambda: stage(pods_view=known()), NO_COLOR="1"),
    "pods_no_faults": seen(well, ("f", "exclamation_mark", "enter"), "0 of 2"),
    "pods_all_lost": seen(lambda: everything(GONE), shows="as of 02:09:00Z"),
    "pods_all_lost_120x40": seen(lambda: everything(GONE), shows="as of 02:09:00Z", size=(120, 40)),
    "pods_all_lost_200x60": seen(lambda: everything(GONE), shows="as of 02:09:00Z", size=(200, 60)),
    "pods_all_lost_colourless": seen(lambda: everything(GONE), shows="as of 02:09:00Z", NO_COLOR="1"),
    "signals_alike": seen(lambda: stage(signal_views=ALIKE), shows="2 breached"),
    "signals_many": seen(lambda: stage(signal_views=MANY, more_sources=MORE), ("2", "z", "G"), "shard 298"),
    "signals_colourless": seen(
        lambda: stage(signal_views=FULL, more_sources=MORE), ("2", "z"), "2 breached", NO_COLOR="1"),
    "pod_ascii": seen(logged, ("enter",), "back-off 5m0s", glyphs=ASCII),
    "log_ascii": seen(logged, ("l", "F", "Z"), "GET /health", glyphs=ASCII, script=READ),
    "log_merged": seen(logged, ("l", "L"), "GET /health", script=READ),
    "log_filtered_to_nothing": seen(logged, ("l", "F", *FINDS_NOTHING), "0 of 6", script=READ),
    "log_nothing_written": seen(logged, ("l",), "nothing was written", script=EMPTY),
    "log_key_refused": seen(logged, ("l", "L", "P"), "choose a pod first", script=READ),
    "log_off": seen(lambda: stage(pods_view=PodsView(OFF), log_refused=NO_CLUSTER), ("l",), "not read"),
    "rollout_ascii": seen(
        lambda: stage(rollout_view=view(), revision_views=REVISIONS), ("c",), "Changed from", glyphs=ASCII),
    "rollout_off": seen(lambda: rolled(OFF), ("c",), "no cluster is configured"),
    "rollout_unreachable": seen(lambda: rolled(GONE), ("c",), "did not answer"),
    "chart_colourless": seen(charted, ("2", "g", "enter"), "entries", NO_COLOR="1"),
    "sources_live": seen(lambda: everything(source("pods", "k8s")), ("v",), "Doctor"),
    "sources_loading": seen(lambda: everything(YOUNG), ("v",), "loading for 3s"),
    "sources_off": seen(lambda: everything(OFF), ("v",), "off for"),
    "sources_lost": seen(lambda: everything(GONE), ("v",), "unreachable   "),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_looks(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    state = STATES[name]
    scene = state.scene
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    for variable, value in state.environ.items():
        monkeypatch.setenv(variable, value)
    war = asyncio.run(opened(tmp_path, scene))

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, scene.first)
        for key in scene.keys:
            await pilot.press(key)
            await pilot.pause()
        await drawn(pilot, scene.shows)

    looks(snap_compare, war, fly, size=scene.size, glyphs=state.glyphs)
