"""A service asked through the API server, whose name only the cluster knows (`kubectl get --raw …/proxy/…`)."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path


def proxy_path(url: str, namespace: str) -> tuple[str, dict[str, str]]:
    """The API server's path for a URL such as `http://payment-service:3006/health`, and its query.

    A second label of the host names the namespace, as in `payment-service.production.svc`.

    Raises:
        KubeError: "invalid", for a host that names no service.
    """
    parts = urlsplit(url)
    name, *labels = (parts.hostname or "").split(".")
    scheme = "https:" if parts.scheme == "https" else ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    base = resource_path("v1", "services", labels[0] if labels else namespace, f"{scheme}{name}:{port}", "proxy")
    path = quote(parts.path, safe="/%:@!$&'()*+,;=-._~")
    if any(part in (".", "..") for part in path.replace("%2e", ".").replace("%2E", ".").split("/")):
        raise KubeError("invalid", "the address leads out of the service", "write it without ..")
    return base + (path or "/"), dict(parse_qsl(parts.query, keep_blank_values=True))
