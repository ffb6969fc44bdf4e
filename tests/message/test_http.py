"""Every way in which a request fails: whether the provider may have acted, when to come back, and no secret in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from cockpit.clock import ManualClock
from cockpit.config import Secret
from cockpit.message.channel import ChannelError
from cockpit.message.http import LARGEST, Api

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 2, 3, 2, 0, tzinfo=UTC)
SECRET = "sesame/0pen+x"


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[str]:
    """A server that reads a request, writes these bytes and closes; None: it closes at once, without an answer."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.readexactly(1)) != b"\x16":  # which begins a TLS handshake
            await reader.readuntil(b"\r\n\r\n")
        if answer is not None:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


def head(status: str, *lines: str, body: bytes = b"") -> bytes:
    fields = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *lines, "", ""]
    return "\r\n".join(fields).encode() + body


async def refused(url: str, monkeypatch: pytest.MonkeyPatch, *, near: bool = False) -> ChannelError:
    """The error of one request with a secret in its header."""
    monkeypatch.setenv("TOKEN", SECRET)
    api = Api("The provider", url, ManualClock(NOW), near=near)
    token = await api.secret(Secret.model_validate({"env": "TOKEN"}))
    try:
        with pytest.raises(ChannelError) as caught:
            await api.call("POST", "/messages", json={"text": "x"}, headers={"Authorization": f"Bearer {token}"})
    finally:
        await api.close()
    assert SECRET not in caught.value.reason
    assert "\n" not in caught.value.reason
    assert len(caught.value.reason) < 400
    return caught.value


@pytest.mark.parametrize(
    ("status", "retryable", "uncertain", "words"),
    [
        ("301 Moved", False, False, "see its address"), ("400 Bad", False, False, "see the message"),
        ("401 Who", False, False, "see its token"), ("403 No", False, False, "what its token may do"),
        ("404 Gone", False, False, "see its address"), ("408 Slow", True, True, "tried again"),
        ("410 Gone", False, False, "see its address"), ("422 Odd", False, False, "see the message"),
        ("429 Busy", True, False, "asked again later"), ("500 Oops", True, True, "tried again"),
        ("502 Proxy", True, True, "tried again"), ("503 Lost", True, True, "tried again"),
        ("504 Proxy", True, True, "tried again"),
    ],
)  # fmt: skip
async def test_every_status(
    status: str, retryable: bool, uncertain: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = f'{{"error": {{"message": "no\\n\\u001b[31m {SECRET} {"y" * 500}"}}}}'.encode()
    async with answering(head(status, body=body)) as url:
        error = await refused(url, monkeypatch)
    assert (error.retryable, error.uncertain) == (retryable, uncertain)
    assert words in error.reason
    assert f"The provider answered {status[:3]}" in error.reason
    assert "\x1b" not in error.reason


async def test_a_refusal_that_says_for_how_long_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 503 without it may be a proxy's, which lost the answer of a provider that had taken the message."""
    async with answering(head("503 Down", "Retry-After: 7")) as url:
        error = await refused(url, monkeypatch)
    assert (error.retryable, error.uncertain, error.after) == (True, False, 7)


@pytest.mark.parametrize(
    ("header", "after"),
    [("30", 30), ("1.5", 1.5), ("Tue, 03 Feb 2026 02:01:00 GMT", 60), ("Tue, 03 Feb 2026 01:00:00 GMT", 0),
     ("999999999999", 3600), ("soon", 0), ("-5", 0), ("", 0)],
)  # fmt: skip
async def test_when_to_come_back(header: str, after: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds or a date (RFC 9110, 10.2.3); never more than an hour, and never nonsense."""
    async with answering(head("429 Busy", f"Retry-After: {header}")) as url:
        assert (await refused(url, monkeypatch)).after == after


@pytest.mark.parametrize(
    "answer",
    [None, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"not HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "],
)
async def test_what_breaks_off_after_the_request_may_have_been_taken(
    answer: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answering(answer) as url:
        error = await refused(url, monkeypatch)
    assert (error.retryable, error.uncertain) == (True, True)
    assert "it may have been taken" in error.reason


async def test_what_cannot_be_reached_was_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens, no such name, no TLS where it is expected."""
    async with answering(None) as url:
        closed = url
    for there in (closed, f"http://{'a' * 64}.example"):
        error = await refused(there, monkeypatch)
        assert (error.retryable, error.uncertain) == (True, False), there
        assert "cannot be reached" in error.reason
    async with answering(head("200 OK")) as url:
        error = await refused(url.replace("http:", "https:"), monkeypatch)
        assert (error.retryable, error.uncertain) == (True, False)


async def test_what_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("ftp://127.0.0.1", "http://[::1"):
        error = await refused(url, monkeypatch)
        assert (error.retryable, error.uncertain) == (False, False)


async def test_near_reaches_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    error = await refused("https://api.example.com", monkeypatch, near=True)
    assert (error.retryable, error.uncertain) == (False, False)
    assert "is not this machine" in error.reason


async def test_an_answer_without_end_is_read_only_so_far() -> None:
    """A body of several megabytes does not fill the memory, and is no JSON any more."""
    async with answering(head("200 OK", body=b'"' + b"y" * (3 * LARGEST) + b'"')) as url:
        api = Api("The provider", url, ManualClock(NOW))
        answer = await api.call("GET", "/")
        await api.close()
    assert (answer.status, answer.body, len(answer.text)) == (200, None, 2000)


async def test_a_secret_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKEN", raising=False)
    api = Api("The provider", "http://127.0.0.1", ManualClock(NOW))
    with pytest.raises(ChannelError) as caught:
        await api.secret(Secret.model_validate({"env": "TOKEN"}))
    assert not caught.value.retryable
    assert "TOKEN" in caught.value.reason


@pytest.mark.parametrize("token", ["sesame\nopen", "ses\x07ame", "ses\u00e4me"])
async def test_a_secret_that_no_header_can_carry(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes out, it is certain, and no word of the secret is in the reason."""
    monkeypatch.setenv("TOKEN", token)
    api = Api("The provider", "http://127.0.0.1", ManualClock(NOW))
    with pytest.raises(ChannelError) as caught:
        await api.secret(Secret.model_validate({"env": "TOKEN"}))
    assert (caught.value.retryable, caught.value.uncertain) == (False, False)
    assert "TOKEN" in caught.value.reason
    assert "ses" not in caught.value.reason
