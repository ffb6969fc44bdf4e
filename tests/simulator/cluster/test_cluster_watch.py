"""Lists, pages and watches over HTTP: snapshots, selectors, bookmarks, history that is gone, clients that lag."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from conftest import eventually
from simulator.cluster.scenes import PODS, Obj, Scene, empty_cluster, healthy_cluster, pod, scene

from cockpit.simulator.cluster.server import watching
from cockpit.simulator.cluster.server.watching import Watches
from cockpit.simulator.cluster.store import KEPT_CHANGES, Store

pytestmark = pytest.mark.anyio

TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}


def config_map(name: str, **labels: str) -> Obj:
    return {"kind": "ConfigMap", "metadata": {"name": name, "namespace": "production", "labels": labels}}


MAPS = "/api/v1/namespaces/production/configmaps"


async def watched(here: Scene, path: str, **params: Any) -> list[Obj]:
    """The events of a short watch."""
    answer = await here.http.get(path, params={"watch": 1, "timeoutSeconds": 1, **params})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def lines(response: httpx.Response) -> AsyncIterator[Obj]:
    async for line in response.aiter_lines():
        yield json.loads(line)


async def test_pages_show_the_cluster_as_it_was_on_the_first() -> None:
    async with scene(empty_cluster()) as here:
        for number in range(7):
            here.cluster.create(config_map(f"map-{number}"))
        first = await here.get(MAPS, params={"limit": 3})
        here.cluster.delete("configmaps", "production", "map-5")
        here.cluster.create(config_map("map-4-and-a-half"))
        second = await here.get(MAPS, params={"limit": 3, "continue": first["metadata"]["continue"]})
        third = await here.get(MAPS, params={"limit": 3, "continue": second["metadata"]["continue"]})
        names = [each["metadata"]["name"] for page in (first, second, third) for each in page["items"]]
        assert names == [f"map-{number}" for number in range(7)]
        assert [page["metadata"].get("remainingItemCount") for page in (first, second, third)] == [4, 1, None]
        assert len({page["metadata"]["resourceVersion"] for page in (first, second, third)}) == 1


async def test_page_after_the_history_is_gone_is_expired_with_a_way_on() -> None:
    async with scene(empty_cluster()) as here:
        for number in range(4):
            here.cluster.create(config_map(f"map-{number}"))
        first = await here.get(MAPS, params={"limit": 2})
        here.cluster.trouble.expire()
        gone = await here.http.get(MAPS, params={"limit": 2, "continue": first["metadata"]["continue"]})
        assert (gone.status_code, gone.json()["reason"]) == (410, "Expired")
        rest = await here.get(MAPS, params={"limit": 2, "continue": gone.json()["metadata"]["continue"]})
        assert [each["metadata"]["name"] for each in rest["items"]] == ["map-2", "map-3"]


@pytest.mark.parametrize("token", ["nonsense", "e30", "!!"])
async def test_token_that_is_none_is_refused(token: str) -> None:
    async with scene(empty_cluster()) as here:
        answer = await here.http.get(MAPS, params={"limit": 2, "continue": token})
        assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("app=a", ["one"]),
        ("app==a,tier=web", ["one"]),
        ("app!=a", ["three", "two"]),
        ("app in (a, b)", ["one", "two"]),
        ("app notin (a),app", ["two"]),
        ("!app", ["three"]),
        ("tier", ["one", "two"]),
    ],
)
async def test_label_selectors(selector: str, names: list[str]) -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(config_map("one", app="a", tier="web"))
        here.cluster.create(config_map("two", app="b", tier="db"))
        here.cluster.create(config_map("three"))
        found = await here.get(MAPS, params={"labelSelector": selector})
        assert sorted(each["metadata"]["name"] for each in found["items"]) == names


async def test_field_selectors() -> None:
    async with scene(healthy_cluster()) as here:
        name, node = here.pods()[0]["metadata"]["name"], here.pods()[0]["spec"]["nodeName"]
        one = await here.get(PODS, params={"fieldSelector": f"metadata.name={name},status.phase!=Failed"})
        assert [each["metadata"]["name"] for each in one["items"]] == [name]
        there = await here.get("/api/v1/pods", params={"fieldSelector": f"spec.nodeName={node}"})
        assert {each["spec"]["nodeName"] for each in there["items"]} == {node}
        events = await here.get(
            "/api/v1/events", params={"fieldSelector": f"involvedObject.name={name},reason=Scheduled"}
        )
        assert [each["count"] for each in events["items"]] == [1]
        wrong = await here.http.get(PODS, params={"fieldSelector": "spec.colour=red"})
        assert wrong.json()["message"] == "field label not supported: spec.colour"


async def test_watch_goes_on_where_the_list_ended() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(config_map("one"))
        version = (await here.get(MAPS))["metadata"]["resourceVersion"]
        here.cluster.create(config_map("two"))
        here.cluster.patch_merge("configmaps", "production", "one", {"data": {"a": "b"}})
        here.cluster.delete("configmaps", "production", "two")
        events = await watched(here, MAPS, resourceVersion=version)
        assert [(each["type"], each["object"]["metadata"]["name"]) for each in events] == [
            ("ADDED", "two"),
            ("MODIFIED", "one"),
            ("DELETED", "two"),
        ]
        versions = [int(each["object"]["metadata"]["resourceVersion"]) for each in events]
        assert versions == sorted(set(versions))
        assert versions[0] > int(version)


@pytest.mark.parametrize("params", [{}, {"resourceVersion": "0"}])
async def test_watch_from_nowhere_begins_with_what_is_there(params: dict[str, str]) -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(config_map("one"))
        events = await watched(here, MAPS, **params)
        assert [(each["type"], each["object"]["metadata"]["name"]) for each in events] == [("ADDED", "one")]


async def test_initial_events_end_with_their_bookmark() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(config_map("one"))
        options = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
        events = await watched(here, MAPS, **options)
        assert [each["type"] for each in events[:2]] == ["ADDED", "BOOKMARK"]
        assert events[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_object_that_leaves_or_enters_the_selection_is_deleted_or_added() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(config_map("one", app="a"))
        here.cluster.create(config_map("two", app="b"))
        version = here.cluster.store.version
        here.cluster.patch_merge("configmaps", "production", "one", {"metadata": {"labels": {"app": "b"}}})
        here.cluster.patch_merge("configmaps", "production", "two", {"metadata": {"labels": {"app": "a"}}})
        events = await watched(here, MAPS, resourceVersion=version, labelSelector="app=a")
        assert [(each["type"], each["object"]["metadata"]["name"]) for each in events] == [
            ("DELETED", "one"),
            ("ADDED", "two"),
        ]
        assert events[0]["object"]["metadata"]["labels"] == {"app": "a"}


async def test_table_watch_names_its_columns_once() -> None:
    async with scene(healthy_cluster()) as here:
        answer = await here.http.get(PODS, params={"watch": 1, "timeoutSeconds": 1}, headers=TABLE)
        events = [json.loads(line) for line in answer.text.splitlines()]
        assert [each["object"]["kind"] for each in events] == ["Table"] * 3
        assert [bool(each["object"]["columnDefinitions"]) for each in events] == [True, False, False]
        assert events[0]["object"]["rows"][0]["cells"][1:4] == ["1/1", "Running", "0"]


@pytest.mark.parametrize(
    ("include", "kind"), [("None", None), ("Metadata", "PartialObjectMetadata"), ("Object", "Pod")]
)
async def test_table_rows_carry_what_was_asked(include: str, kind: str | None) -> None:
    async with scene(healthy_cluster()) as here:
        table = await here.get(PODS, params={"includeObject": include}, headers=TABLE)
        assert {(row["object"] or {}).get("kind") for row in table["rows"]} == {kind}


async def test_watch_from_before_the_history_is_told_so() -> None:
    async with scene(empty_cluster()) as here:
        version = here.cluster.store.version
        here.cluster.trouble.expire()
        events = await watched(here, MAPS, resourceVersion=version)
        assert [each["type"] for each in events] == ["ERROR"]
        assert (events[0]["object"]["code"], events[0]["object"]["reason"]) == (410, "Expired")


async def test_version_from_the_future_is_refused() -> None:
    async with scene(empty_cluster()) as here:
        answer = await here.http.get(MAPS, params={"resourceVersion": 10**9})
        assert answer.status_code == 504
        assert answer.json()["message"].startswith("Too large resource version: 1000000000, current: ")


async def test_open_watch_tells_at_once_and_ends_when_it_is_cut() -> None:
    async with scene(empty_cluster()) as here:
        params = {"watch": 1, "resourceVersion": here.cluster.store.version}
        async with here.http.stream("GET", MAPS, params=params) as response:
            told = lines(response)
            here.cluster.create(config_map("one"))
            assert (await asyncio.wait_for(anext(told), 10))["type"] == "ADDED"
            here.cluster.trouble.cut_watches()
            with pytest.raises(StopAsyncIteration):
                await asyncio.wait_for(anext(told), 10)


async def test_watch_that_is_cut_in_a_line_ends_in_half_an_event() -> None:
    async with scene(empty_cluster()) as here:
        params = {"watch": 1, "resourceVersion": here.cluster.store.version}
        async with here.http.stream("GET", MAPS, params=params) as response:
            here.cluster.trouble.cut_watches(mid_line=True)
            rest = await asyncio.wait_for(response.aread(), 10)
        with pytest.raises(json.JSONDecodeError):
            json.loads(rest)


async def test_silent_watch_keeps_what_happened_for_later() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.trouble.silence = True
        params = {"watch": 1, "resourceVersion": here.cluster.store.version}
        async with here.http.stream("GET", MAPS, params=params) as response:
            told = lines(response)
            here.cluster.create(config_map("one"))
            first = asyncio.ensure_future(anext(told))
            done, _ = await asyncio.wait([first], timeout=0.3)
            assert not done
            here.cluster.trouble.silence = False
            assert (await asyncio.wait_for(first, 10))["object"]["metadata"]["name"] == "one"


async def test_client_that_goes_away_is_forgotten() -> None:
    async with scene(empty_cluster()) as here:
        opened = here.cluster.watches._open
        async with here.http.stream("GET", MAPS, params={"watch": 1}):
            await eventually(lambda: len(opened) == 1)
        await eventually(lambda: not opened)


def test_client_that_lags_too_far_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_WAITING", 10)
    store = Store()
    watch = Watches(store).open("configmaps", lambda record: True, store.version)
    for number in range(11):
        store.put("configmaps", config_map(f"map-{number}"))
    assert watch.closed
    assert not watch.waiting


def test_history_is_bounded() -> None:
    store = Store()
    begin = store.version
    for number in range(KEPT_CHANGES + 5):
        store.put("configmaps", config_map(f"map-{number % 3}"))
    assert len(store.changes) == KEPT_CHANGES
    assert store.compacted == begin + 5


async def test_pod_table_shows_restarts_and_endings_as_kubectl_does() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("crasher", "registry.local/payment-service:crash"))

        async def looping() -> list[Any]:
            table = await here.get(PODS, headers=TABLE)
            cells: list[Any] = table["rows"][0]["cells"]
            return cells if cells[2] == "CrashLoopBackOff" and cells[3] != "0" else []

        cells = await eventually(looping)
        assert isinstance(cells, list)
        count, _, ago = cells[3].partition(" ")
        assert int(count) >= 1
        assert ago.startswith("(")
        assert ago.endswith("s ago)")
