"""Access: what a kubeconfig may hold, what a server may answer, and what people are told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from conftest import eventually
from replay import Recorded, answering, kubeconfig, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from cockpit.clock import SystemClock
from cockpit.kube import access as access_module
from cockpit.kube.access import JSON_PATCH, Access
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path

pytestmark = pytest.mark.anyio


@pytest.fixture
def recorded(shared: Path) -> Recorded:
    return Recorded(shared / "kubernetes-recordings")


async def open_at(folder: Path, server: str, **how: object) -> Access:
    return await Access.open("prod-eu", kubeconfig(folder, server, **how), SystemClock())  # type: ignore[arg-type]


def plugin(folder: Path, script: str) -> dict[str, object]:
    """A kubeconfig user whose credentials come from a shell script."""
    path = folder / "plugin"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(path)}}


def test_importing_the_room_does_not_import_the_slow_client() -> None:
    code = "import sys, cockpit.kube.access; print([m for m in ('kubernetes', 'aiohttp') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_paths_quote_their_parts_and_lead_nowhere_else() -> None:
    assert resource_path("v1", "pods", "production", "a b", "log") == "/api/v1/namespaces/production/pods/a%20b/log"
    assert resource_path("apps/v1", "deployments") == "/apis/apps/v1/deployments"
    for bad in ("", ".."):
        with pytest.raises(KubeError) as caught:
            resource_path("v1", "pods", bad)
        assert caught.value.kind == "invalid"


async def test_a_call_sends_the_token_and_gives_the_raw_answer(tmp_path: Path) -> None:
    seen: list[tuple[str, dict[str, str], str, bytes]] = []

    async def handler(request: Request) -> Response:
        headers = request.headers
        seen.append((request.method, dict(request.query_params), headers["authorization"], await request.body()))
        assert request.method == "GET" or headers["content-type"] == JSON_PATCH
        return PlainTextResponse("raw", headers={"X-Thing": "1"})

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        answer = await access.call("GET", "/x", query={"labelSelector": "app=a,b!=c", "continue": "+/%2F&=é"})
        await access.call("PATCH", "/x", body=[{"op": "test"}], content_type=JSON_PATCH)
        await access.close()
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (200, b"raw", "1")
    assert (access.context, access.server, access.default_namespace) == ("prod-eu", server, "production")
    assert seen[0] == ("GET", {"labelSelector": "app=a,b!=c", "continue": "+/%2F&=é"}, "Bearer good", b"")
    assert json.loads(seen[1][3]) == [{"op": "test"}]


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        ("42", "not-found", 'deployments.apps "nope" not found'),
        ("43", "forbidden", 'User "viewer" cannot list resource "pods"'),
        ("45", "unauthorized", "Unauthorized"),
        ("46", "conflict", "the object has been modified"),
        ("47", "invalid", "must be greater than or equal to 0"),
    ],
)
async def test_an_error_carries_what_the_server_said(
    recorded: Recorded, tmp_path: Path, number: str, kind: str, words: str
) -> None:
    async def handler(_: Request) -> Response:
        return recorded.answer(number)

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        with pytest.raises(KubeError) as caught:
            await access.call("GET", "/x")
        await access.close()
    assert caught.value.kind == kind
    assert words in caught.value.message
    assert "prod-eu" in caught.value.message
    if kind in ("unauthorized", "forbidden"):
        assert "kubectl --context prod-eu auth" in caught.value.mend


@pytest.mark.parametrize(
    ("code", "kind"), [(302, "server"), (410, "gone"), (418, "invalid"), (429, "throttled"), (503, "server")]
)
async def test_a_proxy_that_answers_with_a_page_is_told_in_one_clean_line(tmp_path: Path, code: int, kind: str) -> None:
    async def handler(_: Request) -> Response:
        return PlainTextResponse("<html>\x1b[31mno\nupstream" + "x" * 9999, code)

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        with pytest.raises(KubeError) as caught:
            await access.call("GET", "/x")
        await access.close()
    assert (caught.value.kind, caught.value.status) == (kind, code)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    ("asked", "wait"),
    [("7", 7), (format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), 120),
     (format_datetime(datetime(2000, 1, 1, tzinfo=UTC), usegmt=True), 0), ("soon", None)],
    ids=["seconds", "in an hour", "in 2000", "words"],  # every process has to call them the same
)  # fmt: skip
async def test_a_server_asks_to_be_left_alone_in_seconds_or_until_a_date(
    tmp_path: Path, asked: str, wait: float | None
) -> None:
    async def handler(_: Request) -> Response:
        return Response(status_code=429, headers={"Retry-After": asked})

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        with pytest.raises(KubeError) as caught:
            await access.call("GET", "/api/v1/pods")
        await access.close()
    assert caught.value.kind == "throttled"
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("code", [401, 500])
async def test_a_refusal_without_end_is_read_at_its_beginning(tmp_path: Path, code: int) -> None:
    async def handler(_: Request) -> Response:
        async def unended() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"no " * 10_000
            await asyncio.sleep(60)

        return StreamingResponse(unended(), code)

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        stream = access.stream("/api/v1/pods", query={"watch": "1"}, timeout=None)
        with pytest.raises(KubeError, match=f"answered {code}: no no") as caught:
            await asyncio.wait_for(anext(stream), 20)
        await access.close()
    assert caught.value.status == code


async def test_an_answer_without_end_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_module, "LARGEST_ANSWER", 1 << 20)

    async def handler(_: Request) -> Response:
        async def unended() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"[" * 100_000
            await asyncio.sleep(60)

        return StreamingResponse(unended())

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        with pytest.raises(KubeError, match="with more than 1 MiB"):
            await asyncio.wait_for(access.call("GET", "/api/v1/pods"), 20)
        await access.close()


async def test_a_redirect_is_an_answer_and_leads_nowhere(tmp_path: Path) -> None:
    """A service behind the API server's proxy could else send us anywhere, also to the API server as ourselves."""
    reached: list[str] = []

    async def handler(request: Request) -> Response:
        reached.append(request.url.path)
        return Response(status_code=302, headers={"Location": "/api/v1/secrets"})

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        came = await access.proxied("GET", "/proxy/health", {}, timeout=5, most=1000)
        with pytest.raises(KubeError) as caught:
            await access.call("POST", "/proxy/refund", body={})
        await access.close()
    assert (came.status, came.headers["location"]) == (302, "/api/v1/secrets")
    assert caught.value.status == 302
    assert reached == ["/proxy/health", "/proxy/refund"]


