"""`kubectl top`: what pods or nodes use now, from the metrics API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from cockpit.action.kubernetes.reading import Heading, reading_plan, request_line
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Plan, Situation
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path
from cockpit.kube.quantity import quantity
from cockpit.kube.shapes import Meta, Shape

_METRICS = "metrics.k8s.io/v1beta1"
_NO_METRICS = "the cluster serves no metrics now: is metrics-server installed and running?"


class _Used(Shape, frozen=True):
    name: str = ""
    usage: dict[str, str] | None = None


class _Measured(Shape, frozen=True):
    metadata: Meta = Meta()
    containers: list[_Used] | None = None
    usage: dict[str, str] | None = None


class _List(Shape, frozen=True):
    items: list[_Measured] | None = None


@dataclass(frozen=True, slots=True)
class Top:
    """CPU and memory of pods or nodes now; nodes also in percent of what they can give.

    Args:
        selector: of the pods or nodes; `name` is of one.
    """

    namespace: str
    resource: Literal["pods", "nodes"] = "pods"
    selector: str = ""
    name: str = ""
    heading: Heading = field(default_factory=lambda: Heading("top"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        which = [self.name] if self.name else (["-l", self.selector] if self.selector else [])
        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: self._read(access, live),
            namespace=self.namespace,
            object=f"{self.resource}/{self.name}" if self.name else self.resource,
            arguments=("top", self.resource, *which),
            request=lambda: request_line("GET", self._path(_METRICS), self._query()),
        )

    def _path(self, group_version: str) -> str:
        namespace = self.namespace if self.resource == "pods" else None
        return resource_path(group_version, self.resource, namespace, self.name)

    def _query(self) -> dict[str, str]:
        return {"labelSelector": self.selector} if self.selector and not self.name else {}

    async def _read(self, access: Access, live: Live) -> Outcome | None:
        try:
            answer = await access.call("GET", self._path(_METRICS), query=self._query())
        except KubeError as error:
            # 404 for a name is an object without a measurement, for a list a cluster without the metrics API
            if error.status == 503 or (error.status == 404 and not self.name):
                return Outcome("failed", 1, _NO_METRICS)
            raise
        if self.name:
            measured: Sequence[_Measured] = [access.decode(answer.body, _Measured)]
        else:
            measured = sorted(access.decode(answer.body, _List).items or (), key=lambda one: one.metadata.name)
        try:
            rows = _pods(measured) if self.resource == "pods" else _nodes(measured, await self._capacity(access))
        except ValueError as error:
            raise access.unreadable(error) from error
        await live.write(_printed(rows) if measured else [f"No resources found in {self.namespace} namespace."])
        return None

    async def _capacity(self, access: Access) -> dict[str, Mapping[str, str]]:
        """What each node can give; of nobody when nodes may not be read."""
        try:
            answer = await access.call("GET", self._path("v1"), query=self._query())
        except KubeError:
            return {}
        read = access.decode(answer.body, dict[str, Any])
        nodes = [read] if self.name else read.get("items") or []
        return {node["metadata"]["name"]: (node.get("status") or {}).get("allocatable") or {} for node in nodes}


def _pods(measured: Iterable[_Measured]) -> list[tuple[str, ...]]:
    rows = [("NAME", "CPU(cores)", "MEMORY(bytes)")]
    for pod in measured:
        used = [container.usage or {} for container in pod.containers or ()]
        cores, size = (sum((quantity(one.get(key, "0")) for one in used), Decimal()) for key in ("cpu", "memory"))
        rows.append((pod.metadata.name, _cores(cores), _bytes(size)))
    return list(rows)


def _nodes(measured: Iterable[_Measured], capacity: Mapping[str, Mapping[str, str]]) -> list[tuple[str, ...]]:
    rows = [("NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)")]
    for node in measured:
        used, can = node.usage or {}, capacity.get(node.metadata.name, {})
        cores, size = quantity(used.get("cpu", "0")), quantity(used.get("memory", "0"))
        shares = _share(cores, can.get("cpu", "")), _share(size, can.get("memory", ""))
        rows.append((node.metadata.name, _cores(cores), shares[0], _bytes(size), shares[1]))
    return list(rows)


def _share(used: Decimal, capacity: str) -> str:
    of = quantity(capacity) if capacity else Decimal()
    return f"{used / of:.0%}" if of else "<unknown>"


def _cores(cores: Decimal) -> str:
    return f"{cores * 1000:.0f}m"


def _bytes(size: Decimal) -> str:
    return f"{size / 1024**2:.0f}Mi"


def _printed(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
