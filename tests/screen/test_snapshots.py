"""How every screen looks, held against pictures that somebody has looked at.

After a change that is meant: `pytest tests/screen/test_snapshots.py --snapshot-update`, and look at the new pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from screen.looking import Compare, drawn, looks
from screen.staged import (
    CONFIGURATION,
    DELETE,
    KILL,
    LOG,
    LOG_LINES,
    NOW,
    ROLLBACK,
    TELLING,
    VERCEL,
    Script,
    Stage,
    StagedRoom,
    open_staged,
    source,
    stage,
    story,
)  # fmt: skip
from scribe.fuller import handed_over
from scribe.story import at, bad_release
from textual.pilot import Pilot
from textual.widgets import Input

from cockpit.clock import ManualClock
from cockpit.incident.clocks import clocks
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Deed, Delivery, Message, RunResult, RunVerified
from cockpit.incident.timeline import Timeline
from cockpit.room.doctor import Finding
from cockpit.room.journal.listing import Listed
from cockpit.room.views.signals import PodsView, Suggestion
from cockpit.values import replace

DONE = RunResult(run="run-1", outcome="succeeded", exit=0, seconds=43.0)
CHECKED = RunVerified(
    run="run-1", verdict="verified", checks=("rollout complete: 5/5 available", "Error rate: back to ok, 0.3 %")
)
FLYING = Script(lines=("deployment.apps/payment-service rolled back",), standing="verifying", saying="rollout 3/5")
LANDED = replace(FLYING, result=DONE, verified=CHECKED, standing="verified", saying="")
FAILED = Script(
    lines=("error: deployment payment-service is paused",), standing="failed",
    result=DONE.model_copy(update={"outcome": "failed", "exit": 1, "error": "the API server refused: it is paused"}),
)  # fmt: skip
UNSEEN = Script(
    standing="unknown",
    result=DONE.model_copy(
        update={"outcome": "unknown", "exit": None, "error": "its answer was not seen; the revision is still 43"}
    ),
)
READ = Script(LOG, LOG_LINES, DONE.model_copy(update={"run": "run-2"}), standing="succeeded")
FOUND = (
    Finding("record", "ok", "/home/oncall/.local/state/cockpit/record.db, writable"),
    Finding("get pods/log", "ok", "may read logs"),
    Finding("patch deployments.apps", "warn", "may not roll back: no rule allows it", "ask for it in production"),
)  # fmt: skip


def suggesting() -> Stage:
    """The outage with what the runbook suggests; the scenario is the shipped runbook's."""
    return stage(found=FOUND)


def lost(state: str, detail: str, mend: str, *, rows: bool = False) -> Stage:
    """A stage whose sources are in `state`."""
    gone = source(
        "pods", "k8s", state, detail=detail, mend=mend, since=at("10:00"), as_of=at("10:00") if rows else None
    )
    pods = replace(stage().pods_view, source=gone) if rows else PodsView(gone)
    signals = (
        tuple(replace(s, state="unknown", value=None, reason=detail) for s in stage().signal_views) if rows else ()
    )
    return stage(pods_view=pods, signal_views=signals, signals_from=replace(gone, name="prometheus", short="prom"))


@dataclass(frozen=True)
class Scene:
    """A picture: what is on the stage, the keys that lead to the screen, and words that show it is there."""

    keys: Sequence[str] = ()
    shows: str = ""
    first: str = "1 Pods ─ "
    live: Callable[[], Stage | None] = suggesting
    script: Script = field(default_factory=Script)
    now: datetime = NOW
    begun: bool = True
    size: tuple[int, int] = (80, 24)
    more: dict[str, Any] = field(default_factory=dict)
    full: str = ""
    """The minute of the fuller story, with its handover, at which the picture is taken; else it is the shorter one."""
    drill: bool = False
    telling: bool = False
    """There is a public page, and more audiences than one."""
    troubled: bool = False
    """Channels fail: messages wait, are given up, or nobody knows."""
    lacks: str = ""
    """A kind of entry that was never written in it."""


