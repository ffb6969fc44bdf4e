"""The cluster as a source through a long incident: tokens that end, servers that are slow, silent, throttled, gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from replay import answering, kubeconfig, serving
from simcluster import NAME, NAMESPACE, Living, living
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from cockpit.clock import SystemClock
from cockpit.config import ClusterConfig, Config, ServiceConfig, ServiceKubernetes
from cockpit.kube import connection
from cockpit.kube.listing import patience
from cockpit.kube.pods import fault as podfault
from cockpit.signal import board as board_module
from cockpit.signal.board import Board
from cockpit.signal.changes import Change, SourceBack, SourceLost
from cockpit.signal.cluster import source as cluster_module

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def watching(path: Path, deployment: str | None = NAME) -> AsyncIterator[tuple[Board, list[Change]]]:
    where = ServiceKubernetes(cluster="prod", namespace=NAMESPACE, selector=f"app={NAME}", deployment=deployment)
    config = Config(
        kubernetes={"prod": ClusterConfig(context="prod-eu", kubeconfig=path)},
        services={NAME: ServiceConfig(kubernetes=where)},
    )
    board, changes = Board(NAME, config, (), SystemClock()), list[Change]()
    board.listen(changes.append)
    await board.start()
    try:
        yield board, changes
    finally:
        await board.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graces and waits a hundredth as long, so that no test waits for seconds."""
    monkeypatch.setattr(cluster_module, "GRACE", 0.3)
    monkeypatch.setattr(cluster_module, "REOPEN_EVERY", 0.1)
    monkeypatch.setattr(cluster_module, "_TICK", 0.05)
    monkeypatch.setattr(board_module, "_TICK", 0.05)
    monkeypatch.setattr(connection, "_REFUSED", 0.0)
    monkeypatch.setattr(patience, "FIRST_BACKOFF", 0.02)


def state(board: Board, part: str = "pods") -> str:
    return board.freshness(part).state


class Session:
    """A login that lasts until it is ended: a plugin that gives its token, and tokens that the cluster knows."""

    def __init__(self, alive: Living) -> None:
        self._file = alive.folder / "session"
        plugin = alive.folder / "aws"
        plugin.write_text(f'#!/bin/sh\ncat {self._file} || {{ echo "Token has expired" >&2; exit 255; }}\n')
        plugin.chmod(0o755)
        asked = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "args": ["eks", "get-token"]}
        self.kubeconfig = kubeconfig(alive.folder, alive.server, user={"exec": asked})

    def login(self, token: str) -> None:
        self._file.write_text(json.dumps({"status": {"token": token}}))

    def end(self) -> None:
        self._file.unlink()


async def test_a_session_that_ends_names_the_login_and_after_it_goes_on_by_itself(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        session = Session(alive)
        async with watching(session.kubeconfig) as (board, changes):
            await eventually(lambda: state(board) == "unauthorized")
            assert "Token has expired" in board.freshness("pods").detail
            session.login("good")
            await eventually(lambda: state(board) == state(board, "rollout") == "live")
            session.end()
            alive.cluster.trouble.answer = 401
            alive.cluster.trouble.cut_watches()
            await eventually(lambda: state(board) == state(board, "rollout") == "unauthorized")
            fresh = board.freshness("pods")
            assert "`aws sso login`" in fresh.mend
            assert "ctrl+z" in fresh.mend
            assert fresh.as_of is not None
            assert len(board.pods) == 3
            alive.release("1.4.3")
            await eventually(lambda: any(isinstance(each, SourceLost) for each in changes))
            session.login("good")
            alive.cluster.trouble.answer = None
            await eventually(lambda: state(board) == state(board, "rollout") == "live")
            await eventually(lambda: all(row.image == "1.4.3" for row in board.pods.values()))
            assert any(isinstance(each, SourceBack) for each in changes)


async def test_a_dead_connection_is_noticed_and_the_picture_is_true_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "QUIET", 0.2)
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    monkeypatch.setattr(patience, "LONGEST_ANSWER", 1.0)
    monkeypatch.setattr(patience, "LOOK", 0.6)
    async with living(tmp_path) as alive, watching(tmp_path / "kubeconfig") as (board, _):
        await eventually(lambda: state(board) == "live")
        alive.cluster.trouble.silence = True
        alive.release("1.4.3")
        await eventually(lambda: state(board) == "stale")
        assert "prod-eu has not answered since" in board.freshness("pods").detail
        await eventually(lambda: "in time" in board.freshness("pods").detail)
        alive.cluster.trouble.silence = False
        await eventually(lambda: state(board) == "live")
        await eventually(lambda: len(board.pods) == 3 and all(row.image == "1.4.3" for row in board.pods.values()))


class Proxy:
    """A TCP proxy before the API server that can stall: connections are taken and kept, and nothing passes."""

    def __init__(self, server: str) -> None:
        self._port = int(server.rpartition(":")[2])
        self._flows = asyncio.Event()
        self._flows.set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stall(self) -> None:
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    async def close(self) -> None:
        self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        sink.close()


