"""The containers of a deployment's pod template: chosen by name, and patched in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cockpit.action.kubernetes.deployments.found import Found, Raw
from cockpit.kube.errors import KubeError


def containers_of(template: Mapping[str, Raw]) -> dict[str, Raw]:
    """The containers of a pod template by name, in their order, those that initialise it after the others."""
    spec = template.get("spec") or {}
    listed = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return {str(container.get("name")): container for container in listed}


def chosen(found: Found, names: Sequence[str]) -> list[str]:
    """The names of the containers that were meant; `*` stands for all that do not only initialise.

    Raises:
        KubeError: "not-found", with those that there are.
    """
    every = [str(container.get("name")) for container in found.template["spec"].get("containers") or ()]
    known = containers_of(found.template)
    for name in names:
        if name != "*" and name not in known:
            there = ", ".join(known) or "none"
            raise KubeError("not-found", f"deployment/{found.row.name} has no container {name}; it has: {there}")
    return list(dict.fromkeys(one for name in names for one in (every if name == "*" else [name])))


def operation(found: Found, container: str, key: str, value: object) -> Raw:
    """The JSON Patch operation that sets one field of a container, by its place in the template as it was found.

    Raises:
        KubeError: "not-found", the template has no such container.
    """
    for part in ("containers", "initContainers"):
        for place, one in enumerate(found.template["spec"].get(part) or ()):
            if one.get("name") == container:
                return {"op": "add", "path": f"/spec/template/spec/{part}/{place}/{key}", "value": value}
    raise KubeError("not-found", f"deployment/{found.row.name} has no container {container}")
