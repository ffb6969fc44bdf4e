"""A connection that does not come about, or breaks: said in our words and not in the library's."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from listeners import listening, refusing, saying
from replay import kubeconfig

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from tests.kube.test_login import certificate

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def refused(folder: Path, server: str) -> KubeError:
    access = await Access.open("prod-eu", kubeconfig(folder, server), SystemClock())
    try:
        with pytest.raises(KubeError) as caught:
            await access.call("GET", "/version")
        return caught.value
    finally:
        await access.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "broke off without an answer"),
        (HEAD + b"Content-Length: 100\r\n\r\n{", "broke off before its answer was whole"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{", "broke off before its answer was whole"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "answered with what is no HTTP"),
    ],
)
async def test_an_answer_that_is_none_or_not_whole(tmp_path: Path, answer: bytes, words: str) -> None:
    async with listening(saying(answer)) as port:
        error = await refused(tmp_path, f"http://127.0.0.1:{port}")
    assert error.kind == "unreachable"
    assert error.message == f"http://127.0.0.1:{port} {words}"
    assert error.mend


async def test_a_server_that_nobody_finds_or_that_is_not_there(tmp_path: Path) -> None:
    lost = await refused(tmp_path, "https://nowhere.invalid:6443")
    assert lost.message == "https://nowhere.invalid:6443 cannot be reached: its name does not resolve here"
    closed = await refused(tmp_path, f"http://127.0.0.1:{refusing()}")
    assert closed.message.endswith(" cannot be reached: Connection refused")
    assert lost.kind == closed.kind == "unreachable"


async def test_a_certificate_that_is_not_trusted_and_a_port_without_tls(tmp_path: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*await certificate(tmp_path, "server"))
    async with listening(saying(HEAD), tls) as port:
        untrusted = await refused(tmp_path, f"https://127.0.0.1:{port}")
    assert "has a certificate that is not trusted: " in untrusted.message
    assert "self-signed certificate" in untrusted.message
    assert "SSLCertVerificationError" not in untrusted.message
    async with listening(saying(HEAD + b"Content-Length: 0\r\n\r\n")) as port:
        plain = await refused(tmp_path, f"https://127.0.0.1:{port}")
    assert plain.message.startswith(f"https://127.0.0.1:{port} cannot be reached: no TLS came about: ")
    assert "_ssl.c" not in plain.message
