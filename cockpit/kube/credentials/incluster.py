"""A cockpit that runs in a pod of the cluster itself: the service account that Kubernetes mounts, as a kubeconfig.

Where things are: kubernetes.io/docs/tasks/run-application/access-api-from-pod.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

CONTEXT = "in-cluster"
"""The context's name that stands for it, where there is no kubeconfig."""
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def configuration() -> dict[str, Any] | None:
    """The kubeconfig of this pod's service account; None outside of a cluster."""
    host, token = os.environ.get("KUBERNETES_SERVICE_HOST", ""), SERVICE_ACCOUNT / "token"
    if not host or not token.is_file():
        return None
    port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    address = f"[{host}]" if ":" in host else host
    namespace = SERVICE_ACCOUNT / "namespace"
    where = namespace.read_text(encoding="utf-8").strip() if namespace.is_file() else "default"
    cluster = {"server": f"https://{address}:{port}", "certificate-authority": str(SERVICE_ACCOUNT / "ca.crt")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": {"tokenFile": str(token)}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": where}}],
        "current-context": CONTEXT,
    }
