"""Credentials over a long incident: renewed before they end, read again after a login, and who says how to log in."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import certifi
import pytest
import yaml
from conftest import eventually
from replay import answering, kubeconfig, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cockpit.clock import ManualClock, SystemClock
from cockpit.kube import connection, transport
from cockpit.kube.access import Access
from cockpit.kube.credentials import incluster
from cockpit.kube.credentials.login import login_command, mend
from cockpit.kube.credentials.oidc import ends
from cockpit.kube.errors import KubeError

pytestmark = pytest.mark.anyio
START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class Server:
    """Knows the tokens that are good, and remembers what it was sent."""

    def __init__(self, *good: str) -> None:
        self.good = set(good)
        self.seen: list[str] = []

    async def __call__(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.seen.append(token)
        if token in self.good:
            return JSONResponse({"gitVersion": "v1.36.0"})
        return JSONResponse({"kind": "Status", "message": "Unauthorized", "code": 401}, 401)


def script(folder: Path, name: str, text: str, **more: Any) -> dict[str, Any]:
    """A user whose plugin is a shell script of that name."""
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(path), **more}}


def credential(token: str, ends: datetime) -> str:
    return json.dumps({"status": {"token": token, "expirationTimestamp": ends.isoformat()}})


async def test_after_a_login_the_next_request_goes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_REFUSED", 0.0)
    session, server = tmp_path / "session", Server("first", "second")
    user = script(tmp_path, "aws", f'cat {session} 2>/dev/null || {{ echo "Error loading SSO Token" >&2; exit 255; }}',
                  args=["eks", "get-token", "--profile", "prod eu"])  # fmt: skip
    session.write_text(credential("first", START + timedelta(minutes=5)))
    clock = ManualClock(START)
    async with serving(answering(server)) as address:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, address, user=user), clock)
        await access.version()
        session.unlink()
        clock.advance(295)
        await access.version()  # it cannot be renewed, and holds for five more seconds
        clock.advance(6)
        with pytest.raises(KubeError) as caught:
            await access.version()
        session.write_text(credential("second", START + timedelta(hours=1)))
        assert await access.version() == "v1.36.0"
        await access.close()
    assert server.seen == ["first", "first", "second"]
    assert caught.value.kind == "unauthorized"
    assert "Error loading SSO Token" in caught.value.message
    assert "`aws sso login --profile 'prod eu'`" in caught.value.mend


async def test_a_refusal_by_the_plugin_is_not_asked_for_by_each_watch(tmp_path: Path) -> None:
    count, server = tmp_path / "count", Server()
    user = script(
        tmp_path, "tsh", f'echo x >> {count}; [ -e {tmp_path}/in ] || exit 1; echo \'{{"status": {{"token": "t"}}}}\''
    )
    (tmp_path / "in").touch()
    async with serving(answering(server)) as address:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, address, user=user), SystemClock())
        (tmp_path / "in").unlink()
        found = await asyncio.gather(*(access.version() for _ in range(6)), return_exceptions=True)
        await access.close()
    assert {getattr(each, "kind", None) for each in found} == {"unauthorized"}
    assert len(count.read_text().split()) == 2


async def test_a_server_that_knows_no_one_names_the_login(tmp_path: Path) -> None:
    user = script(tmp_path, "gke-gcloud-auth-plugin", 'echo \'{"status": {"token": "t"}}\'')
    async with serving(answering(Server())) as address:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, address, user=user), SystemClock())
        with pytest.raises(KubeError) as caught:
            await access.version()
        await access.close()
    assert caught.value.kind == "unauthorized"
    assert "`gcloud auth login`" in caught.value.mend


async def test_leaving_does_not_wait_for_a_plugin_that_waits_for_a_browser(tmp_path: Path) -> None:
    began = tmp_path / "began"
    user = script(tmp_path, "kubelogin", f"echo $$ > {began}; sleep 600 & wait")
    opening = asyncio.create_task(Access.open("prod-eu", kubeconfig(tmp_path, "http://x", user=user), SystemClock()))
    await eventually(lambda: began.exists() and began.read_text().strip())
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await eventually(lambda: not Path(f"/proc/{began.read_text().strip()}").exists())


async def test_a_plugin_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.kube.credentials.plugin.PLUGIN_TIMEOUT", 0.2)
    user = script(tmp_path, "kubelogin", "sleep 600 & wait", args=["--server-id", "x"])
    with pytest.raises(KubeError) as caught:
        await Access.open("prod-eu", kubeconfig(tmp_path, "http://x", user=user), SystemClock())
    assert caught.value.kind == "unauthorized"
    assert "took longer" in caught.value.message
    assert "`az login`" in caught.value.mend


async def test_a_new_token_in_the_kubeconfig_is_read_after_a_401(tmp_path: Path) -> None:
    server = Server("new")
    async with serving(answering(server)) as address:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, address, user={"token": "old"}), SystemClock())
        with pytest.raises(KubeError) as caught:
            await access.version()
        kubeconfig(tmp_path, address, user={"token": "new"})
        assert await access.version() == "v1.36.0"
        await access.close()
    assert "put a new token into the kubeconfig" in caught.value.mend


async def test_a_token_file_is_read_again_before_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_READ_TOKEN_EVERY", 0.0)
    token, server = tmp_path / "token", Server("one", "two")
    token.write_text("one")
    async with serving(answering(server)) as address:
        user = {"tokenFile": str(token)}
        access = await Access.open("prod-eu", kubeconfig(tmp_path, address, user=user), SystemClock())
        await access.version()
        token.write_text("two")
        await access.version()
        await access.close()
    assert server.seen == ["one", "two"]


async def test_in_a_pod_the_service_account_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("token", "t"), ("namespace", "production\n")):
        (tmp_path / name).write_text(text)
    (tmp_path / "ca.crt").symlink_to(certifi.where())
    monkeypatch.setattr(incluster, "SERVICE_ACCOUNT", tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    access = await Access.open("in-cluster", tmp_path / "no kubeconfig", SystemClock())
    assert (access.server, access.default_namespace) == ("https://10.0.0.1:443", "production")
    await access.close()
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    with pytest.raises(KubeError, match="there is no kubeconfig"):
        await Access.open("in-cluster", tmp_path / "no kubeconfig", SystemClock())


async def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for `name`, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    made, key = folder / f"{name}.crt", folder / f"{name}.key"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    words += ["-subj", f"/CN={name}", "-keyout", str(key), "-out", str(made)]
    run = await asyncio.create_subprocess_exec("openssl", *words, stderr=asyncio.subprocess.DEVNULL)
    assert await run.wait() == 0
    return made, key


async def test_a_client_certificate_of_a_plugin_is_fetched_anew(tmp_path: Path) -> None:
    known = {name: await certificate(tmp_path, name) for name in ("server", "one", "two")}
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*known["server"])
    for name in ("one", "two"):
        tls.load_verify_locations(known[name][0])
    tls.verify_mode = ssl.CERT_OPTIONAL
    good, seen = {"one"}, list[str]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await reader.readline()).strip():
            pass
        if not reader.at_eof():
            name = dict(part[0] for part in writer.get_extra_info("peercert")["subject"])["commonName"]
            seen.append(name)
            head = "200 OK" if name in good else "401 Unauthorized"
            writer.write(f"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        writer.close()

    def session(name: str) -> None:
        pair = {
            key: path.read_text()
            for key, path in zip(("clientCertificateData", "clientKeyData"), known[name], strict=True)
        }
        (tmp_path / "session").write_text(json.dumps({"status": pair}))

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    session("one")
    user = script(tmp_path, "plugin", f"cat {tmp_path}/session")
    path = kubeconfig(tmp_path, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", user=user)
    written = yaml.safe_load(path.read_text())
    written["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    path.write_text(yaml.safe_dump(written))
    access = await Access.open("prod-eu", path, SystemClock())
    await access.version()
    session("two")
    good.symmetric_difference_update({"one", "two"})
    await access.version()
    await access.close()
    server.close()
    assert seen == ["one", "one", "two"]


def jwt(ends: float, name: str) -> str:
    parts = [{"alg": "none"}, {"exp": int(ends), "name": name}]
    return ".".join(
        [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts] + ["x"]
    )


@pytest.mark.parametrize("refused", [False, True])
async def test_an_oidc_token_is_renewed_by_its_refresh_token(tmp_path: Path, refused: bool) -> None:
    old, new = jwt(time.time() - 60, "old"), jwt(time.time() + 3600, "new")
    server, forms = Server(new), list[dict[str, Any]]()

    async def issuer(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"token_endpoint": f"{request.base_url}token"})
        forms.append(dict(parse_qsl((await request.body()).decode())))
        if refused:
            return JSONResponse({"error": "invalid_grant", "error_description": "session has ended"}, 400)
        return JSONResponse({"id_token": new, "refresh_token": "r2"})

    async with serving(answering(issuer)) as address, serving(answering(server)) as api:
        config = {"idp-issuer-url": address, "client-id": "me", "id-token": old, "refresh-token": "r1"}
        path = kubeconfig(tmp_path, api, user={"auth-provider": {"name": "oidc", "config": config}})
        if refused:
            with pytest.raises(KubeError) as caught:
                await Access.open("prod-eu", path, SystemClock())
            assert caught.value.kind == "unauthorized"
            assert "session has ended" in caught.value.message
            assert "kubectl oidc-login" in caught.value.mend
            return
        access = await Access.open("prod-eu", path, SystemClock())
        assert await access.version() == "v1.36.0"
        assert access.expires is not None
        await access.close()
    assert forms == [{"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "me"}]
    kept = yaml.safe_load(path.read_text())["users"][0]["user"]["auth-provider"]["config"]
    assert (kept["id-token"], kept["refresh-token"]) == (new, "r2")


DEEP = b"[" * 100_000


@pytest.mark.parametrize("where", ["discovery", "token"])
async def test_an_issuer_that_answers_with_nonsense_is_no_login(tmp_path: Path, where: str) -> None:
    """What nests without end, too."""

    async def issuer(request: Request) -> Response:
        if request.method == "GET" and where == "token":
            return JSONResponse({"token_endpoint": f"{request.base_url}token"})
        return Response(DEEP, media_type="application/json")

    async with serving(answering(issuer)) as address:
        config = {"idp-issuer-url": address, "id-token": jwt(time.time() - 60, "old"), "refresh-token": "r1"}
        path = kubeconfig(tmp_path, address, user={"auth-provider": {"name": "oidc", "config": config}})
        with pytest.raises(KubeError) as caught:
            await Access.open("prod-eu", path, SystemClock())
    assert caught.value.kind == "unauthorized"
    assert f"{address} answers with what cannot be read" in caught.value.message


@pytest.mark.parametrize("claims", [DEEP, b"{}", b"[]", b'{"exp": "soon"}', b'{"exp": 1e99}', b"\xff"])
def test_a_token_whose_end_cannot_be_read_has_none(claims: bytes) -> None:
    assert ends(f"e30.{base64.urlsafe_b64encode(claims).decode()}.x") is None
    assert ends("opaque") is None


def plugin_of(*argv: str, **env: str) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in env.items()]
    return {"exec": {"command": argv[0], "args": list(argv[1:]), "env": pairs}}


@pytest.mark.parametrize(
    ("user", "command"),
    [
        (plugin_of("aws", "eks", "get-token", "--profile=prod"), "aws sso login --profile prod"),
        (plugin_of("/usr/bin/aws-iam-authenticator", "token", AWS_PROFILE="x"), "aws sso login --profile x"),
        (plugin_of("aws"), "aws sso login"),
        (plugin_of("gke-gcloud-auth-plugin.exe"), "gcloud auth login"),
        (plugin_of("kubelogin", "get-token", "--server-id", "x"), "az login"),
        (plugin_of("kubelogin", "get-token", "--oidc-issuer-url=x"), "kubectl oidc-login"),
        (plugin_of("kubectl", "oidc-login", "get-token"), "kubectl oidc-login"),
        (plugin_of("tsh", "kube", "credentials"), "tsh login"),
        (plugin_of("/opt/our own/login"), "'/opt/our own/login'"),
        ({"auth-provider": {"name": "gcp"}}, "gcloud auth login"),
        ({"auth-provider": {"name": "new"}}, ""),
        ({"token": "t"}, ""),
        ({"exec": {}}, ""),
        ({}, ""),
    ],
)
def test_the_login_is_the_plugins(user: dict[str, Any], command: str) -> None:
    assert login_command(user) == command
    assert command in mend(user, "prod-eu")
    assert "prod-eu" in mend(user, "prod-eu") or command or "kubeconfig" in mend(user, "prod-eu")


def test_a_client_certificate_is_said_to_have_ended() -> None:
    assert "client certificate" in mend({"client-certificate": "x"}, "prod-eu")
