"""Reading a request: which object or collection its path means, which options its query sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.simulator.cluster.access import Wish
from cockpit.simulator.cluster.resources import BY_PATH, Resource
from cockpit.simulator.cluster.status import bad_request, method_not_allowed, no_such_resource

Obj = dict[str, Any]

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a path means; an empty name is the collection, an empty subresource the object itself."""

    resource: Resource
    namespace: str | None
    name: str = ""
    subresource: str = ""

    def verb(self, method: str, *, watch: bool) -> str:
        """The verb that access rules name. Raises ApiError 405."""
        if method in ("GET", "HEAD"):
            verb = "get" if self.name else "watch" if watch else "list"
        elif method == "DELETE":
            verb = "delete" if self.name else "deletecollection"
        else:
            verb = _VERBS.get(method, "")
        part = self.resource.subresource(self.subresource) if self.subresource else None
        verbs = part.verbs if part is not None else self.resource.verbs
        whole = bool(self.name) is (verb != "create") if verb in ("create", "update", "patch") else True
        if verb not in verbs or not (whole or self.subresource):
            raise method_not_allowed()
        return verb

    def wish(self, verb: str) -> Wish:
        """What access rules are asked."""
        resource = self.resource
        return Wish(verb, resource.group, resource.plural, self.subresource, self.namespace or "", self.name)


def find_target(parts: list[str]) -> Target | None:
    """What the parts of a path mean; None when its group is not served. Raises ApiError 404 inside served groups."""
    if len(parts) >= 3 and parts[:2] == ["api", "v1"]:
        group, version, rest = "", "v1", parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    if not any(key[:2] == (group, version) for key in BY_PATH):
        return None
    namespace: str | None = None
    if rest[0] == "namespaces" and len(rest) > 2 and (group, version, rest[2]) in BY_PATH:
        namespace, rest = rest[1], rest[2:]
    resource = BY_PATH.get((group, version, rest[0]))
    if resource is None or len(rest) > 3 or (namespace is not None and not resource.namespaced):
        raise no_such_resource()
    name, subresource = [*rest, "", ""][1:3]
    if (subresource and resource.subresource(subresource) is None) or (name and resource.namespaced and not namespace):
        raise no_such_resource()
    return Target(resource, namespace, name, subresource)


@dataclass(frozen=True, slots=True)
class Query:
    """The options of a request. Numbers that are none raise ApiError 400 when they are read."""

    values: Mapping[str, str]
    agent: str = ""
    """The User-Agent header."""

    def manager(self) -> str:
        """Who writes: the `fieldManager`, else what the User-Agent begins with."""
        return self.text("fieldManager") or self.agent.partition("/")[0].strip()[:128] or "unknown"

    def text(self, name: str) -> str:
        """An option as it stands; empty where it is not given."""
        return self.values.get(name, "")

    def flag(self, name: str) -> bool:
        """Whether an option is switched on."""
        return self.text(name).lower() in ("1", "true", "t")

    def number(self, name: str) -> int | None:
        """An option as a whole number, None where it is not given; raises ApiError 400 for what is none."""
        text = self.text(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None

    def dry_run(self, options: Obj | None = None) -> bool:
        """Whether nothing may be changed. Raises ApiError 400 for another value than All."""
        asked = [self.text("dryRun")] if self.text("dryRun") else list((options or {}).get("dryRun") or ())
        if any(each != "All" for each in asked):
            raise bad_request(f'dryRun: Unsupported value: "{asked[0]}": supported values: "All"')
        return bool(asked)

    def version(self) -> int | None:
        """The `resourceVersion`, None when none is given. Raises ApiError 400."""
        text = self.text("resourceVersion")
        if text and not text.isdecimal():
            raise bad_request(f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: invalid syntax')
        return int(text) if text else None
