"""A pod watched for its page: events as they come, its end, and a user who may not read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from conftest import eventually
from replay import answering, kubeconfig, serving, status
from simcluster import NAMESPACE, Living, living
from starlette.requests import Request
from starlette.responses import Response

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.listing import patience
from cockpit.room.live.podwatch import PodWatch

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits a hundredth as long."""
    monkeypatch.setattr(patience, "FIRST_BACKOFF", 0.02)


@asynccontextmanager
async def watched(access: Access, pod: str) -> AsyncIterator[PodWatch]:
    watch = PodWatch(access, NAMESPACE, pod, SystemClock(), lambda: (None, None))
    task = asyncio.create_task(watch.run(lambda: None))
    try:
        yield watch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def first(alive: Living) -> str:
    return str(alive.pods()[0]["metadata"]["name"])


async def test_a_pod_is_live_with_its_events_newest_first(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        alive.release("1.4.2-crash")
        pod = await eventually(lambda: next(
            (each["metadata"]["name"] for each in alive.pods()
             if each["spec"]["containers"][0]["image"].endswith("-crash")), ""))  # fmt: skip
        async with watched(alive.access, str(pod)) as watch:
            assert watch.look().standing == "loading"
            await eventually(lambda: watch.look().trusted)
            await eventually(lambda: any(event.reason == "BackOff" for event in watch.look().events))
            await eventually(lambda: any(event.count > 1 for event in watch.look().events))
            look = watch.look()
            assert look.detail is not None
            assert look.detail.row.name == pod
            times = [event.at for event in look.events if event.at]
            assert times == sorted(times, reverse=True)


async def test_a_pod_that_is_deleted_is_gone_and_what_was_known_stays(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        pod = first(alive)
        async with watched(alive.access, pod) as watch:
            await eventually(lambda: watch.look().trusted)
            await alive.access.call("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}")
            await eventually(lambda: watch.look().standing == "gone")
            look = watch.look()
            assert look.detail is not None
            assert look.detail.row.name == pod
            assert look.as_of is not None
        async with watched(alive.access, "nobody") as watch:
            await eventually(lambda: watch.look().standing == "gone")
            assert watch.look().detail is None


async def test_events_that_may_not_be_read_do_not_hide_the_pod(tmp_path: Path) -> None:
    async with living(tmp_path, token="viewer") as alive, watched(alive.access, first(alive)) as watch:
        await eventually(lambda: watch.look().trusted)
        await eventually(lambda: "403" in watch.look().events_said)
        assert not watch.look().events


@pytest.mark.parametrize(("code", "reason", "standing"), [(403, "Forbidden", "forbidden"), (401, "Unauthorized",
                         "unauthorized"), (500, "InternalError", "error")])  # fmt: skip
async def test_a_pod_that_cannot_be_read_says_why(tmp_path: Path, code: int, reason: str, standing: str) -> None:
    async def handler(request: Request) -> Response:
        return status(code, reason, "no")

    async with serving(answering(handler)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        async with watched(access, "p") as watch:
            await eventually(lambda: watch.look().standing == standing)
            assert f"answered {code}" in watch.look().said
        await access.close()
