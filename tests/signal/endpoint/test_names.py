"""Names that are looked up apart: a resolver that hangs holds up nobody else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cockpit.clock import ManualClock
from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.names import Names
from cockpit.signal.endpoint.tcp import DirectTcp
from tests.listeners import listening, silent
from tests.signal.endpoint.test_direct import NOW

pytestmark = pytest.mark.anyio


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A resolver that does not answer for `slow.example`; gives what it was asked."""
    asked: list[str] = []
    answers, real = threading.Event(), socket.getaddrinfo

    def look(host: str, *args: Any, **more: Any) -> Any:
        if host != "slow.example":
            return real(host, *args, **more)
        asked.append(host)
        answers.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", look)
    yield asked
    answers.set()


async def test_a_resolver_that_hangs_fails_in_time_and_is_asked_once(hanging: list[str]) -> None:
    wanted = EndpointConfig.model_validate({"tcp": "slow.example:6379", "timeout": "0.1s"})
    asker = DirectTcp(wanted, ManualClock(NOW))
    checks = [await asker.ask() for _ in range(8)]
    assert {check.reason for check in checks} == {"no answer within 0.1 s"}
    assert hanging == ["slow.example"]
    assert await asyncio.to_thread(lambda: "free") == "free", "the shared threads are for others"
    async with listening(silent) as port:
        other = EndpointConfig.model_validate({"tcp": f"localhost:{port}"})
        assert (await DirectTcp(other, ManualClock(NOW)).ask()).verdict == "ok"


async def test_an_address_is_looked_up_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: Any, **__: Any) -> Any:
        raise AssertionError("looked up")

    monkeypatch.setattr(socket, "getaddrinfo", look)
    for host in ("127.0.0.1", "::1", "fe80::1%eth0", ""):
        await Names(host).resolved()


async def test_what_a_proxy_looks_up_is_not_looked_up_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.invalid")
    await Names.of_url("https://outside.invalid/").resolved()
    with pytest.raises(socket.gaierror):
        await Names.of_url("https://inside.invalid/").resolved()


@pytest.mark.parametrize("host", ["x" * 64, "nothing.invalid", "a..b"])
async def test_what_does_not_resolve_says_so(host: str) -> None:
    with pytest.raises(socket.gaierror):
        await Names(host).resolved()
