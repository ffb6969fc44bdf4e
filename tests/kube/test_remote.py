"""WebSockets to a cluster, and the remote command protocol on them, against servers that behave and that do not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from replay import kubeconfig, serving
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.remote import Exited, executed, output_of

pytestmark = pytest.mark.anyio
PATH = "/api/v1/namespaces/n/pods/p/exec"
OK = b'\x03{"metadata":{},"status":"Success"}'


def app(messages: Sequence[bytes | str], *, token: str = "good") -> Starlette:
    """An API server whose every command says these messages."""

    async def command(socket: WebSocket) -> None:
        if socket.headers["authorization"] != f"Bearer {token}":
            await socket.send_denial_response(JSONResponse({"message": "Unauthorized"}, 401))
            return
        assert socket.scope["subprotocols"] == ["v5.channel.k8s.io", "v4.channel.k8s.io"]
        await socket.accept("v5.channel.k8s.io")
        for message in messages:
            await (socket.send_text(message) if isinstance(message, str) else socket.send_bytes(message))
        await socket.close()

    return Starlette(routes=[WebSocketRoute(PATH, command)])


async def parts(folder: Path, server: Any, **user: Any) -> list[bytes | Exited]:
    """Everything that a command gives."""
    async with serving(server) as address:
        access = await Access.open(
            "prod-eu", kubeconfig(folder, address, user=user or {"token": "good"}), SystemClock()
        )
        try:
            return [part async for part in executed(access, "n", "p", "c", ["date"])]
        finally:
            await access.close()


async def test_both_outputs_in_their_order_and_the_end(tmp_path: Path) -> None:
    """Empty messages, with which servers open the channels, are nothing."""
    messages = [b"\x01", b"\x02", b"\x01out", b"\x02err", b"\x01\xff\x00", OK]
    assert await parts(tmp_path, app(messages)) == [b"out", b"err", b"\xff\x00", Exited(0)]


async def test_a_server_that_sends_text(tmp_path: Path) -> None:
    """Some proxies turn one into the other."""
    assert await parts(tmp_path, app(["\x01out", OK.decode()])) == [b"out", Exited(0)]


@pytest.mark.parametrize(
    ("status", "exited"),
    [
        (
            {
                "status": "Failure",
                "reason": "NonZeroExitCode",
                "message": "command terminated with non-zero exit code: exit status 137",
                "details": {"causes": [{"reason": "ExitCode", "message": "137"}]},
            },
            137,
        ),
        (
            {
                "status": "Failure",
                "reason": "InternalError",
                "message": 'exec: "x": executable file not found in $PATH',
            },
            127,
        ),
    ],
)
async def test_how_it_ended(tmp_path: Path, status: dict[str, Any], exited: int) -> None:
    """The exit status is the command's."""
    [end] = await parts(tmp_path, app([b"\x03" + json.dumps(status).encode()]))
    assert isinstance(end, Exited)
    assert end.status == exited
    assert end.message


@pytest.mark.parametrize(
    ("messages", "kind", "why"),
    [
        ([b"\x01half"], "unreachable", "hung up before the command's end was told"),
        ([], "unreachable", "hung up before"),
        ([b"\x03not json"], "server", "cannot be read"),
        ([b'\x03{"status":"Failure","message":"container is gone"}'], "server", "container is gone"),
        ([b'\x03{"status":"Failure","reason":"NonZeroExitCode"}'], "server", "without a reason"),
        ([b'\x03{"status":"Failure","message":"\\u001b[2J"}'], "server", "prod-eu: "),
    ],
)
async def test_an_end_that_is_none(tmp_path: Path, messages: list[bytes], kind: str, why: str) -> None:
    """A command whose end was not told has not succeeded."""
    with pytest.raises(KubeError, match=why) as caught:
        await parts(tmp_path, app(messages))
    assert caught.value.kind == kind
    assert "\x1b" not in str(caught.value)


async def test_a_rotated_token_is_read_again_after_a_401(tmp_path: Path) -> None:
    """As it is for requests."""
    token = tmp_path / "token"
    token.write_text("old")
    server = app([OK], token="new")

    class Rotating:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await server(scope, receive, send)
            token.write_text("new")

    assert await parts(tmp_path, Rotating(), tokenFile=str(token)) == [Exited(0)]


@pytest.mark.parametrize("where", ["another server", "the same"])
async def test_a_redirect_is_not_followed(tmp_path: Path, where: str) -> None:
    """Or whoever is led to would have the command, and on the same server the token."""
    reached = list[str]()
    behind = app([OK])

    async def other(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        await behind(scope, receive, send)

    async with serving(other) as address:

        async def leading(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"] != PATH:
                return await other(scope, receive, send)
            target = f"{address}{PATH}" if where == "another server" else "/elsewhere"
            await WebSocket(scope, receive, send).send_denial_response(
                Response(status_code=302, headers={"Location": target})
            )
            return None

        with pytest.raises(KubeError) as caught:
            await parts(tmp_path, leading)
    assert reached == []
    assert (caught.value.kind, caught.value.status) == ("server", 302)
    assert "answered 302 instead of opening" in caught.value.message


async def test_unauthorized_and_out_of_reach(tmp_path: Path) -> None:
    """Each is the kind of failure that its status says."""
    with pytest.raises(KubeError) as caught:
        await parts(tmp_path, app([OK], token="another"))
    assert (caught.value.kind, caught.value.status) == ("unauthorized", 401)

    access = await Access.open(
        "prod-eu", kubeconfig(tmp_path, "http://127.0.0.1:9", user={"token": "x"}), SystemClock()
    )
    with pytest.raises(KubeError) as caught:
        await output_of(access, "n", "p", "c", ["date"])
    assert caught.value.kind == "unreachable"
    await access.close()
