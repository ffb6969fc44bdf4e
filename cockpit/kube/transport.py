"""The official client's configuration, credentials and asyncio transport; only it and `plugin` import `kubernetes`.

Importing it takes a third of a second, so `access.open` imports it in a thread, never at start-up.
"""

# The library says that it is typed, yet most of its configuration is not.
# mypy: disable-error-code="no-untyped-call, unused-ignore"

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.kube_config import ENV_KUBECONFIG_PATH_SEPARATOR, FileOrData, KubeConfigLoader, KubeConfigMerger

from cockpit.kube.credentials import incluster, login, oidc
from cockpit.kube.credentials.plugin import LoginNeeded, Plugin, end
from cockpit.kube.errors import KubeError, mend_of
from cockpit.text import safe

_READ_TOKEN_EVERY = 60.0
"""Seconds after which a token's file is read again, as client-go does: a kubelet renews a pod's long before it ends."""
_LONGEST = 400
_RENEW_BEFORE = timedelta(seconds=10)
_HEARTBEAT = 15.0
"""Seconds between two pings of a WebSocket; a peer that does not answer counts as gone."""
_LONGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes of one WebSocket message; API servers send 32 KiB at a time."""
_GOODBYE = 2.0
"""Seconds that the peer of a WebSocket has to answer that it is closed."""
_KEEPALIVE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))


class _Loader(KubeConfigLoader):  # type: ignore[misc]
    """The library's loader, except that a failing credential plugin is an error and not an anonymous user.

    Upstream swallows it (kubernetes-client/python issue 1409).
    """

    expiry: datetime | None = None
    plugin: subprocess.Popen[bytes] | None = None
    stopped = False
    _user: Any
    _cluster: Any
    _current_context: Any

    def _load_from_exec_plugin(self) -> bool:
        if "exec" not in self._user:
            return False
        plugin = self._user["exec"]
        if plugin.safe_get("interactiveMode") == "Always":
            raise LoginNeeded("its credential plugin always needs a terminal (interactiveMode: Always)")
        base_path = self._get_base_path(self._cluster.path)
        status = Plugin(plugin, base_path, self._cluster, self._started).run()
        if status.get("token"):
            self.token = f"Bearer {status['token']}"
        elif status.get("clientCertificateData") and status.get("clientKeyData"):
            self.cert_file = _kept(status, "clientCertificateData")
            self.key_file = _kept(status, "clientKeyData")
        else:
            raise ConfigException("its credential plugin gave neither a token nor a client certificate with its key")
        expires = status.get("expirationTimestamp")
        self.expiry = datetime.fromisoformat(expires) if expires else None
        return True

    def _started(self, process: subprocess.Popen[bytes]) -> None:
        self.plugin = process
        if self.stopped:
            end(process)

    def _load_oid_token(self, provider: Any) -> str | None:
        loaded: str | None = super()._load_oid_token(provider)
        self.expiry = oidc.ends(loaded.removeprefix("Bearer ")) if loaded else None
        return loaded

    def _refresh_oidc(self, provider: Any) -> None:
        """As the library's, except that the issuer is always verified and that a refusal is an error."""
        config = provider["config"].value
        try:
            config["id-token"], config["refresh-token"] = oidc.refreshed(config)
        except oidc.RefreshError as error:
            raise LoginNeeded(str(error)) from error


def _kept(status: dict[str, Any], name: str) -> str:
    """The path of a temporary file, removed at exit, that holds what a plugin gave: TLS contexts load from files."""
    path: str = FileOrData(status, None, data_key_name=name, base64_file_content=False).as_file()
    return path


class _Unled:
    """A connection pool that follows no redirect (those of WebSockets: see `_refuse_redirect`).

    Whoever answers behind the API server's proxy could else send us anywhere from this machine, also to the API server
    itself with our credentials.
    """

    def __init__(self, pool: aiohttp.ClientSession) -> None:
        self._pool = pool
        self.ws_connect = pool.ws_connect
        self.close = pool.close

    async def request(self, **how: Any) -> aiohttp.ClientResponse:
        """Send one request; a redirect is its answer."""
        return await self._pool.request(**how, allow_redirects=False)


class _Rest(RESTClientObject):  # type: ignore[misc]
    """The library's transport with TCP keep-alive, so that a watch on a dead connection ends within half a minute."""

    def _create_pool_manager(self) -> Any:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_redirect.append(_refuse_redirect)
        self.configuration.trace_configs = [tracing]
        return _Unled(super()._create_pool_manager())

    def _create_connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(limit=self.maxsize, ssl=self.ssl_context, socket_factory=_kept_alive)

    async def upgraded(self, url: str, headers: dict[str, str], protocols: Sequence[str]) -> Any:
        """An open WebSocket, from the pool in which requests are made, as they are made."""
        if self.pool_manager is None:
            self.pool_manager = self._create_pool_manager()
        how: dict[str, Any] = {"proxy": self.proxy, "proxy_headers": self.proxy_headers}
        if self.configuration.tls_server_name:
            how["server_hostname"] = self.configuration.tls_server_name
        return await self.pool_manager.ws_connect(
            url,
            headers=headers,
            protocols=tuple(protocols),
            heartbeat=_HEARTBEAT,
            max_msg_size=_LONGEST_MESSAGE,
            timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE),
            **how,
        )


async def _refuse_redirect(_: object, __: object, redirect: aiohttp.TraceRequestRedirectParams) -> None:
    """End a request that is about to follow a redirect: that of a WebSocket, which cannot be told not to."""
    redirect.response.close()
    status, target = redirect.response.status, redirect.headers.get("Location", "nowhere")
    said = f"{redirect.url.host} answered {status} instead of opening {redirect.url.path}: go to {target}"
    mend = "something stands before the API server: write the address behind it into the kubeconfig"
    raise KubeError("server", safe(said)[:_LONGEST], mend, status)


