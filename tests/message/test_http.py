"""A provider's API over HTTP: each failure says whether to try again, when, and whether the provider may have acted."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.config import Secret
from cockpit.message import http
from cockpit.message.channel import ChannelError
from cockpit.message.http import Api

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 2, 3, 2, 6, tzinfo=UTC)


@asynccontextmanager
async def answering(raw: bytes, *, ends: bool = True) -> AsyncIterator[str]:
    """A server that says `raw` to every request, and then nothing more; gives its port's address without a scheme."""
    hold = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        if not ends:
            await hold.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        hold.set()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def api(url: str, *, near: bool = False) -> AsyncIterator[Api]:
    """The API there, at 02:06."""
    made = Api("Provider", url, ManualClock(NOW), near=near)
    try:
        yield made
    finally:
        await made.close()


async def failing(url: str, *, near: bool = False) -> ChannelError:
    """Why a request there fails."""
    async with api(url, near=near) as provider:
        with pytest.raises(ChannelError) as failed:
            await provider.call("POST", "/x", json={})
    return failed.value


def said(status: str, body: str = "", *headers: str) -> bytes:
    """An answer as it goes over the wire."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", "Connection: close", *headers]
    return "\r\n".join([*head, "", body]).encode()


async def test_what_never_got_out_is_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No such host, nobody there, no TLS there: nothing was taken, and it is tried again."""
    monkeypatch.setattr(http, "CONNECT", 1.0)  # where names are looked up slowly
    async with answering(b"no TLS here\r\n") as here:
        for url in ("http://nobody.invalid", "http://127.0.0.1:1", f"https://{here}"):
            error = await failing(url)
            assert (error.retryable, error.uncertain) == (True, False), error.reason
            assert error.reason.startswith("Provider cannot be reached")


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    """TLS to whoever cannot prove to be the provider is refused before anything is said."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    process = await asyncio.create_subprocess_exec(*made, *files, stderr=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        error = await failing(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    finally:
        server.close()
    assert "CERTIFICATE_VERIFY_FAILED" in error.reason
    assert not error.uncertain


async def test_what_breaks_after_it_was_sent_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is cut off, none at all, and one that never ends: it may have been taken."""
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") as cut, answering(b"") as none:
        for here in (cut, none):
            error = await failing(f"http://{here}")
            assert (error.retryable, error.uncertain) == (True, True)
            assert "broke off" in error.reason
    monkeypatch.setattr(http, "TIMEOUT", 0.2)
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", ends=False) as slow:
        error = await failing(f"http://{slow}")
        assert (error.retryable, error.uncertain) == (True, True)
        assert "did not answer within" in error.reason


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7), ("0", 0), ("1.5", 1.5), ("Tue, 03 Feb 2026 02:07:30 GMT", 90), ("Tue, 03 Feb 2026 02:00:00 GMT", 0),
        ("99999999", 3600), ("-3", 0), ("soon", 0), ("", 0), ("²", 0),
    ],
)  # fmt: skip
async def test_when_to_come_back(header: str, seconds: float) -> None:
    """Retry-After as seconds or as a date (RFC 9110, 10.2.3); an hour at most, and nonsense is nothing."""
    raw = said("429 Too Many Requests", "slow down", f"Retry-After: {header}")
    async with answering(raw) as here:
        error = await failing(f"http://{here}")
    assert (error.retryable, error.uncertain, error.after) == (True, False, seconds)


async def test_when_the_rate_is_reset() -> None:
    """Where a 429 says no more than that; of other answers the header says nothing."""
    for status, seconds in (("429 Too Many Requests", 42), ("503 Unavailable", 0)):
        async with answering(said(status, "", "RateLimit-Reset: 42")) as here:
            assert (await failing(f"http://{here}")).after == seconds


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 405, 409, 410, 413, 422])
async def test_what_is_refused_for_good(status: int) -> None:
    """No redirect is followed, and nothing that somebody must mend is tried again."""
    async with answering(said(f"{status} No", "", "Location: http://127.0.0.1:1/")) as here:
        error = await failing(f"http://{here}")
    assert (error.retryable, error.uncertain) == (False, False)
    assert error.reason.endswith("under `channels:`")


@pytest.mark.parametrize(("status", "uncertain"), [(408, True), (500, True), (502, True), (503, False), (504, True)])
async def test_what_may_pass(status: int, uncertain: bool) -> None:
    """503 was not begun; of the others nobody knows."""
    async with answering(said(f"{status} No", "<html>a proxy's page</html>")) as here:
        error = await failing(f"http://{here}")
    assert (error.retryable, error.uncertain) == (True, uncertain)
    assert "html" not in error.reason


async def test_a_large_answer_is_not_read_to_its_end() -> None:
    """A megabyte is more than any of them says."""
    async with answering(said("200 OK", "x" * 3_000_000)) as here, api(f"http://{here}") as provider:
        answer = await provider.call("GET", "/")
    assert (answer.body, len(answer.text)) == (None, 2000)


async def test_no_secret_is_in_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even half of one, when the provider says it back: in colours, in its middle, where the words are cut."""
    token = "quite-a-long-s3cret-of-ours"
    monkeypatch.setenv("PROVIDER_TOKEN", token)
    for before in ("nobody has ", "x" * 190, "x" * 199):
        for body in (
            f'{{"error": {{"message": "{before}{token}"}}}}',
            f"{before}\x1b[31m{token}",
            f"{before}{token[:9]}\x1b[0m{token[9:]}",
        ):
            async with answering(said("400 Bad", body)) as here, api(f"http://{here}") as provider:
                found = await provider.secret(Secret(env="PROVIDER_TOKEN"))
                with pytest.raises(ChannelError) as failed:
                    await provider.call("GET", f"/{found}", headers={"Authorization": found})
            assert "Provider answered 400: " in failed.value.reason
            assert token[:4] not in failed.value.reason


async def test_a_secret_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is for somebody to mend."""
    monkeypatch.delenv("PROVIDER_TOKEN", raising=False)
    async with api("http://127.0.0.1:1") as provider:
        with pytest.raises(ChannelError, match=r"Provider: \$PROVIDER_TOKEN gives nothing; set it") as failed:
            await provider.secret(Secret(env="PROVIDER_TOKEN"))
    assert not failed.value.retryable


@pytest.mark.parametrize(
    "url", ["https://api.example.com", "http://10.0.0.1", "http://localhost.example.com", "http://[::2]"]
)
async def test_near_is_this_machine(url: str) -> None:
    """By its address or `localhost`; nothing is looked up."""
    error = await failing(url, near=True)
    assert "is not this machine" in error.reason
    assert (error.retryable, error.uncertain) == (False, False)
