"""Reading from the API: get, list in pages, and watch."""

from __future__ import annotations

import base64
import json
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from cockpit.simulator.cluster.resources import BY_PLURAL, Resource
from cockpit.simulator.cluster.selectors import field_selector, label_selector, labels_of
from cockpit.simulator.cluster.server.forms import Form
from cockpit.simulator.cluster.server.requests import Query, Target
from cockpit.simulator.cluster.server.watching import Watch
from cockpit.simulator.cluster.status import ApiError, bad_request, expired
from cockpit.simulator.cluster.store import Record, encode

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]

BOOKMARK_EVERY = 10.0
SHORTEST_WATCH = 1800.0
"""Real seconds: a watch without a timeout lasts between this and twice as long, as on a real API server."""


class Reading:
    """Answers the reading verbs for one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._store = cluster.store

    def get(self, target: Target, form: Form) -> bytes:
        """One object; raises ApiError 404."""
        return form.one(self._cluster.objects.read(_stored(target), target.namespace, target.name))

    def matching(self, target: Target, query: Query) -> list[Record]:
        """What a collection request selects; raises ApiError 400."""
        selects = selection(target, query)
        return [record for record in self._store.list(_plural(target), target.namespace) if selects(record)]

    def list(self, target: Target, query: Query, form: Form) -> bytes:
        """One page of a list, or all of it; raises ApiError 400, 410 or 504."""
        self._check_future(query.version())
        limit, token = query.number("limit"), query.text("continue")
        selects = selection(target, query)
        if not limit and not token:
            records = [each for each in self._store.list(_plural(target), target.namespace) if selects(each)]
            return form.list(records, {"resourceVersion": str(self._store.version)})
        version, start = _read_token(token) if token else (0, None)
        plural = _plural(target)
        snapshot = self._store.kept_snapshot(plural, version) if token else self._store.snapshot(plural)
        if snapshot is None:
            fresh = self._store.snapshot(plural)
            raise expired(_PAGE_TOO_OLD, {"continue": _token(fresh.version, start or ("", ""))})
        selective = bool(query.text("labelSelector") or query.text("fieldSelector"))
        begin = 0 if start is None else bisect_right(snapshot.records, start, key=_place)
        following = (snapshot.records[place] for place in range(begin, len(snapshot.records)))
        matching = (each for each in following if target.namespace in (None, each.namespace) and selects(each))
        chosen = list(islice(matching, limit + 1) if limit and selective else matching)
        page = chosen[:limit] if limit else chosen
        metadata: Obj = {"resourceVersion": str(snapshot.version)}
        if len(page) < len(chosen):
            metadata["continue"] = _token(snapshot.version, _place(page[-1]))
            if not selective:
                metadata["remainingItemCount"] = len(chosen) - len(page)
        return form.list(page, metadata)

    def watch(self, target: Target, query: Query, form: Form) -> AsyncIterator[bytes]:
        """Events as lines of JSON. What is wrong with the request raises; an expired version is told as an event."""
        selects, version = selection(target, query), query.version()
        self._check_future(version)
        initial = query.flag("sendInitialEvents")
        if initial and query.text("resourceVersionMatch") != "NotOlderThan":
            raise bad_request("resourceVersionMatch: Forbidden: resourceVersionMatch is required for sendInitialEvents")
        if initial or not version:
            present = [each for each in self._store.list(_plural(target), target.namespace) if selects(each)]
            version = self._store.version
        else:
            present = []
        try:
            watch = self._cluster.watches.open(_plural(target), selects, version)
        except ApiError as refused:
            return _refusal(refused)
        ended = {"k8s.io/initial-events-end": "true"} if initial else {}
        return self._events(watch, query, form, present, ended)

    async def _events(
        self, watch: Watch, query: Query, form: Form, present: Sequence[Record], ended: Obj
    ) -> AsyncIterator[bytes]:
        allowed, random = query.flag("allowWatchBookmarks"), self._cluster.pace.random
        lasts = query.number("timeoutSeconds") or random.uniform(SHORTEST_WATCH, 2 * SHORTEST_WATCH)
        end = time.monotonic() + lasts
        next_bookmark = time.monotonic() + BOOKMARK_EVERY
        try:
            for record in present:
                yield _line("ADDED", form.one(record))
            if ended:
                yield _line("BOOKMARK", form.bookmark(self._store.version, ended))
            while not watch.closed and (time.monotonic() < end or self._cluster.trouble.silence):
                while watch.waiting and not watch.closed and not self._cluster.trouble.silence:
                    notice = watch.waiting.popleft()
                    yield _line(notice.type, form.one(notice.record))
                if time.monotonic() >= next_bookmark:
                    next_bookmark = time.monotonic() + BOOKMARK_EVERY
                    if not allowed or self._cluster.trouble.silence:
                        continue
                    yield _line("BOOKMARK", form.bookmark(self._store.version, {}))
                await self._pause(watch, min(end, next_bookmark))
            if watch.cut_mid_line:
                yield b'{"type":"MODIFIED","object":{"kind":"'
            elif allowed and not watch.closed and not self._cluster.trouble.silence:
                yield _line("BOOKMARK", form.bookmark(self._store.version, {}))
        finally:
            self._cluster.watches.done(watch)

    async def _pause(self, watch: Watch, until: float) -> None:
        if self._cluster.trouble.silence:
            waiting, watch.waiting = watch.waiting, type(watch.waiting)()
            await watch.wait(min(0.05, until - time.monotonic()))
            waiting.extend(watch.waiting)
            watch.waiting = waiting
        else:
            await watch.wait(until - time.monotonic())

    def _check_future(self, version: int | None) -> None:
        if version is not None and version > self._store.version:
            message = f"Too large resource version: {version}, current: {self._store.version}"
            cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
            raise ApiError(504, "Timeout", message, {"causes": [cause], "retryAfterSeconds": 1})


def selection(target: Target, query: Query) -> Callable[[Record], bool]:
    """What a request's namespace, name and selectors choose. Raises ApiError 400."""
    by_label = label_selector(query.text("labelSelector"))
    by_field = field_selector(query.text("fieldSelector"), _plural(target))
    namespace, name = target.namespace, target.name

    def selects(record: Record) -> bool:
        return (
            (namespace is None or record.namespace == namespace)
            and (not name or record.name == name)
            and by_label(labels_of(record.obj))
            and by_field(record.obj)
        )

    return selects


_PAGE_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


def _stored(target: Target) -> Resource:
    return BY_PLURAL[target.resource.view_of or target.resource.plural]


def _plural(target: Target) -> str:
    return target.resource.view_of or target.resource.plural


def _line(kind: str, obj: bytes) -> bytes:
    return b'{"type":"' + kind.encode() + b'","object":' + obj + b"}\n"


async def _refusal(refused: ApiError) -> AsyncIterator[bytes]:
    yield _line("ERROR", encode(refused.body()))


def _place(record: Record) -> tuple[str, str]:
    """Where a record stands in the order of a collection."""
    return record.namespace, record.name


def _token(version: int, last: tuple[str, str]) -> str:
    """A continue token: the snapshot's version and the last key given, as a real server's, in its encoding."""
    start = f"{last[0]}/{last[1]}\x00"
    raw = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, tuple[str, str]]:
    try:
        raw = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        namespace, _, name = raw["start"].rstrip("\x00").partition("/")
        return int(raw["rv"]), (namespace, name)
    except (ValueError, KeyError, TypeError) as wrong:
        raise bad_request("continue key is not valid: illegal base64 data or not a continue token") from wrong
