"""List and watch against a server that pages, bookmarks, forgets, lies, falls silent and dies."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from replay import Recorded, answering, kubeconfig, serving, status
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.listing import patience
from cockpit.kube.listing.lister import Lister
from cockpit.kube.listing.patience import backoff
from cockpit.kube.pods.row import PodRow, pod_row

pytestmark = pytest.mark.anyio
PATH = "/api/v1/namespaces/production/pods"


def pod(name: str, version: int = 1, **status_of: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version)},
        "status": {"phase": "Running", **status_of},
    }


class Collection:
    """A collection of pods whose answers a test sets."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.version = 10
        self.lists: list[dict[str, str]] = []
        self.watches: list[dict[str, str]] = []
        self.refuse: Response | None = None
        self.refuse_watch: Response | None = None
        self.end_watches_at_once = False
        self.page = 500
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[bytes | None] | None = None

    async def __call__(self, request: Request) -> Response:
        query = dict(request.query_params)
        if self.refuse:
            return self.refuse
        if "watch" in query:
            self.watches.append(query)
            if self.refuse_watch:
                return self.refuse_watch
            self._loop, self._queue = asyncio.get_running_loop(), asyncio.Queue()
            if self.end_watches_at_once:
                self._queue.put_nowait(None)
            return StreamingResponse(self._events(self._queue))
        self.lists.append(query)
        start, limit = int(query.get("continue", 0)), min(self.page, int(query["limit"]))
        names = sorted(self.items)
        more = {"continue": str(start + limit)} if start + limit < len(names) else {}
        page = [self.items[name] for name in names[start : start + limit]]
        return JSONResponse({"metadata": {"resourceVersion": str(self.version), **more}, "items": page})

    async def _events(self, queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
        while (line := await queue.get()) is not None:
            yield line

    def send(self, line: bytes | None) -> None:
        assert self._loop
        assert self._queue
        self._loop.call_soon_threadsafe(self._queue.put_nowait, line)

    def event(self, kind: str, obj: dict[str, Any]) -> None:
        self.send(json.dumps({"type": kind, "object": obj}).encode() + b"\n")


@asynccontextmanager
async def running(folder: Path, collection: Any) -> AsyncIterator[Lister[PodRow]]:
    async with serving(answering(collection)) as server:
        access = await Access.open("prod-eu", kubeconfig(folder, server), SystemClock())
        made = Lister(access, PATH, {"labelSelector": "app=x"}, pod_row, SystemClock(), lambda: None)
        task = asyncio.create_task(made.run())
        try:
            yield made
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await access.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries a hundredth as long, so that no test waits for seconds."""
    monkeypatch.setattr(patience, "FIRST_BACKOFF", 0.01)


async def test_pages_are_put_together_and_changes_followed(tmp_path: Path) -> None:
    collection = Collection()
    collection.page = 2
    collection.items = {name: pod(name) for name in "abcde"}
    async with running(tmp_path, collection) as made:
        assert not made.complete
        await eventually(lambda: made.connected and collection.watches)
        assert {r.name for r in made.rows.values()} == set("abcde")
        assert [q.get("continue") for q in collection.lists] == [None, "2", "4"]
        assert collection.watches[0]["resourceVersion"] == "10"
        assert collection.watches[0]["labelSelector"] == "app=x"
        collection.event("ADDED", pod("f", 11))
        collection.event("MODIFIED", pod("a", 12, phase="Failed"))
        collection.event("DELETED", pod("b", 13))
        collection.event("BOOKMARK", {"metadata": {"resourceVersion": "20"}})
        await eventually(lambda: "uid-b" not in made.rows)
        assert made.rows["uid-a"].status == "Failed"
        assert "uid-f" in made.rows
        first = len(collection.lists)
        collection.send(None)
        await eventually(lambda: len(collection.watches) == 2)
        assert collection.watches[1]["resourceVersion"] == "20"
        assert len(collection.lists) == first


@pytest.mark.parametrize("number", ["51"])
async def test_after_410_it_lists_again_and_finds_what_it_missed(shared: Path, tmp_path: Path, number: str) -> None:
    [too_old] = Recorded(shared / "kubernetes-recordings").body(number)
    collection = Collection()
    collection.items = {"a": pod("a"), "b": pod("b")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected and collection.watches)
        collection.items, collection.version = {"b": pod("b"), "c": pod("c")}, 400
        collection.send(json.dumps(too_old).encode() + b"\n")
        await eventually(lambda: set(made.rows) == {"uid-b", "uid-c"})
        await eventually(lambda: len(collection.watches) == 2)
        assert collection.watches[1]["resourceVersion"] == "400"
        assert made.error is None


async def test_a_refusal_is_kept_as_the_reason_and_ends_when_it_ends(tmp_path: Path) -> None:
    collection = Collection()
    collection.items = {"a": pod("a")}
    collection.refuse = status(403, "Forbidden", "pods is forbidden")
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.error)
        assert made.error is not None
        assert made.error.kind == "forbidden"
        assert not made.complete
        collection.refuse = None
        await eventually(lambda: made.connected)
        assert made.error is None
        assert set(made.rows) == {"uid-a"}


async def test_rows_stay_with_their_time_when_the_watch_is_refused_later(tmp_path: Path) -> None:
    collection = Collection()
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected)
        collection.refuse = status(401, "Unauthorized", "Unauthorized")
        collection.send(None)
        await eventually(lambda: made.error)
        assert made.error is not None
        assert made.error.kind == "unauthorized"
        assert set(made.rows) == {"uid-a"}
        assert made.as_of is not None


async def test_a_watch_that_ends_at_once_is_not_opened_in_a_spin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_BACKOFF", 0.05)
    collection = Collection()
    collection.end_watches_at_once = True
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made._standing.failures >= 4)
        assert made.error is None or made.error.kind == "server"
        assert len(collection.watches) <= 7


NO_UTF8 = b'{"type": "ADDED", "object": {"metadata": {"name": "b", "uid": "uid-b", "labels": {"\xff": "1"}}}}\n'
BOTTOMLESS = b'{"metadata": {"name": "b", "uid": "uid-b"}, "x": ' + b"[" * 20_000


@pytest.mark.parametrize(
    "line",
    [b'{"type": "ADDED", "object": {"metadata"\n', NO_UTF8, b'{"type": "ADDED", "object": %s\n' % BOTTOMLESS],
    ids=["cut", "bytes", "bottomless"],
)
async def test_what_cannot_be_read_is_asked_for_again_and_then_leads_to_a_new_list(tmp_path: Path, line: bytes) -> None:
    collection = Collection()
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected and collection.watches)
        collection.items = {"b": pod("b")}
        collection.send(line)
        await eventually(lambda: len(collection.watches) == 2)
        assert collection.watches[1]["resourceVersion"] == "10"
        assert len(collection.lists) == 1
        collection.send(line)
        await eventually(lambda: set(made.rows) == {"uid-b"})


async def test_one_bad_pod_does_not_hide_the_others(tmp_path: Path) -> None:
    collection = Collection()
    collection.items = {"a": pod("a"), "b": pod("b") | {"status": 7}}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected and collection.watches)
        assert {r.status for r in made.rows.values()} == {"Running", "Unreadable"}
        collection.event("MODIFIED", pod("a", 12) | {"spec": "no"})
        await eventually(lambda: made.rows["uid-a"].status == "Unreadable")


@pytest.mark.parametrize(
    "body",
    [b"<html>", b'{"metadata": {"resourceVersion": "\xff"}, "items": []}', BOTTOMLESS],
    ids=["page", "bytes", "bottomless"],
)
async def test_an_answer_that_is_not_json_is_an_error(tmp_path: Path, body: bytes) -> None:
    collection = Collection()
    collection.refuse = Response(body)
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.error)
        assert made.error is not None
        assert (made.error.kind, made.complete) == ("server", False)


class Breaking(Collection):
    """A server, or what is before it, whose watches all break in the midst of the first event."""

    async def _events(self, queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
        yield json.dumps({"type": "ADDED", "object": pod("b", 11)}).encode()[:30]
        if self.items:
            raise ConnectionResetError


async def test_a_watch_that_opens_and_breaks_each_time_before_it_tells_anything_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONGEST_BACKOFF", 0.05)
    collection = Breaking()
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.error)
        known = made.as_of
        for _ in range(8):
            tries = len(collection.watches)
            await eventually(lambda tries=tries: len(collection.watches) > tries)  # type: ignore[misc]
            assert (made.connected, made.as_of) == (False, known)
            assert made.error


class Stalling(Collection):
    """A server whose first watches say nothing while things happen; with `dead`, no watch says anything."""

    def __init__(self, *, dead: bool) -> None:
        super().__init__()
        self.dead = dead
        self.missed = False

    async def _events(self, queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
        asked = self.watches[-1]
        if not self.dead and asked["timeoutSeconds"] == "1":
            if self.missed:
                yield json.dumps({"type": "ADDED", "object": pod("b", 11)}).encode() + b"\n"
            return
        if not self.dead and self.missed and len(self.watches) > 2:
            yield json.dumps({"type": "ADDED", "object": pod("b", 11)}).encode() + b"\n"
        async for line in super()._events(queue):
            yield line


async def test_a_silent_watch_that_lives_is_confirmed_and_one_that_misses_changes_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "QUIET", 0.1)
    monkeypatch.setattr(patience, "LOOK", 1.0)
    collection = Stalling(dead=False)
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: len(collection.watches) >= 4)
        assert made.connected
        assert made.error is None
        assert sum(each["timeoutSeconds"] != "1" for each in collection.watches) == 1
        collection.missed = True
        await eventually(lambda: "uid-b" in made.rows)
        assert made.error is None


async def test_a_check_that_the_server_has_no_time_for_ends_no_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "QUIET", 0.05)
    collection = Collection()
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected and collection.watches)
        collection.refuse_watch = status(429, "TooManyRequests", "slow down")
        asked = len(collection.watches)
        await eventually(lambda: len(collection.watches) > asked + 3)
        assert made.connected
        assert made.error is None
        collection.event("ADDED", pod("b", 11))
        await eventually(lambda: "uid-b" in made.rows)


async def test_while_nothing_proves_that_a_silent_watch_lives_the_rows_are_not_called_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "QUIET", 0.1)
    monkeypatch.setattr(patience, "PATIENCE", 0.1)
    monkeypatch.setattr(patience, "LONGEST_ANSWER", 0.3)
    collection = Stalling(dead=True)
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.error)
        opened = len(collection.watches)
        await eventually(lambda: len(collection.watches) > opened + 4)
        assert made.error is not None
        assert made.error.kind == "unreachable"
        assert not made.connected
        collection.dead = False
        await eventually(lambda: made.connected)
        assert made.error is None


class Slow(Collection):
    """A server that takes its time for every answer."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def __call__(self, request: Request) -> Response:
        await asyncio.sleep(self.seconds)
        if request.query_params.get("timeoutSeconds") == "1":
            self.watches.append(dict(request.query_params))
            return Response(b"")
        return await super().__call__(request)


@pytest.fixture
def slow_is_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a server that takes 30 s, in a hundredth of the time."""
    for name, seconds in {"QUIET": 0.1, "PATIENCE": 0.1, "SLOW": 0.05, "LONGEST_ANSWER": 20.0, "LOOK": 1.0}.items():
        monkeypatch.setattr(patience, name, seconds)


@pytest.mark.usefixtures("slow_is_soon")
async def test_a_slow_server_is_called_slow_and_what_it_says_is_shown_as_it_comes(tmp_path: Path) -> None:
    collection = Slow(0.4)
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.error)
        assert made.error
        assert (made.error.kind, made.complete) == ("slow", False)
        assert "has not answered since" in made.error.message
        await eventually(lambda: made.complete)
        known = made.as_of
        await eventually(lambda: made.error)
        assert (made.error.kind, made.connected, made.as_of) == ("slow", False, known)
        await eventually(lambda: made.connected)
        assert made.error is None
        assert made.took is not None
        assert made.took >= 0.3
        collection.event("ADDED", pod("b", 11))
        await eventually(lambda: "uid-b" in made.rows)
        checks = len(collection.watches)
        await eventually(lambda: len(collection.watches) >= checks + 6)  # it is asked again and again
        assert len(collection.lists) == 1
        assert sum(each["timeoutSeconds"] != "1" for each in collection.watches) == 1, "the watch is never given up"
        collection.seconds = 0.0
        await eventually(lambda: made.connected and made.took is None)
        assert made.error is None


class Unopened(Slow):
    """A server, or what is before it, whose first watch never begins to answer; all else is answered at once."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.over = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        if request.query_params.get("timeoutSeconds") == str(patience.WATCH_SECONDS) and not self.watches:
            self.watches.append(dict(request.query_params))
            await self.over.wait()
        return await super().__call__(request)


@pytest.mark.usefixtures("slow_is_soon")
async def test_a_watch_that_does_not_open_while_others_are_answered_is_opened_again(tmp_path: Path) -> None:
    collection = Unopened()
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected)
        assert made.error is None
        collection.over.set()


