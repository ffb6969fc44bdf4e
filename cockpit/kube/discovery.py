"""Which resources a cluster serves: found by any name that kubectl takes for them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path
from cockpit.kube.shapes import Shape
from cockpit.text import clean

_AT_ONCE = 8
"""Groups that are asked at the same time."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that a cluster serves."""

    group_version: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str, name: str = "") -> str:
        """The path of the collection, or of one object. Raises KubeError("invalid") for what is no name."""
        return resource_path(self.group_version, self.plural, namespace if self.namespaced else None, name)


class _Served(Shape, frozen=True):
    name: str = ""
    singular_name: str = ""
    namespaced: bool = False
    kind: str = ""
    short_names: list[str] | None = None


class _Resources(Shape, frozen=True):
    resources: list[_Served] | None = None


class _Version(Shape, frozen=True):
    group_version: str = ""


class _Group(Shape, frozen=True):
    name: str = ""
    preferred_version: _Version = _Version()


class _Groups(Shape, frozen=True):
    groups: list[_Group] | None = None


async def find(access: Access, name: str) -> Resource:
    """The resource called `name`: its plural, singular, kind or short name, also with its group, as `crontabs.stable`.

    The core group goes first, then the others in the server's order. A group that does not answer is left out.

    Raises:
        KubeError: discovery fails, or "invalid" when no group serves such a resource.
    """
    wanted, _, group = name.lower().partition(".")
    groups = access.decode((await access.call("GET", "/apis")).body, _Groups).groups or ()
    versions = [one.preferred_version.group_version for one in groups if one.name.startswith(group)]
    versions = versions if group else ["v1", *versions]
    for start in range(0, len(versions), _AT_ONCE):
        some = versions[start : start + _AT_ONCE]
        for found in await asyncio.gather(*(_in(access, version, wanted) for version in some)):
            if found is not None:
                return found
    message = f"{access.context} serves no resource that is called {clean(name)}"
    raise KubeError("invalid", message, f"list them: `kubectl --context {access.context} api-resources`")


async def _in(access: Access, version: str, wanted: str) -> Resource | None:
    """The resource in one group's version, when it is there."""
    try:
        answer = await access.call("GET", f"/{'apis' if '/' in version else 'api'}/{version}")
        served = access.decode(answer.body, _Resources).resources or ()
    except KubeError:
        return None  # an aggregated API that is down must not hide the others
    for one in served:
        names = {one.name, one.singular_name, one.kind.lower(), *(one.short_names or ())}
        if wanted in names and "/" not in one.name:
            return Resource(version, one.name, one.namespaced)
    return None
