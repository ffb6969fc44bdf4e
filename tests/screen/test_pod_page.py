"""The pod's page: every state of it held against a picture, and its keys against a living cluster."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from screen.flying import flying
from screen.looking import Compare, drawn, looks
from screen.staged import LOG, LOG_LINES, NOW, PODS, Script, crashing, stage
from screen.test_snapshots import READ, Scene, opened
from scribe.story import at
from textual.pilot import Pilot
from textual.widgets import Input

from cockpit.clock import ManualClock
from cockpit.kube.pods.detail import pod_detail
from cockpit.kube.pods.usage import Usage, Used
from cockpit.kube.rows import EventRow
from cockpit.room.live.podwatch import PodLook
from cockpit.values import replace


def instant(elapsed: str) -> str:
    """A time of the story as the API writes it."""
    return f"{at(elapsed):%Y-%m-%dT%H:%M:%SZ}"


RAW = {
    "kind": "Pod", "apiVersion": "v1",
    "metadata": {
        "name": "payment-service-7599565f95-4kgb8", "namespace": "production", "uid": "7599565f95-4kgb8",
        "labels": {"app": "payment-service", "pod-template-hash": "7599565f95"}, "managedFields": [{}, {}],
        "creationTimestamp": instant("0:02"),
    },
    "spec": {
        "nodeName": "node-b", "restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
        "initContainers": [{"name": "migrate", "image": "registry.example/payment:1.4.2"}],
        "containers": [
            {
                "name": "payment", "image": "registry.example/payment:1.4.2",
                "env": [{"name": "PAYMENT_API_KEY", "value": "sk_live_abcdefghijkl"}],
                "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 2},
            },
            {"name": "proxy", "image": "registry.example/proxy:7"},
        ],
    },
    "status": {
        "phase": "Running", "podIP": "10.1.0.7", "qosClass": "Burstable",
        "initContainerStatuses": [{"name": "migrate", "state": {"terminated": {
            "exitCode": 0, "reason": "Completed", "startedAt": instant("0:02"),
            "finishedAt": instant("0:09")}}}],
        "containerStatuses": [
            {
                "name": "payment", "ready": False, "restartCount": 7,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": instant("10:17"),
                                             "finishedAt": instant("10:20")}},
            },
            {"name": "proxy", "ready": True, "restartCount": 0,
             "state": {"running": {"startedAt": instant("0:12")}}},
        ],
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "ContainersNotReady",
             "message": "containers with unready status: [payment]", "lastTransitionTime": instant("0:20")},
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": instant("0:02")},
        ],
    },
}  # fmt: skip
DETAIL = pod_detail(json.dumps(RAW).encode())
EVENTS = (
    EventRow("e1", NOW - timedelta(seconds=40), "Warning", "BackOff",
             "Back-off restarting failed container payment in pod payment-service-7599565f95-4kgb8", count=31,
             source="kubelet"),
    EventRow("e2", NOW - timedelta(minutes=9), "Normal", "Pulled", "Successfully pulled image", source="kubelet"),
    EventRow("e3", NOW - timedelta(minutes=10), "Normal", "Scheduled", "Assigned to node-b", source="scheduler"),
)  # fmt: skip
MI = 1024 * 1024
USAGE = Usage(0.03, 500 * MI, NOW, {"payment": Used(0.02, 490 * MI), "proxy": Used(0.01, 10 * MI)})
LIVE = PodLook("live", NOW, detail=DETAIL, row=PODS[0], events=EVENTS, usage=USAGE)
GONE = replace(LIVE, standing="gone", as_of=at("10:40"), row=None, usage=None)


def seen(look: PodLook, **more: object) -> Callable[[], object]:
    return lambda: stage(pod_look=look, log=(*LOG_LINES, "GET /health 200", "x" * 200), **more)


OPEN = ("enter",)
SCENES = {
    "pod": Scene(OPEN, "back-off 5m0s", live=seen(LIVE)),
    "pod_120x40": Scene(OPEN, "asks for", live=seen(LIVE), size=(120, 40)),
    "pod_events": Scene((*OPEN, "tab"), "BackOff ×31", live=seen(LIVE)),
    "pod_yaml": Scene((*OPEN, "left_square_bracket"), "kind: Pod", live=seen(LIVE)),
    "pod_loading": Scene(OPEN, "loading …", live=seen(PodLook("loading"))),
    "pod_gone": Scene(OPEN, "it was deleted", live=seen(GONE)),
    "pod_gone_unseen": Scene(OPEN, "before it could be read", live=seen(PodLook("gone"))),
    "pod_stale": Scene(OPEN, "no answer", live=seen(replace(
        LIVE, standing="stale", as_of=at("10:10"), said="no answer for 50 s", mend="is the VPN up?"))),
    "pod_forbidden": Scene(OPEN, "may not get", live=seen(PodLook(
        "forbidden", said="user viewer may not get pods in production", mend="ask for `get pods`"))),
    "pod_no_events": Scene((*OPEN, "tab"), "may not list", live=seen(replace(
        LIVE, events=(), events_said="user viewer may not list events in production"))),
    "log_following": Scene(("l", "F", "Z"), "GET /health", live=seen(LIVE), script=READ),
    "log_merged_120x40": Scene(("l", "L", "Z"), "GET /health", live=seen(LIVE), script=READ, size=(120, 40)),
    "log_filtered_paused": Scene(
        ("l", "F", "space", "f", *"health", "enter"), "“health” 1 of", live=seen(LIVE), script=READ),
    "log_lost": Scene(("l", "F"), "tries again", script=READ, live=seen(
        LIVE, log_wrong="10.20.0.1:6443 refused the connection; is the VPN up?")),
    "log_not_read": Scene(("l",), "may not get", live=seen(LIVE), script=Script(LOG, (), READ.result.model_copy(update={
        "outcome": "failed", "exit": 1, "error": "user viewer may not get pods/log in production; ask for that"}),
        standing="failed")),
    "log_filtering": Scene(("l", "F", "f", "slash", "left_parenthesis", "slash"), "no regular expression",
                           live=seen(LIVE), script=READ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    scene = SCENES[name]
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    war = asyncio.run(opened(tmp_path, scene))
    assert isinstance(war.clock, ManualClock)

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, scene.first)
        for key in scene.keys:
            await pilot.press(key)
            await pilot.pause()
        await drawn(pilot, scene.shows)

    looks(snap_compare, war, fly, size=scene.size)


async def keyed(tmp_path: Path, outage: Path) -> None:
    """From the worst pod into its page, through its parts, to its log and description, and back."""
    async with flying(tmp_path, outage) as cockpit:
        await cockpit.opens_crashing("enter", "PodPage")
        await cockpit.sees("[overview]", "CrashLoopBackOff: container payment ended with exit code 1", "readiness")
        await cockpit.press("tab")
        await cockpit.sees("[events ", "BackOff")
        await cockpit.press("right_square_bracket")
        await cockpit.sees("[YAML]", "kind: Pod")
        await cockpit.press("right_square_bracket")
        await cockpit.sees("[overview]")
        await cockpit.press("enter")
        await cockpit.goes_to("LogPage")
        await cockpit.sees("container payment")
        await cockpit.press("escape")
        await cockpit.goes_to("PodPage")
        await cockpit.press("d")
        await cockpit.goes_to("RunScreen")
        assert "describe" in (await cockpit.records("run-intent", 2)).payload["title"]
        await cockpit.press("escape")
        await cockpit.goes_to("PodPage")
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")


@pytest.mark.anyio
async def test_a_pods_page_leads_to_all_that_is_known_of_it(tmp_path: Path, outage: Path) -> None:
    await keyed(tmp_path, outage)


def test_what_is_staged_is_as_the_server_sends_it() -> None:
    assert DETAIL.row.crash_reason == "CrashLoopBackOff"
    assert DETAIL.row.name == crashing("7599565f95-4kgb8", 7).name
