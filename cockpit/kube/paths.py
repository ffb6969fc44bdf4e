"""Where the API has a collection or an object."""

from __future__ import annotations

from urllib.parse import quote

from cockpit.kube.errors import KubeError
from cockpit.text import safe


def resource_path(
    group_version: str, resource: str, namespace: str | None = None, name: str = "", subresource: str = ""
) -> str:
    """The path of a collection or an object, every part quoted.

    Args:
        group_version: `v1` for the core group, else as `apps/v1`.
        resource: the plural, as `pods`.
        namespace: None for cluster-wide.

    Raises:
        KubeError: "invalid", for a part that would lead elsewhere (`..`).
    """
    parts = ["api" if "/" not in group_version else "apis", *group_version.split("/")]
    if namespace is not None:
        parts += ["namespaces", namespace]
    parts += [resource, *([name] if name else []), *([subresource] if subresource else [])]
    if any(part in ("", ".", "..") for part in parts):
        raise KubeError("invalid", f"{safe('/'.join(parts))} does not name a resource", "check namespace and name")
    return "/" + "/".join(quote(part, safe="") for part in parts)