LATER = at("41:00")
NO_CARDS = [{" ": "space", ".": "full_stop"}.get(key, key) for key in "no card is taken at 10.1.0.7"]
SCENES = {
    "cockpit": Scene(),
    "cockpit_120x40": Scene(size=(120, 40)),
    "cockpit_200x60": Scene(size=(200, 60)),
    "cockpit_watching": Scene(begun=False),
    "cockpit_overdue": Scene(now=at("40:00") - timedelta(seconds=1)),
    "cockpit_silent": Scene(lacks="message", now=at("9:30")),
    "cockpit_silent_120x40": Scene(lacks="message", now=at("9:30"), size=(120, 40)),
    "cockpit_silent_200x60": Scene(lacks="message", now=at("9:30"), size=(200, 60)),
    "severity_silent": Scene(("e",), "Critical", lacks="message", now=at("9:30")),
    "cockpit_unanswered": Scene(lacks="acknowledged"),
    "cockpit_resolved": Scene(now=LATER),
    "cockpit_zoomed": Scene(("4", "z"), "watching payment-service"),
    "cockpit_too_small": Scene(size=(40, 10)),
    "cockpit_run_in_flight_120x40": Scene(("a", "enter", "y", "escape"), "Run ─", script=FLYING, size=(120, 40)),
    "cockpit_read_only": Scene(more={"read_only": True}),
    "declare": Scene(("D",), "severity (may come later)", begun=False),
    "severity": Scene(("e",), "Critical"),
    "roles": Scene(("r",), "Incident commander"),
    "handover": Scene(("r",), "accepted", full="42:30"),
    "brief": Scene(("b",), "to read aloud", full="42:30"),
    "catch_up": Scene(("C",), "by others", full="60:00", more={"actor": "@net"}),
    "catch_up_120x40": Scene(
        ("C",), "since your last entry", full="60:00", more={"actor": "@dba"}, size=(120, 40)),
    "review": Scene(("w",), "parts written by people", full="120:00"),
    "entry_amended": Scene(("4", "f", *"roll back", "enter", "enter"), "versions", full="44:20"),
    "claim": Scene(("K",), "nobody holds it", more={"shared": True}),
    "confirm": Scene(
        ("slash", *"resolve --stays --announce --set explanation=the_release_was_bad", "enter"), "does all of this",
        full="60:00"),
    "stays": Scene(("slash", *"resolve all is well", "enter"), "Still in place 1 of 2", full="60:00"),
    "by_hand": Scene(("a", *"jjjjj", "enter"), "what came of it"),
    "drill": Scene(full="60:00", drill=True),
    "cockpit_after": Scene(full="120:00"),
    "brief_120x40": Scene(("b",), "to read aloud", full="60:00", size=(120, 40)),
    "act": Scene(("a",), "Roll back"),
    "run_preview": Scene(("a", "enter"), "no (default)"),
    "run_in_flight": Scene(("a", "enter", "y"), "rollout 3/5", script=FLYING),
    "run_result": Scene(("a", "enter", "y"), "exit 0", script=LANDED),
    "run_refused": Scene(("a", "enter"), "cannot run", script=Script(replace(
        ROLLBACK, refusals=("the deployment is paused: resume it",)))),
    "run_forbidden": Scene(("a", "enter"), "break the glass", script=Script(replace(
        ROLLBACK, forbidden="as scribe you may not change things (roles in cockpit.yaml:49); @bob (ops) may"))),
    "break_glass": Scene(("a", "enter", "B"), "why you do it", script=Script(replace(
        ROLLBACK, forbidden="as scribe you may not change things (roles in cockpit.yaml:49); @bob (ops) may"))),
    "values": Scene(("a", *"jjjjjj", "enter"), "replicas (default)"),
    "run_destructive": Scene(("a", "enter"), "type payment-service and enter", script=Script(DELETE)),
    "run_sql": Scene(("a", "enter"), "counted by a SELECT", script=Script(KILL)),
    "run_missing_tool": Scene(("a", "enter"), "not installed here", script=Script(VERCEL)),
    "run_failed": Scene(("a", "enter", "y"), "exit 1", script=FAILED),
    "run_unknown": Scene(("a", "enter", "y"), "its answer was not seen", script=UNSEEN),
    "run_again": Scene(("a", "enter", "y"), "3 minutes ago", script=Script(replace(ROLLBACK, confirm=replace(
        ROLLBACK.confirm, extra="@dana rolled it back 3 minutes ago")))),
    "update": Scene(("u", *"new"), "to be filled", telling=True),
    "update_filled": Scene(("u", *"new", "tab", "tab", *NO_CARDS, "ctrl+down", "down"), "←→ choose", telling=True),
    "update_filled_120x40": Scene(
        ("u", *"new", "tab", "tab", *NO_CARDS, "ctrl+down"), "←→ choose", telling=True, size=(120, 40)),
    "update_asks": Scene(("u", *"new", "tab", "tab", *NO_CARDS, "enter"), "Record and send?", telling=True),
    "log": Scene(("l",), "SettingsError", script=READ),
    "scribe": Scene(("s", "g"), "Summary"),
    "help": Scene(("question_mark",), "Keys"),
    "messages": Scene(("m",), "Other clocks"),
    "message": Scene(("m", "tab", "enter"), "Attempts"),
    "messages_troubled": Scene(("m",), "S says whether it arrived", troubled=True),
    "message_troubled": Scene(("m", "j", "enter"), "Attempts", troubled=True),
    "settle": Scene(("m", "j", "j", "S"), "Did it arrive?", troubled=True),
    "contacts": Scene(("p",), "Ladder"),
    "page": Scene(("p", "enter"), "by hand"),
    "contacts_nobody_answers": Scene(("p",), "Ladder", lacks="acknowledged"),
    "page_target": Scene(("p", *"jjjjjjj", "enter", "tab", *"pool", "enter"), "What for: pool"),
    "sources": Scene(("v",), "patch deployments"),
    "incidents": Scene(("i",), "gateway-timeouts"),
    "entry": Scene(("4", "enter"), "writer-a"),
    "prompt_note": Scene(("n", *"checking"), "note checking"),
    "prompt_refused": Scene(("slash", *"severty", "enter"), "No such command"),
    "panes_loading": Scene(live=lambda: None),
    "panes_empty": Scene(live=lambda: stage(pods_view=PodsView(source("pods", "k8s")), signal_views=())),
    "panes_stale": Scene(live=lambda: lost("stale", "no answer for 60 s", "it is asked again every 5 s", rows=True)),
    "panes_forbidden": Scene(live=lambda: lost(
        "forbidden", "user viewer may not list pods in production", "ask for `list pods` in production")),
    "panes_unreachable": Scene(live=lambda: lost(
        "unreachable", "10.20.0.1:6443 refused the connection", "is the VPN up? it is asked again every 5 s")),
}  # fmt: skip


