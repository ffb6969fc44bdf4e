"""The API answers as the recorded real one: the recorded requests, in their order, and every value that must agree."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import eventually
from simulator.cluster.scenes import DEPLOYMENT, PODS, Scene, empty_cluster, scene, words
from simulator.cluster.shapes import plain, recorded
from simulator.servers import ADMIN, VIEWER

from cockpit.simulator.cluster.kubelet.podstatus import is_ready

pytestmark = pytest.mark.anyio

_TOKENS = {"admin": ADMIN, "viewer": VIEWER}
_PODS = {"pod": "payment-service-5dc9b45b44-6wfp7", "victim": "payment-service-84f7d6b97c-5wvhx"}


class Replay:
    """Sends recorded requests to the simulator."""

    def __init__(self, scene: Scene, shared: Path) -> None:
        self.scene = scene
        self.shared = shared

    async def send(self, number: int, **changed: str) -> httpx.Response:
        """The recorded request; keyword arguments replace texts in its path."""
        asked = recorded(self.shared, number)["request"]
        headers = {"authorization": f"Bearer {_TOKENS[asked['user']]}"}
        headers |= {
            name: asked[name.replace("-", "_")] for name in ("accept", "content-type") if asked[name.replace("-", "_")]
        }
        path = asked["path"]
        for old, new in changed.items():
            path = path.replace(_PODS[old], new)
        content = None if asked["body"] is None else json.dumps(asked["body"])
        return await self.scene.http.request(asked["method"], path, content=content, headers=headers)

    async def same(self, number: int, **changed: str) -> Any:
        """Send a recorded request and hold the answer against the recorded one."""
        answer = await self.send(number, **changed)
        wanted = recorded(self.shared, number)["response"]
        assert answer.status_code == wanted["status"], answer.text
        assert answer.headers["content-type"].startswith(wanted["headers"]["content-type"])
        if isinstance(wanted["body"], str):
            return answer
        assert plain(answer.json()) == plain(wanted["body"]), f"recording {number}"
        assert "audit-id" in answer.headers
        return answer.json()


async def test_whole_story(shared: Path) -> None:
    """Create, look, release badly, undo, restart, scale, set env, delete: each answer is the recorded one."""
    async with scene(empty_cluster()) as here:
        replay = Replay(here, shared)
        await replay.same(6)
        await replay.same(7)
        await here.complete()
        name = await _healthy(replay)
        await _bad_release(replay)
        await _undo(replay)
        await _more_changes(replay)
        await _deletes(replay)
        assert name not in {pod["metadata"]["name"] for pod in here.pods()}


async def _healthy(replay: Replay) -> str:
    for number in (8, 9, 12, 15, 16, 17):
        await replay.same(number)
    first = (await replay.send(9)).json()
    token = first["metadata"]["continue"]
    rest = await replay.scene.get(PODS, params={"limit": 2, "continue": token})
    assert plain(rest) == plain(recorded(replay.shared, 10)["response"]["body"])
    name: str = first["items"][0]["metadata"]["name"]
    await replay.same(13, pod=name)
    log = await replay.same(14, pod=name)
    assert len(log.text.splitlines()) <= 5
    table = (await replay.send(11)).json()
    wanted = recorded(replay.shared, 11)["response"]["body"]
    for each in (*table["rows"], *wanted["rows"]):
        each["cells"][4] = "<age>"
    assert plain(table) == plain(wanted)
    return name


async def _bad_release(replay: Replay) -> None:
    before = replay.scene.cluster.store.version
    await replay.same(18)
    await eventually(lambda: "CrashLoopBackOff" in words(replay.scene.pods()))
    await eventually(lambda: replay.scene.conditions()["Progressing"] == "ReplicaSetUpdated")
    await replay.same(25)
    await replay.same(26)
    pods = plain((await replay.send(22)).json())
    wanted = plain(recorded(replay.shared, 22)["response"]["body"])
    state = {each["metadata"]["labels"]["pod-template-hash"]: each for each in pods["items"]}
    assert len(pods["items"]) == len(wanted["items"]) == 4
    crashing = next(each for each in pods["items"] if "waiting" in each["status"]["containerStatuses"][0]["state"])
    crashing["status"]["containerStatuses"][0]["state"]["waiting"]["message"] = "<text>"
    for each in wanted["items"]:
        each["status"]["containerStatuses"][0]["state"].get("waiting", {})["message"] = "<text>"
    assert all(any(each == other for other in wanted["items"]) for each in pods["items"]), state
    await _same_events(replay, before)


async def _same_events(replay: Replay, since: int) -> None:
    """The watches told the steps that were recorded, in their order."""
    for number in (20, 21):
        path = f"{recorded(replay.shared, number)['request']['path'].partition('?')[0]}"
        told = await watch(replay.scene, path, since)
        wanted = recorded(replay.shared, number)["response"]["body"]
        ours = [plain(event) for event in told if event["type"] != "BOOKMARK"]
        theirs = [plain(event) for event in wanted if event["type"] != "BOOKMARK"]
        if number == 20:  # the status between the steps depends on who is faster: first and last are certain
            assert ours[0] == theirs[0]
            assert ours[-1] == theirs[-1]
            continue
        for event in (*ours, *theirs):
            event["object"]["involvedObject"].pop("fieldPath", None)
        controllers = [each for each in theirs if each["object"]["source"]["component"] != "kubelet"]
        assert all(each in ours for each in controllers)


async def _undo(replay: Replay) -> None:
    dry = await replay.send(27)
    wanted = recorded(replay.shared, 27)["response"]["body"]
    assert plain(dry.json()) == plain(wanted)
    assert replay.scene.cluster.get("deployments", "production", "payment-service")["metadata"]["generation"] == 2
    await replay.same(28)
    await replay.scene.complete()
    await replay.same(29)
    await replay.same(30)


async def _more_changes(replay: Replay) -> None:
    await replay.same(31)
    await replay.scene.complete()
    await replay.same(32)
    await replay.scene.complete()
    changed = (await replay.send(33)).json()
    wanted = recorded(replay.shared, 33)["response"]["body"]
    for body in (changed, wanted):  # which condition was written last depends on whether it was ever unavailable
        body["status"]["conditions"].sort(key=lambda each: each["type"])
    assert plain(changed) == plain(wanted)
    await replay.scene.complete()


async def _deletes(replay: Replay) -> None:
    gone = (await replay.send(34)).json()
    wanted = recorded(replay.shared, 34)["response"]["body"]
    assert plain(gone["items"][0]) == plain(wanted["items"][0])
    assert len(gone["items"]) == 5
    names = {each["metadata"]["name"] for each in gone["items"]}
    await eventually(lambda: not names & {each["metadata"]["name"] for each in replay.scene.pods()})
    await eventually(lambda: len(replay.scene.pods()) == 5 and all(is_ready(each) for each in replay.scene.pods()))
    victim = replay.scene.pods()[0]["metadata"]["name"]
    await replay.same(37, victim=victim)
    await replay.same(38)
    await replay.same(39)
    for number in (40, 41, 42, 43, 44, 47, 48, 49):
        await replay.same(number)
    await replay.same(46)


async def test_unauthorized_answer_is_the_recorded_one(shared: Path) -> None:
    async with scene(empty_cluster(), token="wrong") as here:
        answer = await here.http.get(PODS)
    assert (answer.status_code, answer.json()) == (401, recorded(shared, 45)["response"]["body"])


async def test_absent_metrics_answer_is_the_recorded_one(shared: Path) -> None:
    cluster = empty_cluster()
    cluster.metrics_served = False
    async with scene(cluster) as here:
        answer = await Replay(here, shared).send(50)
    wanted = recorded(shared, 50)["response"]
    assert (answer.status_code, answer.text) == (wanted["status"], wanted["body"])
    assert answer.headers["content-type"] == wanted["headers"]["content-type"]


async def test_too_old_watch_is_the_recorded_event(shared: Path) -> None:
    async with scene(empty_cluster()) as here:
        answer = await Replay(here, shared).send(51)
    event = json.loads(answer.text)
    wanted = recorded(shared, 51)["response"]["body"][0]
    assert answer.status_code == 200
    assert {**event["object"], "message": ""} == {**wanted["object"], "message": ""}
    assert event["object"]["message"].startswith("too old resource version: 1 (")


async def test_discovery_is_a_part_of_the_recorded_one(shared: Path) -> None:
    """Every group and resource we name is described as a real server describes it."""
    async with scene(empty_cluster()) as here:
        version = await here.get("/version")
        assert version.keys() == recorded(shared, 1)["response"]["body"].keys()
        versions, wanted = await here.get("/api"), recorded(shared, 2)["response"]["body"]
        assert versions.keys() == wanted.keys()
        groups = {each["name"]: each for each in (await here.get("/apis"))["groups"]}
        known = {each["name"]: each for each in recorded(shared, 3)["response"]["body"]["groups"]}
        assert {name: each for name, each in groups.items() if name in known}.items() <= known.items()
        assert groups.keys() - known.keys() == {"metrics.k8s.io"}
        for number in (4, 5):
            await _same_resources(here, shared, number)


async def _same_resources(here: Scene, shared: Path, number: int) -> None:
    exchange = recorded(shared, number)
    ours, theirs = await here.get(exchange["request"]["path"]), exchange["response"]["body"]
    assert {**ours, "resources": []} == {**theirs, "resources": []}
    known = {each["name"]: plain(each) for each in theirs["resources"]}
    for each in ours["resources"]:
        assert plain(each) == known[each["name"]]


async def watch(here: Scene, path: str, since: int, **options: Any) -> list[dict[str, Any]]:
    """The events of a watch that ends at once."""
    params = {"watch": 1, "resourceVersion": since, "timeoutSeconds": 1, **options}
    answer = await asyncio.wait_for(here.http.get(path, params=params), 20)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_bookmarks_have_the_recorded_form(shared: Path) -> None:
    async with scene(empty_cluster()) as here:
        for number, path in ((19, PODS), (20, DEPLOYMENT.rpartition("/")[0])):
            events = await watch(here, path, here.cluster.store.version, allowWatchBookmarks="true")
            wanted = next(each for each in recorded(shared, number)["response"]["body"] if each["type"] == "BOOKMARK")
            assert plain(events[-1]) == plain(wanted)
