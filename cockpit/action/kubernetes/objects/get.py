"""`kubectl get`: lists objects as the server prints them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cockpit.action.kubernetes.objects.places import find_place
from cockpit.action.kubernetes.reading import Heading, reading_plan
from cockpit.action.live import Live
from cockpit.action.model import Plan, Situation
from cockpit.kube.access import Access
from cockpit.text import clean

_AS_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_MOST_ROWS = 500


class _Column(msgspec.Struct, frozen=True):
    name: str
    priority: int = 0


class _Row(msgspec.Struct, frozen=True):
    cells: list[Any]
    object: dict[str, Any] | None = None


class _Meta(msgspec.Struct, frozen=True):
    remainingItemCount: int = 0  # noqa: N815 - the API's name


class _Table(msgspec.Struct, frozen=True):
    columnDefinitions: list[_Column] | None = None  # noqa: N815 - the API's name
    rows: list[_Row] | None = None
    metadata: _Meta = _Meta()


@dataclass(frozen=True, slots=True)
class Get:
    """Lists `resource` in `namespace`, or the one object called `name`.

    Args:
        resource: any name that kubectl takes, as `svc`.
        sort_by: a field path, as `.lastTimestamp`.
        fields: a field selector, as `involvedObject.name=payment-service`.
    """

    resource: str
    namespace: str
    name: str = ""
    selector: str = ""
    sort_by: str = ""
    fields: str = ""
    heading: Heading = field(default_factory=lambda: Heading("get"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is asked for nothing but a kind of resource that is not known here."""
        arguments = ["get", self.resource, *([self.name] if self.name else [])]
        arguments += ["-l", self.selector] if self.selector else []
        arguments += [f"--field-selector={self.fields}"] if self.fields else []
        arguments += [f"--sort-by={self.sort_by}"] if self.sort_by else []
        place = await find_place(access, self.resource, self.namespace, self.name)
        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: self._read(access, place.path, live),
            namespace=self.namespace,
            object=place.object,
            arguments=tuple(arguments),
            request=lambda: place.request(self._query()),
        )

    def _query(self) -> dict[str, str]:
        query = {"includeObject": "Object" if self.sort_by else "None"}
        if not self.name:
            query["limit"] = str(_MOST_ROWS)
        if self.selector:
            query["labelSelector"] = self.selector
        if self.fields:
            query["fieldSelector"] = self.fields
        return query

    async def _read(self, access: Access, path: str, live: Live) -> None:
        answer = await access.call("GET", path, query=self._query(), accept=_AS_TABLE)
        # Decoded in a thread: a page of events with their objects can be more than the loop should wait for.
        table = await asyncio.to_thread(access.decode, answer.body, _Table)
        rows = table.rows or []
        if self.sort_by:
            rows.sort(key=lambda row: _at(row.object, self.sort_by))
        await live.write(
            printed(table.columnDefinitions or [], rows) or [f"No resources found in {self.namespace} namespace."]
        )
        if table.metadata.remainingItemCount:
            await live.write([f"… and {table.metadata.remainingItemCount} more"])


def printed(columns: Sequence[_Column], rows: Sequence[_Row]) -> list[str]:
    """Lines as kubectl prints them: the columns of priority 0, padded, three spaces apart; none without rows."""
    if not rows:
        return []
    shown = [number for number, column in enumerate(columns) if column.priority == 0]
    table = [[columns[number].name.upper() for number in shown]]
    table += [[_cell(row.cells[number]) for number in shown if number < len(row.cells)] for row in rows]
    widths = [max(len(line[at]) for line in table if at < len(line)) for at in range(len(shown))]
    return ["   ".join(cell.ljust(widths[at]) for at, cell in enumerate(line)).rstrip() for line in table]


def _cell(value: object) -> str:
    return "<none>" if value is None else clean(str(value))


def _at(value: Any, path: str) -> str:
    """The field at a path such as `.metadata.creationTimestamp`, as text; empty where there is none."""
    for name in path.strip("{}").strip(".").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return "" if value is None else str(value)
