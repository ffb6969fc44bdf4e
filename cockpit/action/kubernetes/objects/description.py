"""`kubectl describe` of any resource, by its name or of all that a selector matches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import yaml

from cockpit.action.kubernetes.objects.describe import DescribeDeployment, DescribePod, event_line
from cockpit.action.kubernetes.objects.places import find_place
from cockpit.action.kubernetes.reading import Heading, reading_plan
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Plan, Situation
from cockpit.incident.times import age
from cockpit.kube.access import Access
from cockpit.kube.around.configmap import secret
from cockpit.kube.errors import KubeError
from cockpit.kube.pods.describe import describe, events_of
from cockpit.text import MASK, clean

_MOST = 20
"""Objects that are described at most."""
_MOST_EVENTS = 30
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_HEAD = ("kind", "apiVersion", "metadata", "data", "binaryData")


@dataclass(frozen=True, slots=True)
class Describe:
    """Describes the object called `name`, or each that `selector` matches; all of them without either.

    Args:
        resource: any name that kubectl takes, as `svc`.
    """

    resource: str
    namespace: str
    name: str = ""
    selector: str = ""
    heading: Heading = field(default_factory=lambda: Heading("describe"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is asked for nothing but a kind of resource that is not known here.

        A pod or deployment by its name is described with what matters most first.
        """
        place = await find_place(access, self.resource, self.namespace, self.name)
        if place.object == f"pods/{self.name}":
            return await DescribePod(self.name, self.namespace, self.heading).prepare(access, situation)
        if place.object == f"deployments/{self.name}":
            return await DescribeDeployment(self.name, self.namespace, self.heading).prepare(access, situation)
        which = [self.name] if self.name else (["-l", self.selector] if self.selector else [])
        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: self._read(access, place.path, live),
            namespace=self.namespace,
            object=place.object,
            arguments=("describe", self.resource, *which),
            request=lambda: place.request(self._query()) + ", its events",
        )

    def _query(self) -> dict[str, str]:
        if self.name:
            return {}
        return {"limit": str(_MOST)} | ({"labelSelector": self.selector} if self.selector else {})

    async def _read(self, access: Access, path: str, live: Live) -> Outcome | None:
        answer = await access.call("GET", path, query=self._query())
        read = await asyncio.to_thread(access.decode, answer.body, dict[str, Any])
        found = [read] if self.name else read.get("items") or []
        kind = str(read.get("kind", "")).removesuffix("List")
        for place, one in enumerate(found):
            await live.write([""] if place else [])
            if kind == "Pod":
                await live.write(await describe(access, self.namespace, one["metadata"]["name"], live.clock))
                continue
            lines = await asyncio.to_thread(described, kind, one, live.clock.now() + access.ahead)
            await live.write([*lines, *await self._events(access, kind, one, live)])
        if not found:
            await live.write([f"No resources found in {self.namespace} namespace."])
        if not self.name and (read.get("metadata") or {}).get("continue"):
            await live.write([f"… there are more: the first {len(found)} are described"])
        return None

    async def _events(self, access: Access, kind: str, one: Mapping[str, Any], live: Live) -> list[str]:
        meta = one.get("metadata") or {}
        try:
            events = await events_of(access, meta.get("namespace", "default"), str(meta.get("name")), kind=kind)
        except KubeError as error:
            return [f"events unknown: {error}"]
        return [event_line(event, live.clock.now()) for event in events[:_MOST_EVENTS]] or ["no events"]


def described(kind: str, one: Mapping[str, Any], now: datetime) -> list[str]:
    """An object as lines: its name and age, its labels and owner, then spec, status and the rest as YAML.

    Of a config map's data only the names and sizes of the keys are told.
    """
    meta = one.get("metadata") or {}
    lines = [f"{kind} {meta.get('name', '?')}  age {_age(meta.get('creationTimestamp'), now)}"]
    owner = next(iter(meta.get("ownerReferences") or []), None)
    lines += [f"owner {owner.get('kind')}/{owner.get('name')}"] if owner else []
    for name in ("labels", "annotations"):
        pairs = {key: value for key, value in (meta.get(name) or {}).items() if key != _LAST_APPLIED}
        lines += [f"{name} " + ", ".join(f"{key}={value}" for key, value in pairs.items())] if pairs else []
    for name in ("data", "binaryData"):
        held = one.get(name) or {}
        lines += [f"{name} {key}: {len(value)} characters" for key, value in held.items()]
    rest = {key: value for key, value in one.items() if key not in _HEAD}
    return [*lines, *_as_yaml(rest)]


def _as_yaml(rest: Mapping[str, Any]) -> Iterable[str]:
    if not rest:
        return []
    text = yaml.safe_dump(_masked(rest), sort_keys=False, allow_unicode=True, width=10_000)
    return clean(text, keep_newlines=True).rstrip("\n").split("\n")


def _masked(value: Any) -> Any:
    """The value with what stands beside the name of a secret masked, as in a container's environment."""
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    named = isinstance(value.get("name"), str) and isinstance(value.get("value"), str)
    if named and secret(value["name"], value["value"]):
        return {**value, "value": MASK}
    return {key: _masked(one) for key, one in value.items()}


def _age(created: object, now: datetime) -> str:
    try:
        at = datetime.fromisoformat(str(created)).astimezone(UTC)
    except ValueError:
        return "?"
    return age((now - at).total_seconds())
