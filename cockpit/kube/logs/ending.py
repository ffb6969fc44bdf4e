"""The end of a container's log, or of its life before the last restart; bounded, cleaned and redacted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.errors import KubeError
from cockpit.kube.logs.lines import LineCleaner
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.row import DEFAULT_CONTAINER
from cockpit.kube.shapes import Pod

LONGEST_TAIL = 1024 * 1024
"""Bytes of a tail that are asked for."""


@dataclass(frozen=True, slots=True)
class LogTail:
    """The end of a log.

    Attributes:
        container: whose it is; empty when the pod has only one.
        previous: whether it is of the container's life before the last restart.
        lines: cleaned and redacted, oldest first.
        cut: whether there was more than could be taken.
    """

    container: str
    previous: bool
    lines: tuple[str, ...]
    cut: bool


async def tail(
    access: Access,
    namespace: str,
    pod: str,
    *,
    container: str = "",
    lines: int = 200,
    previous: bool = False,
    since: float | None = None,
) -> LogTail:
    """The last lines of a pod's log.

    Args:
        container: by its name; without it the pod's only, default, or first one.
        lines: how many, at most.
        previous: of the container's life before its last restart: why it crashed.
        since: seconds to look back, at most.

    Raises:
        KubeError: with what to do when the container has not started, has no previous life, or is not there.
    """
    query = {"previous": "true"} if previous else {}
    query |= {"sinceSeconds": str(max(1, round(since)))} if since is not None else {}
    path = resource_path("v1", "pods", namespace, pod, "log")
    chosen = container
    for attempt in (1, 2):
        named = {"container": chosen} if chosen else {}
        try:
            body, cut = await _newest(access, path, query | named, lines)
            break
        except KubeError as error:
            if attempt == 2 or chosen or not asks_for_container(error):
                raise explained(error, namespace, pod, access.context) from error
            chosen = await default_container(access, namespace, pod)
    shown = await asyncio.to_thread(_shown, body)
    return LogTail(chosen, previous, shown[-lines:], cut)


async def _newest(access: Access, path: str, query: Mapping[str, str], lines: int) -> tuple[bytes, bool]:
    """The last of so many lines that fit into `LONGEST_TAIL` bytes, and whether there are more. Raises KubeError.

    Of lines that are too many for that a kubelet gives the first (it counts bytes from the oldest one on): then fewer
    are asked for, as the newest matter most.
    """
    wanted = lines
    while True:
        asked = {**query, "tailLines": str(wanted), "limitBytes": str(LONGEST_TAIL)}
        body = (await access.call("GET", path, query=asked, accept="*/*")).body
        if len(body) < LONGEST_TAIL or wanted == 1:
            return body, wanted < lines or len(body) >= LONGEST_TAIL
        wanted = max(1, min(wanted // 2, body.count(b"\n")))


async def containers(access: Access, namespace: str, pod: str) -> tuple[str, ...]:
    """The names of a pod's containers: the one that its annotation calls its default, else its first, leads; those that
    run before the others come last. Raises KubeError."""
    answer = await access.call("GET", resource_path("v1", "pods", namespace, pod))
    try:
        read = msgspec.json.decode(answer.body, type=Pod)
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    wanted = (read.metadata.annotations or {}).get(DEFAULT_CONTAINER, "")
    names = [container.name for container in read.spec.containers or ()]
    names.sort(key=lambda name: name != wanted)
    return (*names, *(container.name for container in read.spec.init_containers or ()))


async def default_container(access: Access, namespace: str, pod: str) -> str:
    """The container that the pod's annotation calls its default, else its first. Raises KubeError."""
    return next(iter(await containers(access, namespace, pod)), "")


def _shown(body: bytes) -> tuple[str, ...]:
    cleaner = LineCleaner()
    return tuple(cleaner(line) for line in body.removesuffix(b"\n").split(b"\n")) if body else ()


def asks_for_container(error: KubeError) -> bool:
    """Whether the server wants to be told which container is meant."""
    return error.kind == "invalid" and "a container name must be specified" in error.message


def explained(error: KubeError, namespace: str, pod: str, context: str) -> KubeError:
    """The same error with what it means for a log and what to do."""
    said = error.message
    if "is waiting to start" in said or "PodInitializing" in said:
        return KubeError("invalid", said, "it has not written anything yet: describe the pod to see why", error.status)
    if "previous terminated container" in said:
        return KubeError("not-found", said, "it has not restarted: read its current log", error.status)
    if error.kind == "not-found":
        return KubeError("not-found", said, f"pod {pod} is gone from {namespace}: choose another", error.status)
    if error.kind == "forbidden":
        mend = f"run `kubectl --context {context} -n {namespace} auth can-i get pods/log` and ask for that"
        return KubeError("forbidden", said, mend, error.status)
    return error
