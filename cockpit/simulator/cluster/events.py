"""Events: what controllers, scheduler and kubelets say happened, counted where it happens again, kept for an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from cockpit.simulator.cluster.store import Store
from cockpit.simulator.cluster.timeline import Timeline, parse_time

Obj = dict[str, Any]
_Key = tuple[str, str, str, str, str]

KEPT_FOR = timedelta(hours=1)
"""A real API server's default `--event-ttl`; what is kept is told by the wall clock, whatever the speed."""

SWEEP_EVERY = 60.0
MOST_EVENTS = 20_000


class Events:
    """Records events as client-go's recorder does: the same thing again raises a count."""

    def __init__(self, store: Store, timeline: Timeline) -> None:
        self._store = store
        self._timeline = timeline
        self._known: dict[_Key, tuple[str, str]] = {}
        self._last_name = 0

    def start(self) -> None:
        """Begin to forget old events."""
        self._timeline.after(SWEEP_EVERY, self._sweep)

    def record(
        self, about: Obj, kind: str, reason: str, message: str, component: str, *, host: str = "", field: str = ""
    ) -> None:
        """Say that `reason` happened to the object `about`; `kind` is Normal or Warning."""
        key = (about["metadata"]["uid"], kind, reason, message, component)
        known = self._known.get(key)
        present = self._store.get("events", *known) if known else None
        now = self._timeline.stamp()
        if present is not None:
            count = present.obj["count"] + 1
            obj = {**present.obj, "count": count, "lastTimestamp": now}
        else:
            obj = self._new(about, kind, reason, message, component, host, field, now)
            self._known[key] = (obj["metadata"]["namespace"], obj["metadata"]["name"])
        self._store.put("events", obj)

    def _new(
        self, about: Obj, kind: str, reason: str, message: str, component: str, host: str, field: str, now: str
    ) -> Obj:
        metadata, random = about["metadata"], self._timeline.pace.random
        namespace = metadata.get("namespace", "default")
        involved = {
            "kind": about["kind"],
            "namespace": metadata.get("namespace"),
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": about["apiVersion"],
            "resourceVersion": metadata["resourceVersion"],
            "fieldPath": field,
        }
        return {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {
                "name": f"{metadata['name']}.{self._nanoseconds():016x}",
                "namespace": namespace,
                "uid": str(UUID(int=random.getrandbits(128), version=4)),
                "creationTimestamp": now,
            },
            "involvedObject": {key: value for key, value in involved.items() if value},
            "reason": reason,
            "message": message,
            "source": {"component": component, **({"host": host} if host else {})},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": kind,
            "eventTime": None,
            "reportingComponent": component,
            "reportingInstance": host,
        }

    def _nanoseconds(self) -> int:
        """The time in a name, as client-go puts it there: no two are the same, and names sort by time."""
        now = int(self._timeline.now().timestamp() * 1e9)
        self._last_name = now if now > self._last_name + 1000 or now < self._last_name - 10**9 else self._last_name + 1
        return self._last_name

    def _sweep(self) -> None:
        oldest = self._timeline.now() - KEPT_FOR
        records = self._store.list("events")
        surplus = max(0, len(records) - MOST_EVENTS)
        by_age = sorted(records, key=lambda record: record.version)
        for place, record in enumerate(by_age):
            if place < surplus or parse_time(record.obj["lastTimestamp"] or self._timeline.stamp()) < oldest:
                self._store.remove("events", record.namespace, record.name)
        alive = {(record.namespace, record.name) for record in self._store.list("events")}
        self._known = {key: where for key, where in self._known.items() if where in alive}
        self._timeline.after(SWEEP_EVERY, self._sweep)


def as_events_v1(event: Obj) -> Obj:
    """A core event in the form of events.k8s.io/v1."""
    count, last = event.get("count") or 0, event.get("lastTimestamp")
    return {
        "kind": "Event",
        "apiVersion": "events.k8s.io/v1",
        "metadata": event["metadata"],
        "eventTime": event.get("eventTime"),
        "reportingController": event.get("reportingComponent", ""),
        "reportingInstance": event.get("reportingInstance", ""),
        "reason": event.get("reason", ""),
        "regarding": event.get("involvedObject", {}),
        "note": event.get("message", ""),
        "type": event.get("type", "Normal"),
        "deprecatedSource": event.get("source", {}),
        "deprecatedFirstTimestamp": event.get("firstTimestamp"),
        "deprecatedLastTimestamp": last,
        "deprecatedCount": count,
    }
