"""The official client's configuration, credentials and asyncio transport; the only module that imports `kubernetes`.

Importing it takes a third of a second, so `access.open` imports it in a thread, never at start-up.
"""

# The library says that it is typed, yet most of its configuration is not.
# mypy: disable-error-code="no-untyped-call, unused-ignore"

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.exec_provider import ExecProvider
from kubernetes.config.kube_config import ENV_KUBECONFIG_PATH_SEPARATOR, FileOrData, KubeConfigLoader, KubeConfigMerger

from cockpit.kube.errors import KubeError, mend_of
from cockpit.text import safe

PLUGIN_TIMEOUT = 60.0
"""Seconds that a credential plugin may take; one that waits for a browser login is cut off there."""

_RENEW_BEFORE = timedelta(seconds=10)
_HEARTBEAT = 15.0
"""Seconds between two pings of a WebSocket; a peer that does not answer counts as gone."""
_LONGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes of one WebSocket message; API servers send 32 KiB at a time."""
_GOODBYE = 2.0
"""Seconds that the peer of a WebSocket has to answer that it is closed."""
_KEEPALIVE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))


class _Plugin(ExecProvider):  # type: ignore[misc]
    """A credential plugin that cannot touch the terminal: no input, and what it says goes into the error.

    The library hands plugins the terminal when there is one, which a full-screen program cannot allow.
    """

    def run(self, previous_response: Any = None) -> Any:
        """Give the plugin's `status`. Raises ConfigException with what it said."""
        self.env["KUBERNETES_EXEC_INFO"] = json.dumps(self._request())
        name = os.path.basename(self.args[0])
        try:
            ran = subprocess.run(
                self.args,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd=self.cwd,
                env=self.env,
                timeout=PLUGIN_TIMEOUT,
                check=False,
            )
        except OSError as error:
            raise ConfigException(f"credential plugin {name} cannot be run: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise ConfigException(f"credential plugin {name} took longer than {PLUGIN_TIMEOUT:.0f} s") from error
        if ran.returncode != 0:
            said = ran.stderr.decode("utf-8", "replace").strip() or "nothing said"
            raise ConfigException(f"credential plugin {name} failed with exit status {ran.returncode}: {said}")
        try:
            return json.loads(ran.stdout)["status"]
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigException(f"credential plugin {name} printed no ExecCredential with a status") from error

    def _request(self) -> dict[str, Any]:
        """The ExecCredential that tells the plugin who asks."""
        spec: dict[str, Any] = {"interactive": False}
        if self.cluster:
            spec["cluster"] = dict(self.cluster.value)
            for extension in spec["cluster"].pop("extensions", None) or []:
                if extension.get("name") == "client.authentication.k8s.io/exec":
                    spec["cluster"]["config"] = extension.get("extension")
        return {"apiVersion": self.api_version, "kind": "ExecCredential", "spec": spec}


class _Loader(KubeConfigLoader):  # type: ignore[misc]
    """The library's loader, except that a failing credential plugin is an error and not an anonymous user.

    Upstream swallows it (kubernetes-client/python issue 1409).
    """

    expiry: datetime | None = None
    _user: Any
    _cluster: Any
    _current_context: Any

    def _load_from_exec_plugin(self) -> bool:
        if "exec" not in self._user:
            return False
        plugin = self._user["exec"]
        if plugin.safe_get("interactiveMode") == "Always":
            raise ConfigException("its credential plugin always needs a terminal (interactiveMode: Always)")
        base_path = self._get_base_path(self._cluster.path)
        status = _Plugin(plugin, base_path, self._cluster).run()
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


def _kept(status: dict[str, Any], name: str) -> str:
    """The path of a temporary file, removed at exit, that holds what a plugin gave: TLS contexts load from files."""
    path: str = FileOrData(status, None, data_key_name=name, base64_file_content=False).as_file()
    return path


class _Rest(RESTClientObject):  # type: ignore[misc]
    """The library's transport with TCP keep-alive, so that a watch on a dead connection ends within half a minute."""

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
        """Load `context`. Raises KubeError("config") with the reason."""
        self.context = context
        self._paths = str(kubeconfig) if kubeconfig else os.environ.get("KUBECONFIG") or "~/.kube/config"
        self.configuration: Any = Configuration()
        self.namespace = "default"
        self._loader: _Loader
        self.load()

    def load(self) -> None:
        """Read files and run the plugin anew, so that a rotated token or a new login counts."""
        try:
            self._loader = self._read()
            self.namespace = self._loader._current_context["context"].safe_get("namespace") or "default"
            self._loader.load_and_set(self.configuration)
            self.configuration.refresh_api_key_hook = (
                None  # it would run plugins on the event loop; `expiring` stands for it
            )
        except KubeError:
            raise
        except yaml.YAMLError as error:
            raise self._error(f"is not YAML: {error}") from error
        except Exception as error:  # a malformed kubeconfig makes the library raise anything
            raise self._error(str(error) or type(error).__name__) from error
        if "://" not in (self.configuration.host or "") or "server" not in self._loader._cluster:
            raise self._error("its cluster has no server address")

    def expiring(self, now: datetime) -> bool:
        """Whether the credentials end within ten seconds of `now` (aware UTC)."""
        expiry = self._loader.expiry
        return expiry is not None and expiry.astimezone(UTC) - _RENEW_BEFORE <= now

    def _read(self) -> _Loader:
        files = [Path(path).expanduser() for path in self._paths.split(ENV_KUBECONFIG_PATH_SEPARATOR) if path]
        if not any(path.is_file() for path in files):
            raise KubeError(
                "config", f"there is no kubeconfig at {safe(self._paths)}", "pass --kubeconfig, or set KUBECONFIG"
            )
        merged = KubeConfigMerger(self._paths)
        names = [context["name"] for context in merged.config["contexts"].value]
        if self.context not in names:
            known = ", ".join(sorted(names)) or "none"
            raise self._error(f"has no context {self.context!r}; it has: {known}")
        loader = _Loader(
            merged.config, active_context=self.context, config_base_path=None, config_persister=merged.save_changes
        )
        wanted = loader._current_context["context"].safe_get("user")
        if wanted and loader._user is None:
            raise self._error(f"its user {wanted!r} is not defined")
        return loader

    def _error(self, why: str) -> KubeError:
        return KubeError("config", safe(f"kubeconfig {self._paths}, context {self.context}: {why}"), self._mend())

    def _mend(self) -> str:
        return mend_of("config", self.context)


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