async def test_nobody_there_and_no_answer_are_unreachable(tmp_path: Path) -> None:
    async def silent(_: Request) -> Response:
        await asyncio.sleep(5)
        return Response()

    dead = await open_at(tmp_path, "http://127.0.0.1:1")
    with pytest.raises(KubeError) as refused:
        await dead.call("GET", "/x")
    await dead.close()
    async with serving(answering(silent)) as server:
        access = await open_at(tmp_path, server)
        with pytest.raises(KubeError) as late:
            await access.call("GET", "/x", timeout=0.2)
        with pytest.raises(KubeError) as mute:
            async for _ in access.stream("/x", query={}, timeout=0.2):
                pass
        await access.close()
    assert [e.value.kind for e in (refused, late, mute)] == ["unreachable"] * 3
    assert "cannot be reached" in refused.value.message
    assert "in time" in late.value.message


async def test_a_stream_gives_whole_lines_and_closes_when_left(tmp_path: Path) -> None:
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def body():  # type: ignore[no-untyped-def]
        try:
            for piece in (b"on", b"e\ntwo\nth", b"ree\n"):
                yield piece
                await asyncio.sleep(0.01)
            await asyncio.sleep(60)
        finally:
            loop.call_soon_threadsafe(gone.set)

    async def handler(request: Request) -> Response:
        return StreamingResponse(body()) if "follow" in request.query_params else PlainTextResponse("a\nlast")

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        lines: list[bytes] = []
        async with aclosing(access.stream("/x", query={"follow": "1"})) as stream:
            async for line in stream:
                lines.append(line)
                if len(lines) == 3:
                    break
        await eventually(gone.is_set)
        whole = [line async for line in access.stream("/x", query={})]
        await access.close()
    assert lines == [b"one", b"two", b"three"]
    assert whole == [b"a", b"last"]


