"""Logs followed through cuts, restarts and rollouts: against a living cluster, and a server that misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import eventually
from replay import answering, kubeconfig, serving, status
from simcluster import NAMESPACE, Living, living
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.logs import stream as logstream
from cockpit.kube.logs.lines import LogLine
from cockpit.kube.pods.row import PodRow, pod_row
from cockpit.room.live import podlogs
from cockpit.room.live.podlogs import PodLogs
from cockpit.room.requests import Refusal

pytestmark = pytest.mark.anyio
START = datetime(2026, 1, 31, 3, 12, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits a tenth as long."""
    monkeypatch.setattr(logstream, "_LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(podlogs, "EVERY", 0.02)


@asynccontextmanager
async def followed(logs: PodLogs) -> AsyncIterator[list[LogLine]]:
    """The lines as they come."""
    came: list[LogLine] = []
    task = asyncio.create_task(logs.run(came.extend))
    try:
        yield came
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def rows(alive: Living) -> Sequence[PodRow]:
    return [pod_row(json.dumps(pod).encode()) for pod in alive.pods()]


def of(alive: Living, pod: str = "", container: str = "") -> PodLogs:
    return PodLogs(alive.access, NAMESPACE, SystemClock(), lambda: rows(alive), pod, container)


async def test_a_pods_log_is_followed_with_its_times_and_without_its_secrets(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        pod = rows(alive)[0].name
        logs = of(alive, pod)
        assert logs.said == "opening …"
        async with followed(logs) as came:
            before = await eventually(lambda: len(came))
            await eventually(lambda: len(came) > before + 3)
        assert logs.following == 0
    assert "request ok" in {line.text for line in came}
    assert {line.pod for line in came} == {pod}
    times = [line.at for line in came if line.at]
    assert times == sorted(times)
    assert len(times) == len(came)
    assert len({(line.at, line.fine) for line in came}) == len(came)
    assert not any("hunter2" in line.text for line in came)


async def test_all_pods_are_merged_new_ones_join_and_ended_ones_leave(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        logs = of(alive)
        before = {row.name for row in rows(alive)}
        async with followed(logs) as came:
            await eventually(lambda: {line.pod for line in came} == before)
            assert logs.said == "following 3 pods"
            alive.release("1.4.2")
            await eventually(lambda: not before & {row.name for row in rows(alive)})
            after = {row.name for row in rows(alive)}
            await eventually(lambda: after <= {line.pod for line in came})
            await eventually(lambda: logs.following == len(rows(alive)))
    first = [line.order for line in came[:3]]
    assert first == sorted(first)


async def test_a_container_that_crashes_is_followed_into_its_next_life(tmp_path: Path) -> None:
    async with living(tmp_path, release="1.4.2-crash", replicas=1) as alive:
        await eventually(lambda: rows(alive)[0].restarts)
        async with followed(of(alive, rows(alive)[0].name)) as came:
            await eventually(lambda: sum(line.text.startswith("FATAL") for line in came) >= 2)
    assert any(line.note and "began anew" in line.text for line in came)


async def test_only_so_many_pods_are_followed_and_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podlogs, "MOST_PODS", 2)
    async with living(tmp_path) as alive:
        logs = of(alive)
        async with followed(logs) as came:
            await eventually(lambda: came)
            assert (logs.following, logs.total) == (2, 3)
            await eventually(lambda: logs.said == "following 2 of 3 pods, the gravest")


class Flaky:
    """A pod with a log of ten lines a second; the connection breaks in the middle of a line, again and again."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked: list[dict[str, str]] = []

    def line(self, number: int) -> bytes:
        at = START + timedelta(seconds=number / 10)
        return f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z line {number}\n".encode()

    async def __call__(self, request: Request) -> Response:
        query = dict(request.query_params)
        self.asked.append(query)
        since = datetime.fromisoformat(query["sinceTime"]) if "sinceTime" in query else START
        first = round((since.replace(microsecond=0) - START).total_seconds() * 10)
        turn = len(self.asked)

        async def body() -> AsyncIterator[bytes]:
            last = min(self.most, turn * 25)
            for number in range(max(0, first), last):
                yield self.line(number)
            if last < self.most:
                yield self.line(last)[:20]
                raise ConnectionResetError
            await asyncio.sleep(60)

        return StreamingResponse(body())


@asynccontextmanager
async def answered(
    folder: Path, handler: Callable[[Request], object], pod: str = "p", container: str = ""
) -> AsyncIterator[PodLogs]:
    """The log of a pod of a server that answers by `handler`."""
    async with serving(answering(handler)) as server:
        access = await Access.open("prod-eu", kubeconfig(folder, server), SystemClock())
        try:
            yield PodLogs(access, NAMESPACE, SystemClock(), lambda: (), pod, container)
        finally:
            await access.close()


async def test_cut_again_and_again_no_line_is_lost_and_none_comes_twice(tmp_path: Path) -> None:
    server = Flaky(120)
    async with answered(tmp_path, server) as logs, followed(logs) as came:
        await eventually(lambda: len(came) >= 120)
    assert [line.text for line in came] == [f"line {n}" for n in range(120)]
    assert server.asked[0]["tailLines"] == str(podlogs.LINES)
    assert all("sinceTime" in query and "tailLines" not in query for query in server.asked[1:])
    assert all(query["timestamps"] == query["follow"] == "true" for query in server.asked)


async def test_a_log_that_may_not_be_read_says_so_and_is_not_asked_for_again(tmp_path: Path) -> None:
    asked = 0

    async def handler(request: Request) -> Response:
        nonlocal asked
        asked += 1
        return status(403, "Forbidden", 'pods "p" is forbidden: user viewer may not get pods/log')

    async with answered(tmp_path, handler) as logs, followed(logs) as came:
        await eventually(lambda: came)
        await asyncio.sleep(0.3)
        assert logs.said.startswith("over: prod-eu answered 403")
        assert "auth can-i get pods/log" in logs.said
    assert (asked, came[0].note) == (1, True)


async def test_the_cockpits_own_words_stand_by_the_clock_of_the_lines(tmp_path: Path) -> None:
    """Merged in the order of time they would else stand ten minutes before what they speak of."""
    async with living(tmp_path) as alive:
        alive.cluster.trouble.skew = 600.0
        await alive.access.version()
        alive.cluster.trouble.answer = 403
        async with followed(of(alive, rows(alive)[0].name)) as came:
            await eventually(lambda: came)
    assert came[0].note
    assert came[0].at is not None
    assert came[0].at > datetime.now(UTC) + timedelta(minutes=5)


async def test_a_container_that_waits_is_asked_again_until_it_writes(tmp_path: Path) -> None:
    turns = 0

    async def handler(request: Request) -> Response:
        nonlocal turns
        turns += 1
        if turns < 3:
            return status(400, "BadRequest", 'container "c" in pod "p" is waiting to start: ContainerCreating')
        return PlainTextResponse("2026-01-31T03:12:07Z at last\n")

    async with answered(tmp_path, handler) as logs, followed(logs) as came:
        await eventually(lambda: "is waiting to start" in logs.said)
        await eventually(lambda: came)
        await eventually(lambda: logs.said == "it has ended; waits for its next start")
        await asyncio.sleep(0.3)
    assert [line.text for line in came] == ["at last"], "what comes again is there once"


async def test_of_several_containers_the_default_one_is_followed_or_the_one_that_is_chosen(tmp_path: Path) -> None:
    annotation = {"kubectl.kubernetes.io/default-container": "app"}
    spec = {"containers": [{"name": "proxy"}, {"name": "app"}], "initContainers": [{"name": "setup"}]}

    async def handler(request: Request) -> Response:
        if not request.url.path.endswith("/log"):
            return JSONResponse({"metadata": {"annotations": annotation}, "spec": spec})
        if container := request.query_params.get("container"):
            return PlainTextResponse(f"2026-01-31T03:12:07Z of {container}\n")
        return status(400, "BadRequest", "a container name must be specified for pod p, choose one of: [proxy app]")

    async with answered(tmp_path, handler) as logs, followed(logs) as came:
        await eventually(lambda: came)
        assert await logs.containers() == ("app", "proxy", "setup")
    assert [line.text for line in came] == ["of app"]
    async with answered(tmp_path, handler, container="proxy") as logs, followed(logs) as came:
        await eventually(lambda: came)
    assert came[0].text == "of proxy"


async def test_containers_of_a_pod_that_is_gone_are_refused_in_words(tmp_path: Path) -> None:
    async def handler(request: Request) -> Response:
        return status(404, "NotFound", 'pods "p" not found')

    async with answered(tmp_path, handler) as logs:
        with pytest.raises(Refusal, match="not found"):
            await logs.containers()
        async with followed(logs) as came:
            await eventually(lambda: came)
            assert "is gone from production: choose another" in came[0].text


async def test_a_flood_is_taken_no_faster_than_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits to be read stays bounded; the rest waits in the connection, at the server."""
    monkeypatch.setattr(logstream, "MOST_WAITING", 64 * 1024)
    sent = 0

    async def handler(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            nonlocal sent
            for number in range(2_000):
                at = START + timedelta(microseconds=number)
                yield b"".join(f"{at:%Y-%m-%dT%H:%M:%S.%f}{n:03}Z line {number} {n} {'x' * 80}\n".encode()
                               for n in range(100))  # fmt: skip
                sent += 1
            await asyncio.sleep(60)

        return StreamingResponse(body())

    async with answered(tmp_path, handler) as logs:
        monkeypatch.setattr(podlogs, "EVERY", 5.0)
        async with followed(logs):
            await eventually(lambda: sent)
            await asyncio.sleep(1.0)
            assert sent < 2_000, "it is held back"
        monkeypatch.setattr(podlogs, "EVERY", 0.005)
        async with followed(logs) as came:
            await eventually(lambda: len(came) > 20_000)
    assert [line.text[:12] for line in came[:3]] == ["line 0 0 xxx", "line 0 1 xxx", "line 0 2 xxx"]
