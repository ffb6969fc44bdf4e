"""A pod described for someone in a hurry: why it is not well comes first, then containers, events, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.clock import Clock
from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.row import PodRow, pod_row
from cockpit.kube.rows import EventRow, event_row
from cockpit.kube.shapes import Page
from cockpit.kube.skew import NONE
from cockpit.text import safe

_MOST_EVENTS = 30


async def events_of(access: Access, namespace: str, name: str, *, kind: str = "Pod") -> list[EventRow]:
    """The events about one object, newest first; at most 500 are read. Raises KubeError."""
    query = {"fieldSelector": f"involvedObject.kind={kind},involvedObject.name={name}", "limit": "500"}
    answer = await access.call("GET", resource_path("v1", "events", namespace), query=query)
    page = access.decode(answer.body, Page)
    try:
        rows = [event_row(bytes(item), access.ahead) for item in page.items or ()]
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    return sorted(rows, key=lambda row: row.at or datetime.min.replace(tzinfo=UTC), reverse=True)


async def describe(access: Access, namespace: str, name: str, clock: Clock) -> tuple[str, ...]:
    """The lines that describe a pod now. Events that may not be read are said to be so.

    Raises:
        KubeError: the pod cannot be read.
    """
    answer = await access.call("GET", resource_path("v1", "pods", namespace, name))
    pod = access.decode(answer.body, dict[str, Any])
    try:
        row = pod_row(answer.body, access.ahead).as_at(clock.now())
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    try:
        events: Sequence[EventRow] | KubeError = await events_of(access, namespace, name)
    except KubeError as error:
        events = error
    return tuple(lines(pod, row, events, clock.now(), access.ahead))


def lines(
    pod: Mapping[str, Any], row: PodRow, events: Sequence[EventRow] | KubeError, now: datetime, ahead: timedelta = NONE
) -> list[str]:
    """The description as lines. Everything is cleaned and redacted.

    Args:
        pod: the raw object, whose times are of a clock that is `ahead` of ours; those of its `row` are of ours.
    """
    told = [
        f"{row.name}  {row.status}  {row.ready} ready  {_restarts(row, now)}  age {_age(row.created, now)}",
        *trouble(pod, row),
        *_containers(pod, now + ahead),
        *_events(events, now),
        *_placed(pod, row),
    ]
    return [safe(line) for line in told]


def trouble(pod: Mapping[str, Any], row: PodRow) -> Iterable[str]:
    """Why it is not well: its own message, and each condition that does not hold."""
    status = part(pod, "status")
    if row.crash_reason:
        code = "" if row.exit_code is None else f", exit code {row.exit_code}"
        yield f"does not stay up: {row.crash_reason}{code}"
    elif row.reason:
        yield f"{row.reason}: {row.why}"
    if status.get("message") and (row.crash_reason or not row.faulty):
        yield f"{status.get('reason', '')}: {status['message']}"
    for condition in items_of(status, "conditions"):
        if condition.get("status") != "True":
            said = " ".join(str(condition[key]) for key in ("reason", "message") if condition.get(key))
            yield f"not {condition.get('type', '?')}" + (f": {said}" if said else "")


def _containers(pod: Mapping[str, Any], now: datetime) -> Iterable[str]:
    """Each container: state, last state, image, resources, probes."""
    spec, status = part(pod, "spec"), part(pod, "status")
    for key, statuses, kind in (
        ("initContainers", "initContainerStatuses", "init container"),
        ("containers", "containerStatuses", "container"),
    ):
        known = {str(one.get("name")): one for one in items_of(status, statuses)}
        for container in items_of(spec, key):
            name = str(container.get("name", "?"))
            seen = known.get(name, {})
            yield ""
            yield f"{kind} {name}  {container.get('image', '')}"
            yield f"  state       {state_words(part(seen, 'state'), now)}"
            if part(seen, "lastState"):
                yield f"  before that {state_words(part(seen, 'lastState'), now)}"
            yield f"  restarts    {seen.get('restartCount', 0)}"
            yield from _resources(container)


def state_words(state: Mapping[str, Any], now: datetime) -> str:
    """One state of a container in a line; not cleaned."""
    if waiting := part(state, "waiting"):
        return " ".join(["waiting:", *(str(waiting[key]) for key in ("reason", "message") if waiting.get(key))])
    if running := part(state, "running"):
        return f"running for {_age(instant(running.get('startedAt')), now)}"
    if ended := part(state, "terminated"):
        signal = f", signal {ended['signal']}" if ended.get("signal") else ""
        message = f": {ended['message']}" if ended.get("message") else ""
        began, over = instant(ended.get("startedAt")), instant(ended.get("finishedAt"))
        ran = f" after {_age(began, over)}" if began and over else ""
        when = f"{_age(over, now)} ago{ran}"
        return f"{ended.get('reason') or 'ended'}, exit code {ended.get('exitCode')}{signal}, {when}{message}"
    return "unknown"


def _resources(container: Mapping[str, Any]) -> Iterable[str]:
    """Limits, requests and probes, where there are any."""
    for key in ("limits", "requests"):
        amounts = part(part(container, "resources"), key)
        if amounts:
            yield f"  {key:<11} " + ", ".join(f"{name} {amount}" for name, amount in amounts.items())
    for key in ("startupProbe", "readinessProbe", "livenessProbe"):
        if probe := part(container, key):
            yield f"  {key.removesuffix('Probe'):<11} {probe_words(probe)}"


def probe_words(probe: Mapping[str, Any]) -> str:
    """A probe in a few words."""
    if http := part(probe, "httpGet"):
        what = f"GET :{http.get('port')}{http.get('path', '/')}"
    elif tcp := part(probe, "tcpSocket"):
        what = f"TCP :{tcp.get('port')}"
    else:
        what = "command" if "exec" in probe else "gRPC"
    most = probe.get("failureThreshold", 3)
    enough = "1 failure counts" if most == 1 else f"{most} failures in a row count"
    return f"{what}, every {probe.get('periodSeconds', 10)} s, {enough}"


def _events(events: Sequence[EventRow] | KubeError, now: datetime) -> Iterable[str]:
    """The newest events, or why they are unknown."""
    yield ""
    if isinstance(events, KubeError):
        yield f"events unknown: {events}"
        return
    yield "events, newest first" if events else "no events (they are kept for about an hour)"
    for event in events[:_MOST_EVENTS]:
        count = f" ×{event.count}" if event.count > 1 else ""
        yield f"  {_age(event.at, now):>4} {event.type:<7} {event.reason}{count}: {event.message}"
    if len(events) > _MOST_EVENTS:
        yield f"  and {len(events) - _MOST_EVENTS} older"


def _placed(pod: Mapping[str, Any], row: PodRow) -> Iterable[str]:
    """Where it runs and whose it is."""
    labels = part(part(pod, "metadata"), "labels")
    yield ""
    yield f"node {row.node or 'none'}   IP {row.ip or 'none'}   {row.owner or 'no owner'}"
    if labels:
        yield "labels " + ", ".join(f"{key}={value}" for key, value in labels.items())


def _restarts(row: PodRow, now: datetime) -> str:
    last = f" (last {_age(row.last_restart, now)} ago)" if row.last_restart else ""
    return f"{row.restarts} restarts{last}"


def _age(at: datetime | None, now: datetime) -> str:
    """How long ago, in the largest fitting unit; `?` when unknown."""
    if at is None:
        return "?"
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def instant(text: object) -> datetime | None:
    """An API time; None for what is none."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None


def part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under `key`; an empty one where there is none."""
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def items_of(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects in the list under `key`; none where there is no list."""
    items = value.get(key)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
