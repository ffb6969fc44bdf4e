"""The ways in which a receiver fails, as a client meets them, and how they are counted."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.receivers import Receivers, Trouble
from tests.simulator.receivers.asking import asking

pytestmark = pytest.mark.anyio


async def post(client: httpx.AsyncClient, **options: Any) -> httpx.Response:
    """Post a message."""
    return await client.post("/api/chat.postMessage", json={"channel": "#incidents", "text": "x"}, **options)


def unlimited(receivers: Receivers) -> Trouble:
    """Slack's trouble, without its rate."""
    receivers.slack.around.rated = False
    return receivers.slack.trouble


@pytest.mark.parametrize("takes", [False, True])
@pytest.mark.parametrize(
    ("kind", "error"),
    [("reset", httpx.RemoteProtocolError), ("silence", httpx.ReadTimeout), ("cut", httpx.RemoteProtocolError)],
)
async def test_no_whole_answer_and_what_was_taken_before(kind: Any, error: type[Exception], takes: bool) -> None:
    async with asking("slack") as (receivers, client):
        unlimited(receivers).set(kind, takes=takes, next=1)
        with pytest.raises(error):
            await post(client, timeout=0.3)
        assert len(receivers.arrived) == (1 if takes or kind == "cut" else 0)
        assert (await post(client)).json()["ok"]
        assert receivers.asked("slack")[-1] == "POST /api/chat.postMessage 200"


async def test_answers_of_every_status_before_and_after_taking() -> None:
    async with asking("slack") as (receivers, client):
        trouble = unlimited(receivers)
        trouble.limited(after=3, next=1)
        limited = await post(client)
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "3")
        trouble.limited(after="Sat, 21 Nov 2026 03:12:00 GMT", next=1)
        assert (await post(client)).headers["retry-after"] == "Sat, 21 Nov 2026 03:12:00 GMT"
        trouble.answers(502, "<html>", takes=True, next=1)
        assert (await post(client)).status_code == 502
        assert len(receivers.arrived) == 1
        trouble.not_ok("fatal_error", next=1)
        assert (await post(client)).json() == {"ok": False, "error": "fatal_error"}
        trouble.set("garbage", next=1)
        assert "Sign in" in (await post(client)).text
        assert len(receivers.arrived) == 1


async def test_a_port_refuses_and_is_the_same_again() -> None:
    async with asking("slack") as (receivers, client):
        trouble = unlimited(receivers)
        await post(client)
        for _ in range(3):
            trouble.set("refuse")
            await asyncio.sleep(0.01)
            with pytest.raises(httpx.ConnectError):
                await post(client)
            trouble.lift()
            await asyncio.sleep(0.01)
            assert (await post(client)).json()["ok"]
        assert len(receivers.arrived) == 4


async def test_faults_are_counted_by_next_every_path_and_chance() -> None:
    async with asking("slack") as (receivers, client):
        trouble = unlimited(receivers)
        trouble.answers(500, next=2)
        assert [(await post(client)).status_code for _ in range(3)] == [500, 500, 200]
        trouble.lift()
        trouble.answers(500, every=3)
        assert [(await post(client)).status_code for _ in range(6)] == [200, 200, 500, 200, 200, 500]
        trouble.lift()
        trouble.answers(503, path="auth.test")
        assert (await post(client)).status_code == 200
        assert (await client.post("/api/auth.test")).status_code == 503
        trouble.lift()
        trouble.answers(500, chance=0.5)
        statuses = [(await post(client)).status_code for _ in range(40)]
        assert 5 < statuses.count(500) < 35


def test_chance_is_the_same_for_a_seed() -> None:
    def falls(seed: int) -> list[bool]:
        trouble = Trouble(seed)
        trouble.set("reset", chance=0.3)
        return [trouble.befalls("/x") is not None for _ in range(50)]

    assert falls(1) == falls(1)
    assert falls(1) != falls(2)


@pytest.mark.parametrize("wrong", [{"kind": "fire"}, {"kind": "reset", "every": 0}, {"kind": "reset", "chance": 2}])
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    trouble = Trouble()
    with pytest.raises(ValueError, match=r"`every`|there is no trouble 'fire'; there are refuse"):
        trouble.set(**wrong)
    assert trouble.faults == []
