"""Asking from inside a container: the very words, executed by the programs of this machine against real sockets."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator

import pytest
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cockpit.kube.inside.ports import Program, connecting, fetching
from cockpit.kube.inside.web import NOT_THERE, STATUS, parts, took_inside
from cockpit.signal.endpoint.greeting import GREETINGS
from tests.listeners import listening, refusing, saying, silent

pytestmark = pytest.mark.anyio


async def executed(program: Program) -> tuple[int, str]:
    """Exit status and both outputs together, as an exec gives them; 127 for a program that is not there."""
    try:
        ran = await asyncio.create_subprocess_exec(
            *program.words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
    except FileNotFoundError:
        return 127, ""
    output, _ = await ran.communicate()
    return ran.returncode or 0, output.decode("utf-8", "backslashreplace")


def named(programs: Iterator[Program], name: str) -> Program:
    """The way by one program; skips where this machine does not have it."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return next(each for each in programs if each.name == name)


TCP = ("nc", "bash", "python3")
HTTP = ("curl", "wget", "bash", "python3", "nc")


@pytest.mark.parametrize("name", TCP)
async def test_each_program_connects(name: str) -> None:
    async with listening(silent) as port:
        status, _ = await executed(named(connecting("127.0.0.1", port, 3.0), name))
    assert status == 0
    status, _ = await executed(named(connecting("127.0.0.1", refusing(), 3.0), name))
    assert status not in (0, *NOT_THERE)


@pytest.mark.parametrize("name", TCP)
@pytest.mark.parametrize(
    ("speaks", "answer"),
    [("redis", b"+PONG\r\n"), ("amqp", b"\x01\x00\x00\x00\x00\x01\xf0\x00\x0a\x00\x0a\x00\x09"), ("postgresql", b"N")],
)
async def test_each_program_greets(name: str, speaks: str, answer: bytes) -> None:
    said: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.append(await reader.read(100))
        writer.write(answer)
        await writer.drain()
        await reader.read()

    greeting = GREETINGS[speaks]
    async with listening(serve) as port:
        programs = connecting("127.0.0.1", port, 1.0, greeting.says, greeting.reads)
        _, output = await executed(named(programs, name))
    assert said == [greeting.says]
    assert greeting.judge(output.encode("utf-8", "replace")) == ("ok", "")


@pytest.mark.parametrize("name", HTTP)
async def test_each_program_fetches(name: str) -> None:
    seen: list[str] = []

    async def handler(request: Request) -> Response:
        seen.append(f"{request.method} {request.url.path}?{request.url.query} {request.headers.get('x-test')}")
        return PlainTextResponse('{"status": "ok"}', 200 if "ok" in request.url.query else 503)

    async with serving(answering(handler)) as server:
        for query, status in (("ok=1", "200"), ("no=1", "503")):
            program = named(fetching("GET", f"{server}/health?{query}", {"X-Test": "a b"}, 3.0), name)
            _, output = await executed(program)
            found = STATUS.search(output)
            assert found is not None, output
            assert found[1] == status
            if name != "wget" or status == "200":  # wget keeps the body of an error to itself
                assert '"status": "ok"' in parts(output)[1]
    assert seen == ["GET /health?ok=1 a b", "GET /health?no=1 a b"]


async def test_curl_says_how_long_the_answer_took() -> None:
    """A body that says the same is not believed."""

    async def handler(_: Request) -> Response:
        await asyncio.sleep(0.3)
        return PlainTextResponse("it\ntook 0.001 s\nat most")

    async with serving(answering(handler)) as server:
        _, output = await executed(named(fetching("GET", server, {}, 3.0), "curl"))
    rest, seconds = took_inside(output)
    assert seconds is not None
    assert seconds >= 0.3
    assert parts(rest)[1] == "it\ntook 0.001 s\nat most"
    assert took_inside("HTTP/1.1 200 OK\n\nok") == ("HTTP/1.1 200 OK\n\nok", None)


@pytest.mark.parametrize("name", HTTP)
async def test_no_program_is_led_elsewhere(name: str) -> None:
    """Who answers could else send a request from the pod to wherever the pod may go."""
    seen: list[str] = []

    async def handler(request: Request) -> Response:
        seen.append(request.url.path)
        return Response(status_code=302, headers={"Location": "/elsewhere"})

    async with serving(answering(handler)) as server:
        _, output = await executed(named(fetching("GET", f"{server}/health", {}, 3.0), name))
    found = STATUS.search(output)
    assert found is not None, output
    assert (found[1], parts(output)[0]["location"], seen) == ("302", "/elsewhere", ["/health"])


@pytest.mark.parametrize("name", HTTP)
async def test_an_address_is_one_address(name: str) -> None:
    """Curl takes brackets and braces for a list of addresses."""
    seen: list[str] = []

    async def handler(request: Request) -> Response:
        seen.append(request.url.path)
        return PlainTextResponse("ok")

    async with serving(answering(handler)) as server:
        await executed(named(fetching("GET", f"{server}/health?id=[1-3]&of={{a,b}}", {}, 3.0), name))
    assert seen == ["/health"]


@pytest.mark.parametrize("name", HTTP)
async def test_each_program_gives_up(name: str) -> None:
    async with listening(silent) as port:
        program = named(fetching("GET", f"http://127.0.0.1:{port}/", {}, 1.0), name)
        _, output = await executed(program)
    assert STATUS.search(output) is None


@pytest.mark.parametrize("name", TCP)
async def test_what_looks_like_a_script_is_only_a_name(name: str) -> None:
    """No address is executed, whoever wrote it."""
    async with listening(saying(b"")) as port:
        status, output = await executed(named(connecting("$(echo${IFS}127.0.0.1)", port, 1.0), name))
        assert status != 0
        assert "127.0.0.1" not in output.replace("$(echo${IFS}127.0.0.1)", "")