def _kept_alive(address: Any) -> socket.socket:
    """A socket for `address` (an addrinfo) with keep-alive probes."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):  # macOS calls the first TCP_KEEPALIVE
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made


class Credentials:
    """One context of a kubeconfig, loaded, with what it takes to load it again when it expires.

    Everything here blocks (files, plugins, an OIDC refresh): call it in a thread.
    """

    def __init__(self, context: str, kubeconfig: Path | None) -> None:
        """For `context`; nothing is read before `load`."""
        self.context = context
        self._paths = str(kubeconfig) if kubeconfig else os.environ.get("KUBECONFIG") or "~/.kube/config"
        self.configuration: Any = Configuration()
        self.namespace = "default"
        self._loader: _Loader | None = None
        """What gave the credentials that hold now."""
        self._loading: _Loader | None = None
        """What was tried last."""
        self._loaded = 0.0

    def load(self) -> None:
        """Read files and run the plugin anew, so that a rotated token or a new login counts.

        Raises:
            KubeError: "unauthorized", when a person must log in; "config", when something is wrong with the files.
        """
        try:
            loader = self._read()
            self._loading = loader
            self.namespace = loader._current_context["context"].safe_get("namespace") or "default"
            loader.load_and_set(self.configuration)
            self._loader, self._loaded = loader, time.monotonic()
            # it would run plugins on the event loop; `expiring` stands for it
            self.configuration.refresh_api_key_hook = None
        except KubeError:
            raise
        except LoginNeeded as error:
            raise KubeError("unauthorized", safe(f"context {self.context}: {error}")[:_LONGEST], self.mend) from error
        except yaml.YAMLError as error:
            raise self._error(f"is not YAML: {error}") from error
        except Exception as error:  # a malformed kubeconfig makes the library raise anything
            raise self._error(str(error) or type(error).__name__) from error
        if "://" not in (self.configuration.host or "") or "server" not in loader._cluster:
            raise self._error("its cluster has no server address")

    def stop(self) -> None:
        """End a plugin that runs, so that nobody waits for it."""
        if self._loading:
            self._loading.stopped = True
            if self._loading.plugin:
                end(self._loading.plugin)

    @property
    def mend(self) -> str:
        """What a person does when these credentials no longer count."""
        user = getattr(self._loading, "_user", None)
        return login.mend(user.value if user else {}, self.context)

    def expiring(self, now: datetime) -> bool:
        """Whether the credentials end within ten seconds of `now` (aware UTC), or their file may have changed."""
        loader = self._loader
        if loader and loader._user and "tokenFile" in loader._user:
            return time.monotonic() - self._loaded > _READ_TOKEN_EVERY
        return self.ended(now + _RENEW_BEFORE)

    def ended(self, now: datetime) -> bool:
        """Whether the credentials have ended by `now`, as far as what can be renewed says so."""
        expiry = self._loader.expiry if self._loader else None
        return expiry is not None and expiry.astimezone(UTC) <= now

    @property
    def expires(self) -> datetime | None:
        """When they end (aware UTC): as the plugin says, else as the token itself does; None where nobody does."""
        told = self._loader.expiry if self._loader else None
        at = told or oidc.ends(str(self.configuration.api_key.get("BearerToken", "")).removeprefix("Bearer "))
        return at and at.astimezone(UTC)

    def _read(self) -> _Loader:
        files = [Path(path).expanduser() for path in self._paths.split(ENV_KUBECONFIG_PATH_SEPARATOR) if path]
        if not any(path.is_file() for path in files):
            if self.context == incluster.CONTEXT and (inside := incluster.configuration()):
                return _Loader(inside, active_context=self.context)
            raise KubeError(
                "config", f"there is no kubeconfig at {safe(self._paths)}", "pass --kubeconfig, or set KUBECONFIG"
            )
        merged = KubeConfigMerger(self._paths)
        names = [context["name"] for context in merged.config["contexts"].value]
        if self.context not in names:
            known = ", ".join(sorted(names)) or "none"
            raise self._error(f"has no context {self.context!r}; it has: {known}")
        loader = _Loader(
            merged.config, active_context=self.context, config_base_path=None, config_persister=_saving(merged)
        )
        wanted = loader._current_context["context"].safe_get("user")
        if wanted and loader._user is None:
            raise self._error(f"its user {wanted!r} is not defined")
        return loader

    def _error(self, why: str) -> KubeError:
        return KubeError("config", safe(f"kubeconfig {self._paths}, context {self.context}: {why}"), self._mend())

    def _mend(self) -> str:
        return mend_of("config", self.context)


def _saving(merged: Any) -> Callable[[], None]:
    """Writes a renewed refresh token where it came from, as kubectl does: many issuers take each only once."""

    def save() -> None:
        with suppress(OSError):  # a kubeconfig that may not be written keeps its old one
            merged.save_changes()

    return save


def connect(credentials: Credentials) -> ApiClient:
    """A client over a fresh connection pool; its TLS files are read now, so call it in a thread.

    Raises:
        KubeError: "config", when a certificate or key cannot be loaded.
    """
    try:
        client = ApiClient(credentials.configuration)
        client.rest_client = _Rest(credentials.configuration)
    except OSError as error:  # ssl.SSLError is one: an unreadable or malformed certificate or key
        raise KubeError(
            "config", safe(f"context {credentials.context}: its certificates cannot be loaded: {error}"), ""
        ) from error
    client.user_agent = "incident-cockpit"
    return client