async def test_cancelling_a_stream_closes_its_connection(tmp_path: Path) -> None:
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def body():  # type: ignore[no-untyped-def]
        try:
            yield b"one\n"
            await asyncio.sleep(60)
        finally:
            loop.call_soon_threadsafe(gone.set)

    async def handler(_: Request) -> Response:
        return StreamingResponse(body())

    lines: list[bytes] = []

    async def read(access: Access) -> None:
        async for line in access.stream("/x", query={}, timeout=None):
            lines.append(line)

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        task = asyncio.create_task(read(access))
        await eventually(lambda: lines)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await eventually(gone.is_set)
        await access.close()


async def test_an_access_review_asks_the_recorded_question(recorded: Recorded, tmp_path: Path) -> None:
    asked: list[object] = []
    numbers = iter(["48", "49"])

    async def handler(request: Request) -> Response:
        asked.append(await request.json())
        return recorded.answer(next(numbers))

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        first = await access.allowed("patch", "apps", "deployments", "production", "payment-service")
        second = await access.allowed("patch", "apps", "deployments", "production", "payment-service")
        await access.close()
    assert asked[0] == recorded("48")["request"]["body"]
    assert (first.allowed, second.allowed) == (True, False)


async def test_a_question_whose_connection_breaks_off_is_asked_again(tmp_path: Path) -> None:
    """And a change is not: whether it was made is not known."""
    asked: list[bytes] = []
    answer = json.dumps({"status": {"allowed": True}}).encode()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        if len(asked) % 2:
            writer.transport.abort()
            return
        head = f"HTTP/1.1 201 Created\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + answer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        access = await open_at(tmp_path, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert (await access.allowed("patch", "apps", "deployments", "shop")).allowed
        assert len(asked) == 2
        with pytest.raises(KubeError, match="broke off"):
            await access.call("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web", body={})
        assert len(asked) == 3
        await access.close()


async def test_what_is_not_json_is_a_server_error(tmp_path: Path) -> None:
    async def handler(_: Request) -> Response:
        return PlainTextResponse('{"gitVersion": 7')

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server)
        with pytest.raises(KubeError) as caught:
            await access.version()
        await access.close()
    assert caught.value.kind == "server"
    assert "cannot be read" in caught.value.message


async def test_a_rotated_token_is_read_again_after_a_401(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")

    async def handler(request: Request) -> Response:
        token.write_text("new")
        good = request.headers["authorization"] == "Bearer new"
        return JSONResponse({"gitVersion": "v1.36.0"}, 200 if good else 401)

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server, user={"tokenFile": str(token)})
        assert await access.version() == "v1.36.0"
        await access.close()


async def test_so_it_is_for_what_is_asked_through_the_server(tmp_path: Path) -> None:
    token, seen = tmp_path / "token", list[str]()
    token.write_text("old")
    behind = JSONResponse({"error": "who are you?"}, 401)

    async def handler(request: Request) -> Response:
        seen.append(request.headers["authorization"])
        token.write_text("new")
        if request.headers["authorization"] == "Bearer new":
            return behind
        return JSONResponse({"kind": "Status", "message": "Unauthorized", "code": 401}, 401)

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server, user={"tokenFile": str(token)})
        came = await access.proxied("GET", "/proxy/health", {}, timeout=5, most=1000)
        assert (came.status, came.body) == (401, behind.body), "what is behind it may refuse for reasons of its own"
        assert seen == ["Bearer old", "Bearer new"]
        behind = JSONResponse({"kind": "Status", "message": "Unauthorized", "code": 401}, 401)
        with pytest.raises(KubeError) as caught:
            await access.proxied("GET", "/proxy/health", {}, timeout=5, most=1000)
        await access.close()
    assert caught.value.kind == "unauthorized"
    assert len(seen) == 4, "renewed once"


