"""The forms in which the server answers: JSON objects, their metadata alone, or a table; chosen by Accept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from cockpit.simulator.cluster.events import as_events_v1
from cockpit.simulator.cluster.resources import EVENTS_V1, Resource
from cockpit.simulator.cluster.server.tables import TABLES, Table
from cockpit.simulator.cluster.status import not_acceptable
from cockpit.simulator.cluster.store import Record, encode

Obj = dict[str, Any]

_TAKEN = "application/json, application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata"
META = "meta.k8s.io/v1"


class Form(Protocol):
    """One way to write objects down."""

    def one(self, record: Record) -> bytes:
        """One object."""

    def list(self, records: Sequence[Record], metadata: Obj) -> bytes:
        """A list of objects with the list's metadata."""

    def bookmark(self, version: int, annotations: Obj) -> bytes:
        """The object of a bookmark event."""


def choose_form(accept: str, resource: Resource, include: str, now: Callable[[], datetime]) -> Form:
    """The first form in an Accept header that is served. Raises ApiError 406 when there is none."""
    for entry in (accept or "*/*").split(","):
        kind, _, rest = entry.strip().partition(";")
        parameters = dict(re.findall(r"(\w+)=([^;]+)", rest))
        if kind not in ("application/json", "*/*", "application/*"):
            continue
        asked = parameters.get("as", "")
        if asked == "Table" and parameters.get("g") == "meta.k8s.io":
            return TableForm(resource, include or "Metadata", now, f"meta.k8s.io/{parameters.get('v', 'v1')}")
        if asked in ("PartialObjectMetadata", "PartialObjectMetadataList"):
            return PartialForm()
        if not asked:
            return ViewForm(resource) if resource is EVENTS_V1 else JsonForm(resource)
    raise not_acceptable(_TAKEN)


@dataclass(slots=True)
class JsonForm:
    """The objects as they are stored."""

    resource: Resource

    def one(self, record: Record) -> bytes:
        return record.whole

    def list(self, records: Sequence[Record], metadata: Obj) -> bytes:
        head = {"kind": f"{self.resource.kind}List", "apiVersion": self.resource.group_version, "metadata": metadata}
        return encode(head)[:-1] + b',"items":[' + b",".join([record.item for record in records]) + b"]}"

    def bookmark(self, version: int, annotations: Obj) -> bytes:
        empty = _EMPTY.get(self.resource.kind, {})
        return encode({**_named(self.resource), "metadata": _bookmark_metadata(version, annotations), **empty})


@dataclass(slots=True)
class ViewForm:
    """Core events in the form of events.k8s.io."""

    resource: Resource

    def one(self, record: Record) -> bytes:
        return encode(as_events_v1(record.obj))

    def list(self, records: Sequence[Record], metadata: Obj) -> bytes:
        items = [as_events_v1(record.obj) for record in records]
        for item in items:
            del item["kind"], item["apiVersion"]
        kind = f"{self.resource.kind}List"
        return encode({**_named(self.resource), "kind": kind, "metadata": metadata, "items": items})

    def bookmark(self, version: int, annotations: Obj) -> bytes:
        return encode({**_named(self.resource), "metadata": _bookmark_metadata(version, annotations)})


@dataclass(slots=True)
class PartialForm:
    """Metadata alone."""

    def one(self, record: Record) -> bytes:
        return _partial(record)

    def list(self, records: Sequence[Record], metadata: Obj) -> bytes:
        head = encode({"kind": "PartialObjectMetadataList", "apiVersion": META, "metadata": metadata})
        return head[:-1] + b',"items":[' + b",".join([_partial(record) for record in records]) + b"]}"

    def bookmark(self, version: int, annotations: Obj) -> bytes:
        metadata = _bookmark_metadata(version, annotations)
        return encode({"kind": "PartialObjectMetadata", "apiVersion": META, "metadata": metadata})


@dataclass(slots=True)
class TableForm:
    """Rows of printed cells. In a watch only the first table names the columns."""

    resource: Resource
    include: str
    now: Callable[[], datetime]
    version: str
    headed: bool = False

    def one(self, record: Record) -> bytes:
        metadata = {"resourceVersion": record.obj["metadata"]["resourceVersion"]}
        return self._table([record], metadata, once=True)

    def list(self, records: Sequence[Record], metadata: Obj) -> bytes:
        return self._table(records, metadata, once=False)

    def bookmark(self, version: int, annotations: Obj) -> bytes:
        table: Obj = {"kind": "Table", "apiVersion": self.version, "metadata": {"resourceVersion": str(version)}}
        if annotations:  # as a real server: the annotation is on the row's object
            made: Obj = {"kind": self.resource.kind, "apiVersion": self.resource.group_version}
            made |= {"metadata": _bookmark_metadata(version, annotations)}
            return encode({**table, "columnDefinitions": [], "rows": [{"cells": [], "object": made}]})
        return encode({**table, "columnDefinitions": None, "rows": []})

    def _table(self, records: Sequence[Record], metadata: Obj, *, once: bool) -> bytes:
        table, now = TABLES[self.resource.plural], self.now()
        head: Obj = {"kind": "Table", "apiVersion": self.version, "metadata": metadata}
        head["columnDefinitions"] = None if once and self.headed else [column.definition() for column in table.columns]
        self.headed = True
        rows = [_cells(table, record, now) + b',"object":' + self._object(record) for record in records]
        body = b",".join([b'{"cells":' + row + b"}" for row in rows])
        return encode(head)[:-1] + b',"rows":[' + body + b"]}"

    def _object(self, record: Record) -> bytes:
        if self.include == "None":
            return b"null"
        if self.include == "Object":
            return record.whole
        return _partial(record, self.version)


def _cells(table: Table, record: Record, now: datetime) -> bytes:
    """The cells of one row, kept as long as they read the same: thousands of rows are asked for again and again."""
    if record.printed is not None and now < record.printed[0]:
        return record.printed[1]
    cells = json.dumps(table.cells(record.obj, now), separators=(",", ":")).encode()
    if table.lasts is not None and (until := table.lasts(record.obj, now)) is not None:
        record.printed = until, cells
    return cells


def _partial(record: Record, version: str = META) -> bytes:
    return _partial_head(version) + record.metadata + b"}"


@lru_cache(maxsize=8)
def _partial_head(version: str) -> bytes:
    return encode({"kind": "PartialObjectMetadata", "apiVersion": version})[:-1] + b',"metadata":'


def _named(resource: Resource) -> Obj:
    return {"kind": resource.kind, "apiVersion": resource.group_version}


def _bookmark_metadata(version: int, annotations: Obj) -> Obj:
    metadata: Obj = {"resourceVersion": str(version)}
    if annotations:
        metadata["annotations"] = annotations
    return metadata


_EMPTY_TEMPLATE: Obj = {"metadata": {}, "spec": {"containers": None}}
_EMPTY: dict[str, Obj] = {
    "Pod": {"spec": {"containers": None}, "status": {}},
    "Deployment": {
        "spec": {"replicas": 0, "selector": None, "template": _EMPTY_TEMPLATE, "strategy": {}},
        "status": {},
    },
    "ReplicaSet": {"spec": {"selector": None, "template": _EMPTY_TEMPLATE}, "status": {"replicas": 0}},
    "Namespace": {"spec": {}, "status": {}},
    "Node": {"spec": {}, "status": {}},
    "Service": {"spec": {}, "status": {"loadBalancer": {}}},
}
"""What an object of a kind is with nothing in it, as bookmarks carry it."""