@pytest.mark.usefixtures("slow_is_soon")
async def test_a_watch_that_cannot_be_checked_for_throttling_grows_old(tmp_path: Path) -> None:
    collection = Collection()
    collection.items = {"a": pod("a")}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected and collection.watches)
        refused = status(429, "TooManyRequests", "slow down")
        refused.headers["Retry-After"] = "60"
        collection.refuse_watch = refused
        await eventually(lambda: made.error)
        assert made.error
        assert (made.error.kind, made.connected) == ("throttled", False)
        asked, known = len(collection.watches), made.as_of
        await asyncio.sleep(0.4)
        assert len(collection.watches) == asked, "it asked to be left alone"
        assert made.as_of == known
        collection.event("ADDED", pod("b", 11))  # what the watch itself tells is true all the same
        await eventually(lambda: "uid-b" in made.rows)
        assert made.connected
        assert made.error is None


async def test_a_server_that_asks_to_be_left_alone_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Watched(SystemClock):
        async def sleep(self, seconds: float) -> None:
            waits.append(seconds)
            await asyncio.sleep(0.01)

    collection = Collection()
    refused = status(429, "TooManyRequests", "slow down")
    refused.headers["Retry-After"] = "7"
    collection.refuse = refused
    async with serving(answering(collection)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        made = Lister(access, PATH, {}, pod_row, Watched(), lambda: None)
        task = asyncio.create_task(made.run())
        await eventually(lambda: waits.count(7.0) >= 2)
        assert made.error is not None
        assert made.error.kind == "throttled"
        ageing = patience.PATIENCE - 1  # the wait until what is known is old is no wait between two tries
        assert {wait for wait in waits if wait < ageing} == {7.0}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await access.close()


async def test_five_thousand_pods_come_in_pages(tmp_path: Path) -> None:
    collection = Collection()
    collection.items = {f"p{n}": pod(f"p{n}") for n in range(5000)}
    async with running(tmp_path, collection) as made:
        await eventually(lambda: made.connected)
        assert len(made.rows) == 5000
        assert len(collection.lists) == 10


def test_backoff_grows_to_half_a_minute_and_is_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    jitter = random.Random(1)
    assert 0.5 <= backoff(1, jitter) <= 1
    assert all(15 <= backoff(failures, jitter) <= 30 for failures in (6, 11, 10**6))
    assert len({backoff(11, jitter) for _ in range(5)}) == 5