async def test_a_plugin_gives_the_token_and_expired_ones_are_renewed(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = (
        f'echo x >> {count}\nN=$(wc -l < {count})\nif [ "$N" = 1 ]; then T=2020-01-01; else T=2999-01-01; fi\n'
        'echo "{\\"status\\": {\\"token\\": \\"t$N\\", \\"expirationTimestamp\\": \\"${T}T00:00:00Z\\"}}"\n'
    )
    seen: list[str] = []

    async def handler(request: Request) -> Response:
        seen.append(request.headers["authorization"])
        return JSONResponse({"gitVersion": "v1.36.0"})

    async with serving(answering(handler)) as server:
        access = await open_at(tmp_path, server, user=plugin(tmp_path, script))
        await access.version()
        await access.version()
        await access.close()
    assert seen == ["Bearer t2", "Bearer t2"]


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("echo 'Token expired' >&2; exit 3", "unauthorized", "exit status 3: Token expired"),
        ("echo loud > /dev/tty 2>/dev/null || echo 'no terminal' >&2; exit 1", "unauthorized", "no terminal"),
        ("echo not json", "config", "printed no ExecCredential"),
        ("yes", "config", "printed more than 1 MiB"),
        ("yes | head -c 3000000 >&2; exit 3", "unauthorized", "exit status 3: y"),
        ("head -c 200000 /dev/zero | tr '\\0' '['", "config", "printed no ExecCredential"),
        ("echo '{\"status\": {}}'", "config", "neither a token nor a client certificate"),
    ],
)
async def test_a_failing_plugin_is_an_error_and_not_an_anonymous_user(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], script: str, kind: str, words: str
) -> None:
    with pytest.raises(KubeError) as caught:
        await open_at(tmp_path, "http://127.0.0.1:1", user=plugin(tmp_path, script))
    assert caught.value.kind == kind
    assert words in caught.value.message
    assert capfd.readouterr() == ("", "")


async def test_what_a_plugin_has_left_behind_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser, say, that it opened in a session of its own: it keeps the plugin's output open, and is not ended."""
    monkeypatch.setattr("cockpit.kube.credentials.plugin.PLUGIN_TIMEOUT", 0.5)
    left = tmp_path / "left"
    script = f"setsid sleep 300 & echo $! > {left}; sleep 300"
    try:
        async with asyncio.timeout(30):
            with pytest.raises(KubeError, match="took longer than"):
                await open_at(tmp_path, "http://127.0.0.1:1", user=plugin(tmp_path, script))
    finally:
        os.kill(int(left.read_text()), signal.SIGKILL)


async def test_what_holds_the_output_of_a_plugin_that_has_ended_is_not_waited_for(tmp_path: Path) -> None:
    left = tmp_path / "left"
    script = f"""setsid sleep 300 & echo $! > {left}; echo '{{"status": {{"token": "t"}}}}'"""
    try:
        async with asyncio.timeout(30):
            access = await open_at(tmp_path, "http://127.0.0.1:1", user=plugin(tmp_path, script))
            await access.close()
    finally:
        os.kill(int(left.read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no kubeconfig"),
        ("", "is empty"),
        ("a: [", "is not YAML"),
        ("contexts: 5\n", "kubeconfig"),
        ("contexts: []\nclusters: []\nusers: []\n", "has no context 'prod-eu'; it has: none"),
        (
            "contexts: [{name: prod-eu, context: {cluster: c, user: gone}}]\nusers: []\n"
            "clusters: [{name: c, cluster: {server: 'https://x'}}]\n",
            "its user 'gone' is not defined",
        ),
        (
            "contexts: [{name: prod-eu, context: {cluster: c}}]\nusers: []\nclusters: [{name: c, cluster: {}}]\n",
            "no server address",
        ),
        (
            "contexts: [{name: prod-eu, context: {cluster: c}}]\nusers: []\n"
            "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority: /nowhere}}]\n",
            "File does not exist",
        ),
        (
            "contexts: [{name: prod-eu, context: {cluster: c}}]\nusers: []\n"
            "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority-data: bm90IGEgY2VydA==}}]\n",
            "certificates cannot be loaded",
        ),
    ],
)
async def test_a_bad_kubeconfig_is_told_in_one_line(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "kubeconfig"
    if text is not None:
        path.write_text(text)
    with pytest.raises(KubeError) as caught:
        await Access.open("prod-eu", path, SystemClock())
    assert caught.value.kind == "config"
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