def suggested(war: StagedRoom) -> None:
    """Let the stage suggest the shipped runbook's first scenario, and let the list have two incidents."""
    runbook = war.house.runbook
    if war.live is not None and runbook is not None and war.live.pods().crashing:
        war.live.suggested = (Suggestion(runbook.scenarios[0], "3 pods in CrashLoopBackOff since release 1.4.2", 9),)
    over = Timeline(story(LATER)).state
    policy = war.room.setting.policy
    war.script.listed = [
        Listed("INC-2026-001", war.room.state, clocks(war.room.state, policy)),
        Listed("INC-2026-000", replace(over, incident="other", name="gateway-timeouts", severity="P3"), ()),
    ]


def troubles() -> list[Entry]:
    """What another cockpit wrote while channels failed: one message given up, one tried again, one of which nobody
    knows, and one on its way."""
    book = bad_release()
    before = len(book.entries)
    for id, audience, channels, title in (
        ("m-2", "page:database-team", ("pager", "incidents"), "P1 payment-failure: database-team is paged by @oncall"),
        ("m-3", "internal", ("incidents", "paper"), "🚨 INCIDENT UPDATE"),
        ("m-4", "customer-email", ("letters",), "Service Disruption"),
        ("m-5", "support", ("support-chat",), "what to tell customers"),
    ):
        deed: Deed = "page" if audience.startswith("page:") else "tell"
        message = Message(
            message=id, template="t", audience=audience, channels=channels, title=title, text="x", deed=deed
        )
        book.add(message, "10:00", "@dana", role="comms", recorded="42:00")
    refused = "the key was refused (403); make a new one, and put it into the configuration"
    for message, channel, state, more in (
        ("m-2", "pager", "failed", {"reason": "no answer within 5 s", "attempt": 1, "next_try": at("10:11")}),
        ("m-2", "pager", "given up", {"reason": refused, "attempt": 2}),
        ("m-2", "incidents", "given up", {"reason": "the channel is archived; name another one", "attempt": 1}),
        ("m-3", "incidents", "failed", {"reason": "too many requests (429)", "attempt": 3, "next_try": at("11:42")}),
        ("m-4", "letters", "unknown", {"reason": "the server broke off after it had taken the words", "attempt": 1}),
        ("m-5", "support-chat", "sending", {"attempt": 1}),
    ):
        book.add(
            Delivery.model_validate({"message": message, "channel": channel, "state": state} | more),
            "10:10",
            recorded="42:00",
        )
    return book.entries[before:]


async def opened(folder: Path, scene: Scene) -> StagedRoom:
    """The war room of a scene."""
    if scene.more.get("read_only"):
        await (await open_staged(folder)).room.store.close()  # the journal is made: one that only reads makes none
    entries = story(scene.now) if scene.begun else story(at("2:30"))
    script = replace(scene.script)
    now = scene.now if scene.begun else at("2:30")
    if scene.full:
        now = at(scene.full)
        entries = [entry for entry in handed_over(drill=scene.drill).timeline.entries if entry.recorded.at <= now]
    entries = [entry for entry in entries if entry.kind != scene.lacks]
    entries += troubles() if scene.troubled else []
    war = await open_staged(
        folder,
        scene.live(),
        entries=entries,
        now=now,
        script=script,
        configuration=TELLING if scene.telling else CONFIGURATION,
        **scene.more,
    )
    war.room.store.path = Path("/home/oncall/.local/state/cockpit/record.db")
    if scene.begun:
        suggested(war)
    return war


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    scene = SCENES[name]
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    war = asyncio.run(opened(tmp_path, scene))
    assert isinstance(war.clock, ManualClock)

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, scene.first)
        for key in scene.keys:
            if key == "y" and scene.keys[0] == "a":
                await drawn(pilot, "no (default)")  # an answer to a question that does not stand there yet is none
            await pilot.press(key)
            if key == "a" and scene.keys[0] == "a" and "enter" in scene.keys:
                await drawn(pilot, "changing")
            if key == "enter" and scene.keys[-1] == "B":
                await drawn(pilot, "break the glass")
        await drawn(pilot, scene.shows)
        await pilot.pause()

    looks(snap_compare, war, fly, size=scene.size)
