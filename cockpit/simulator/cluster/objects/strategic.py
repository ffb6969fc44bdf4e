"""Strategic merge patch: Kubernetes' own, which knows by what key the entries of a list are told apart.

Merge keys and directives are those of the API's struct tags (`patchMergeKey`, `patchStrategy`) and of
https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from cockpit.simulator.cluster.status import ApiError

Obj = dict[str, Any]

_MERGE_KEYS = {
    "addresses": "type",
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "ephemeralContainers": "name",
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "ownerReferences": "uid",
    "podIPs": "ip",
    "resourceClaims": "name",
    "secrets": "name",
    "taints": "key",
    "topologySpreadConstraints": "topologyKey",
    "volumeDevices": "devicePath",
    "volumeMounts": "mountPath",
    "volumes": "name",
}
_MERGED_PRIMITIVES = {"finalizers", "podCIDRs"}
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic_merge(target: Obj, patch: Obj, kind: str) -> Obj:
    """The object of this kind after the patch; raises ApiError for entries without their merge key."""
    return _Merge("port" if kind == "Service" else "containerPort").maps(target, patch)


class _Merge:
    """One patch; `ports` is the merge key of lists of that name, the only one which depends on the kind."""

    def __init__(self, ports: str) -> None:
        self._keys = {**_MERGE_KEYS, "ports": ports}

    def maps(self, target: Obj, patch: Obj) -> Obj:
        directive = patch.get("$patch")
        if directive == "replace":
            replaced: Obj = _clean(patch)
            return replaced
        if directive == "delete":
            return {}
        result = dict(target)
        if "$retainKeys" in patch:
            result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
        for key, value in patch.items():
            if not key.startswith("$"):
                self._entry(result, key, value)
        for key, value in patch.items():
            self._list_directive(result, key, value)
        return result

    def _entry(self, result: Obj, key: str, value: Any) -> None:
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            present = result.get(key)
            merged = self.maps(present if isinstance(present, dict) else {}, value)
            if merged or value.get("$patch") != "delete":
                result[key] = merged
            else:
                result.pop(key, None)
        elif isinstance(value, list):
            result[key] = self._lists(key, result.get(key) or [], value)
        else:
            result[key] = value

    def _list_directive(self, result: Obj, key: str, value: Any) -> None:
        if key.startswith(_DELETE):
            name = key.removeprefix(_DELETE)
            result[name] = [each for each in result.get(name) or [] if each not in value]
        elif key.startswith(_ORDER):
            name = key.removeprefix(_ORDER)
            if isinstance(result.get(name), list):
                result[name] = self._ordered(name, result[name], value)

    def _lists(self, name: str, target: list[Any], patch: list[Any]) -> list[Any]:
        key = self._keys.get(name)
        if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in patch):
            kept = [each for each in patch if not (isinstance(each, dict) and each.get("$patch") == "replace")]
            return [_clean(each) for each in kept]
        if name in _MERGED_PRIMITIVES:
            return target + [each for each in patch if each not in target]
        if key is None or not all(isinstance(each, dict) for each in patch):
            return [_clean(each) for each in patch]
        result = list(target)
        for each in patch:
            self._merge_into(result, key, each)
        return result

    def _merge_into(self, result: list[Any], key: str, entry: Obj) -> None:
        if key not in entry:
            raise ApiError(500, "InternalError", f"map: {entry} does not contain declared merge key: {key}", {})
        places = [place for place, present in enumerate(result) if present.get(key) == entry[key]]
        if entry.get("$patch") == "delete":
            for place in reversed(places):
                del result[place]
        elif places:
            result[places[0]] = self.maps(result[places[0]], entry)
        else:
            result.append(self.maps({}, entry))

    def _ordered(self, name: str, entries: list[Any], order: list[Any]) -> list[Any]:
        """Entries in the order asked for; those it does not name keep their place after the ones before them."""
        key = self._keys.get(name)
        wanted = [each.get(key) if isinstance(each, dict) and key else each for each in order]
        names = [each.get(key) if isinstance(each, dict) and key else each for each in entries]
        named = sorted((each for each in names if each in wanted), key=wanted.index)
        queue = iter(named)
        placed = [next(queue) if each in wanted else each for each in names]
        return [entries[names.index(each)] for each in placed]


def _clean(value: Any) -> Any:
    """A value that replaces: without directives and without nulls."""
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items() if each is not None and not key.startswith("$")}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return deepcopy(value)
