"""Pod logs: what a container has written, its tail, what comes next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cockpit.simulator.cluster.kubelet.runs import Run
from cockpit.simulator.cluster.server.requests import Query
from cockpit.simulator.cluster.status import bad_request
from cockpit.simulator.cluster.timeline import parse_time

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]

LONGEST_NAP = 0.25
"""Real seconds after which a followed log looks whether its container has ended."""
PAGE = 500


def pod_log(cluster: Cluster, pod: Obj, query: Query) -> AsyncIterator[bytes]:
    """The log that a request asks for. Raises ApiError 400 where there is none, in the kubelet's words."""
    run = _chosen_run(cluster, pod, _container(pod, query.text("container")), previous=query.flag("previous"))
    first = _first_line(cluster, run, query)
    follow = query.flag("follow") and not query.flag("previous")
    return _limited(_lines(cluster, run, first, follow, query.flag("timestamps")), query.number("limitBytes"))


def _container(pod: Obj, asked: str) -> str:
    spec, name = pod["spec"], pod["metadata"]["name"]
    names = [each["name"] for each in spec["containers"]]
    known = [*names, *(each["name"] for each in spec.get("initContainers", ()))]
    if asked and asked not in known:
        raise bad_request(f"container {asked} is not valid for pod {name}")
    if not asked and len(names) > 1:
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{' '.join(names)}]")
    return asked or str(names[0])


def _chosen_run(cluster: Cluster, pod: Obj, container: str, *, previous: bool) -> Run:
    metadata, name = pod["metadata"], pod["metadata"]["name"]
    newest, before = cluster.kubelet.runs(metadata["uid"], container)
    status = pod["status"]
    statuses = [*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())]
    state: Obj = next((each["state"] for each in statuses if each["name"] == container), {})
    if previous:
        # a container that waits for its restart has its newest run behind it already
        last = newest if "waiting" in state else before
        if last is None:
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        return last
    if newest is None:
        reason = state.get("waiting", {}).get("reason", "ContainerCreating")
        if reason in ("ErrImagePull", "ImagePullBackOff"):
            reason = "trying and failing to pull image"
        if not pod["spec"].get("nodeName"):
            raise bad_request(f"pod {name} does not have a host assigned")
        raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {reason}')
    return newest


def _first_line(cluster: Cluster, run: Run, query: Query) -> int:
    """The number of the first line that the options ask for."""
    first, tail, seconds = 0, query.number("tailLines"), query.number("sinceSeconds")
    if seconds is not None and seconds < 1:
        raise bad_request("sinceSeconds: Invalid value: must be greater than 0")
    if tail is not None and tail < 0:
        raise bad_request("tailLines: Invalid value: must be greater than or equal to 0")
    if seconds is not None:
        first = run.first_since(cluster.timeline.now() - timedelta(seconds=seconds))
    if query.text("sinceTime"):
        try:
            first = run.first_since(parse_time(query.text("sinceTime")))
        except ValueError:
            raise bad_request(f'sinceTime: Invalid value: "{query.text("sinceTime")}"') from None
    if tail is not None:
        first = max(first, run.written() - tail)
    return first


async def _lines(cluster: Cluster, run: Run, first: int, follow: bool, timestamps: bool) -> AsyncIterator[bytes]:
    number = first
    while True:
        until = run.written()
        while number < until:
            page = min(until, number + PAGE)
            yield b"".join(_written(run, each, timestamps) for each in range(number, page))
            number = page
        if not follow or not run.running or cluster.watches.closing.is_set():
            return
        wait = run.next_in()
        await asyncio.sleep(LONGEST_NAP if wait is None else min(LONGEST_NAP, wait + 0.001))


def _written(run: Run, number: int, timestamps: bool) -> bytes:
    moment, text = run.line(number)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + f"{number % 1000:03}Z " if timestamps else ""
    return (stamp + text + "\n").encode("utf-8", "replace")


async def _limited(chunks: AsyncIterator[bytes], limit: int | None) -> AsyncIterator[bytes]:
    left = limit
    async for chunk in chunks:
        if left is None:
            yield chunk
            continue
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return