async def test_a_half_open_connection_makes_the_picture_old_and_what_was_missed_is_seen_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "QUIET", 0.2)
    monkeypatch.setattr(patience, "PATIENCE", 1.5)
    async with living(tmp_path) as alive:
        proxy = Proxy(alive.server)
        path = kubeconfig(tmp_path, await proxy.open())
        async with watching(path) as (board, _):
            await eventually(lambda: state(board) == state(board, "rollout") == "live")
            proxy.stall()
            alive.release("1.4.3")
            await eventually(lambda: state(board) == state(board, "rollout") == "stale")
            assert {row.image for row in board.pods.values()} == {"1.4.1"}
            proxy.flow()
            await eventually(lambda: state(board) == state(board, "rollout") == "live")
            await eventually(lambda: len(board.pods) == 3 and all(row.image == "1.4.3" for row in board.pods.values()))
        await proxy.close()


async def test_a_slow_server_is_waited_for_and_called_slow_until_it_is_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QUIET", "PATIENCE", "SLOW"):
        monkeypatch.setattr(patience, name, 0.2)
    async with living(tmp_path) as alive:
        alive.cluster.trouble.delay = 0.7
        async with watching(tmp_path / "kubeconfig") as (board, _):

            def said() -> str:
                return board.freshness("pods").detail

            await eventually(lambda: "prod-eu has not answered since" in said())
            assert (state(board), board.freshness("pods").as_of) == ("loading", None)
            await eventually(lambda: state(board) == "stale")
            assert len(board.pods) == 3
            assert "it is slow, or out of reach" in said()
            await eventually(lambda: state(board) == "live")
            assert "its last answer took 1 s" in said()
            alive.release("1.4.3")
            await eventually(lambda: len(board.pods) == 3 and all(row.image == "1.4.3" for row in board.pods.values()))
            alive.cluster.trouble.delay = 0.0
            await eventually(lambda: state(board) == "live" and not said())


async def test_a_server_that_has_too_much_to_do_is_left_alone_for_as_long_as_it_asks(tmp_path: Path) -> None:
    async with living(tmp_path) as alive, watching(tmp_path / "kubeconfig") as (board, _):
        await eventually(lambda: state(board) == "live")
        alive.cluster.trouble.answer, alive.cluster.trouble.retry_after = 429, 1
        alive.cluster.trouble.cut_watches()
        await eventually(lambda: state(board) == "stale")
        assert "429" in board.freshness("pods").detail
        alive.cluster.trouble.answer = None
        await eventually(lambda: state(board) == "live")


async def test_what_only_time_makes_a_fault_is_seen_without_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(podfault, "_allowance", lambda probe: 1.0)
    async with living(tmp_path, speed=50.0) as alive, watching(tmp_path / "kubeconfig") as (board, _):
        await eventually(lambda: state(board) == "live")
        alive.release("1.5.0-slow")
        await eventually(lambda: board.table is not None and board.table.tally.faults["NotReady"])
        slow = next(row for row in board.pods.values() if row.reason == "NotReady")
        assert slow.why.startswith("container payment not ready since ")
        assert slow.faulty
        assert not slow.crashing


class Pods:
    """A hand-made collection of pods behind an API server, and whatever else is asked for."""

    def __init__(self, *pods: Any) -> None:
        self.pods = pods
        self.ends: list[bytes] = []

    async def __call__(self, request: Request) -> Response:
        if not request.url.path.startswith("/api/v1/") or not request.url.path.endswith("/pods"):
            return JSONResponse({"kind": "Status", "message": "forbidden", "code": 403}, 403)
        if "watch" in request.query_params:
            return StreamingResponse(self._events())
        return JSONResponse({"metadata": {"resourceVersion": "7"}, "items": self.pods})

    async def _events(self) -> AsyncIterator[bytes]:
        for line in self.ends:
            yield line
        await asyncio.sleep(60)


async def test_hostile_and_broken_pods_stay_rows(tmp_path: Path) -> None:
    began = datetime.now(UTC).isoformat()
    pods = Pods(
        {"metadata": {"name": "n" * 253, "uid": "1"}},
        {"metadata": {"name": "none", "uid": "2"}, "status": None},
        {"metadata": {"name": "text", "uid": "3"}, "status": "up"},
        {"metadata": {"name": "future", "uid": "4", "deletionTimestamp": "9999-12-31T23:59:59Z"}},
        {"metadata": {"name": "red\x1b[31m", "uid": "5", "labels": {"a": "\x1b]0;x\x07b"}, "creationTimestamp": began}},
    )
    async with (
        serving(answering(pods)) as server,
        watching(kubeconfig(tmp_path, server)) as (board, _),
    ):
        await eventually(lambda: state(board) == "live")
        rows = {row.uid: row for row in board.pods.values()}
        assert len(rows) == 5
        assert (len(rows["1"].name), rows["1"].status) == (253, "Unknown")
        assert {rows[uid].reason for uid in "234"} == {"Unreadable"}
        assert (rows["5"].name, dict(rows["5"].labels)) == ("red", {"a": "b"})
        await eventually(lambda: state(board, "rollout") == "forbidden")
        await eventually(lambda: state(board, "usage") == "forbidden")
