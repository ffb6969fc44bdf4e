"""The cluster's memory: the newest version of each object, and the recent changes for those who watch."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

Obj = dict[str, Any]

KEPT_CHANGES = 10_000
KEPT_SNAPSHOTS = 16
FIRST_VERSION = 300
"""A fresh real cluster has written about so much before anybody deploys to it."""


def encode(value: object) -> bytes:
    """JSON as the API server writes it: compact UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


class Record:
    """One version of one object. Never changed once stored, so its JSON is made once and shared by all who read it."""

    __slots__ = ("_item", "_metadata", "name", "namespace", "obj", "printed", "version")

    def __init__(self, obj: Obj, version: int) -> None:
        self.obj = obj
        self.version = version
        self.namespace: str = obj["metadata"].get("namespace", "")
        self.name: str = obj["metadata"]["name"]
        self.printed: tuple[datetime, bytes] | None = None
        """Its cells in a table, and until when they read so: they hold ages."""
        self._item: bytes | None = None
        self._metadata: bytes | None = None

    @property
    def item(self) -> bytes:
        """Its JSON as an item of a list, which names neither kind nor apiVersion."""
        if self._item is None:
            self._item = encode({key: value for key, value in self.obj.items() if key not in ("kind", "apiVersion")})
        return self._item

    @property
    def metadata(self) -> bytes:
        """The JSON of its metadata alone."""
        if self._metadata is None:
            self._metadata = encode(self.obj["metadata"])
        return self._metadata

    @property
    def whole(self) -> bytes:
        """Its JSON by itself."""
        head = encode({"kind": self.obj["kind"], "apiVersion": self.obj["apiVersion"]})
        return head[:-1] + b"," + self.item[1:]

    @property
    def uid(self) -> str:
        """What tells the object from others of its name, before and after it."""
        return str(self.obj["metadata"]["uid"])


class Change(NamedTuple):
    """What happened to one object: `previous` is None when it was added; a deleted one's `record` is its last state."""

    version: int
    type: str
    plural: str
    record: Record
    previous: Record | None


class Snapshot(NamedTuple):
    """All objects of one kind as they were at one version, in the order of their keys."""

    version: int
    records: list[Record]


class Store:
    """Objects by plural, namespace and name. Writes are final at once and told to subscribers in order."""

    def __init__(self) -> None:
        self.version = FIRST_VERSION
        self.compacted = FIRST_VERSION
        self.changes: deque[Change] = deque()
        self._objects: dict[str, dict[str, dict[str, Record]]] = {}
        self._owned: dict[str, dict[tuple[str, str, str], Record]] = {}
        self._subscribers: list[Callable[[Change], None]] = []
        self._snapshots: dict[tuple[str, int], Snapshot] = {}

    def get(self, plural: str, namespace: str | None, name: str) -> Record | None:
        """The newest version, or None."""
        return self._objects.get(plural, {}).get(namespace or "", {}).get(name)

    def list(self, plural: str, namespace: str | None = None) -> list[Record]:
        """All of one kind, in one namespace or all, by namespace and name."""
        spaces = self._objects.get(plural, {})
        chosen = sorted(spaces) if namespace is None else [namespace]
        return [spaces[space][name] for space in chosen if space in spaces for name in sorted(spaces[space])]

    def count(self, plural: str) -> int:
        """How many objects of a kind there are."""
        return sum(len(names) for names in self._objects.get(plural, {}).values())

    def owned(self, uid: str, plural: str | None = None) -> Iterable[Record]:
        """What names the object of this uid as an owner."""
        found = self._owned.get(uid, {})
        return [record for key, record in found.items() if plural is None or key[0] == plural]

    def put(self, plural: str, obj: Obj) -> Record:
        """Store a version and give it its number. What `obj` holds must not be changed from here on."""
        self.version += 1
        record = Record({**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}, self.version)
        names = self._objects.setdefault(plural, {}).setdefault(record.namespace, {})
        previous = names.get(record.name)
        names[record.name] = record
        if previous is not None:
            self._disown(plural, previous)
        for owner in _owners(record.obj):
            self._owned.setdefault(owner, {})[(plural, record.namespace, record.name)] = record
        self._tell(Change(self.version, "MODIFIED" if previous else "ADDED", plural, record, previous))
        return record

    def remove(self, plural: str, namespace: str | None, name: str) -> Record | None:
        """Forget an object; gives its last state, with the version of its end."""
        previous = self._objects.get(plural, {}).get(namespace or "", {}).pop(name, None)
        if previous is None:
            return None
        self._disown(plural, previous)
        self.version += 1
        last = {**previous.obj, "metadata": {**previous.obj["metadata"], "resourceVersion": str(self.version)}}
        record = Record(last, self.version)
        self._tell(Change(self.version, "DELETED", plural, record, previous))
        return record

    def subscribe(self, listen: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listen` on each change, in order; gives the call that ends it."""
        self._subscribers.append(listen)
        return lambda: self._subscribers.remove(listen)

    def snapshot(self, plural: str) -> Snapshot:
        """All objects of a kind now, kept for a while so that a paged list goes on with the same."""
        key = (plural, self.version)
        if key not in self._snapshots:
            self._snapshots[key] = Snapshot(self.version, self.list(plural))
            while len(self._snapshots) > KEPT_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]
        return self._snapshots[key]

    def kept_snapshot(self, plural: str, version: int) -> Snapshot | None:
        """The snapshot of an earlier page, None when it is gone."""
        return self._snapshots.get((plural, version))

    def compact(self) -> None:
        """Forget all history, as etcd does every five minutes: older watches and pages get 410 Gone."""
        self.changes.clear()
        self._snapshots.clear()
        self.version += 1
        self.compacted = self.version

    def _disown(self, plural: str, record: Record) -> None:
        key = (plural, record.namespace, record.name)
        for owner in _owners(record.obj):
            owned = self._owned.get(owner)
            if owned is not None:
                owned.pop(key, None)
                if not owned:
                    del self._owned[owner]

    def _tell(self, change: Change) -> None:
        self.changes.append(change)
        while len(self.changes) > KEPT_CHANGES:
            self.compacted = self.changes.popleft().version
        for listen in tuple(self._subscribers):
            listen(change)


def _owners(obj: Obj) -> list[str]:
    return [owner["uid"] for owner in obj["metadata"].get("ownerReferences", ())]
