"""A container's log: the last lines, the previous container's, or followed; bounded, cleaned and redacted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import msgspec

from cockpit.kube.access import Access, resource_path
from cockpit.kube.errors import KubeError
from cockpit.kube.rows import DEFAULT_CONTAINER
from cockpit.kube.shapes import Pod
from cockpit.text import MASK, safe

LONGEST_LINE = 4_000
"""Characters of a line that are kept."""
LONGEST_TAIL = 1024 * 1024
"""Bytes of a tail that are asked for."""
_CUT = 64 * 1024

_PRIVATE_KEY = ("-----BEGIN ", "PRIVATE KEY-----", "-----END ")


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


class LineCleaner:
    """Cleans and redacts a log line by line; remembers that it is inside a private key, which spans lines."""

    def __init__(self) -> None:
        self._inside_key = False

    def __call__(self, raw: bytes) -> str:
        """One line as it may be shown."""
        text = raw.decode("utf-8", "replace")
        begin, key, end = _PRIVATE_KEY
        if self._inside_key:
            self._inside_key = end not in text
            return MASK
        if begin in text and key in text:
            self._inside_key = end not in text
        shown = safe(text)
        return shown if len(shown) <= LONGEST_LINE else shown[:LONGEST_LINE] + " …"


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
    query = {"tailLines": str(lines), "limitBytes": str(LONGEST_TAIL)}
    query |= {"previous": "true"} if previous else {}
    query |= {"sinceSeconds": str(max(1, round(since)))} if since is not None else {}
    path = resource_path("v1", "pods", namespace, pod, "log")
    chosen = container
    for attempt in (1, 2):
        named = {"container": chosen} if chosen else {}
        try:
            answer = await access.call("GET", path, query=query | named, accept="*/*", timeout=20.0)
            break
        except KubeError as error:
            if attempt == 2 or chosen or not _asks_for_container(error):
                raise _explained(error, namespace, pod, access.context) from error
            chosen = await default_container(access, namespace, pod)
    shown = await asyncio.to_thread(_shown, answer.body)
    return LogTail(chosen, previous, shown[-lines:], len(answer.body) >= LONGEST_TAIL)


async def follow(
    access: Access, namespace: str, pod: str, *, container: str = "", lines: int = 50
) -> AsyncGenerator[str, None]:
    """The last `lines` of a pod's log, then each new one as it comes; ends with the container.

    Close it with `contextlib.aclosing`. Raises KubeError as `tail` does.
    """
    path = resource_path("v1", "pods", namespace, pod, "log")
    query = {"follow": "true", "tailLines": str(lines)}
    cleaner = LineCleaner()
    chosen = container
    for attempt in (1, 2):
        named = {"container": chosen} if chosen else {}
        try:
            stream = access.stream(path, query=query | named, timeout=None, cut_at=_CUT)
            async with aclosing(stream):
                async for raw in stream:
                    yield cleaner(raw)
            return
        except KubeError as error:
            if attempt == 2 or chosen or not _asks_for_container(error):
                raise _explained(error, namespace, pod, access.context) from error
            chosen = await default_container(access, namespace, pod)


async def default_container(access: Access, namespace: str, pod: str) -> str:
    """The container that the pod's annotation calls its default, else its first. Raises KubeError."""
    answer = await access.call("GET", resource_path("v1", "pods", namespace, pod))
    try:
        read = msgspec.json.decode(answer.body, type=Pod)
    except msgspec.DecodeError as error:
        raise access.unreadable(error) from error
    names = [container.name for container in read.spec.containers or ()]
    wanted = (read.metadata.annotations or {}).get(DEFAULT_CONTAINER, "")
    return wanted if wanted in names else next(iter(names), "")


def _shown(body: bytes) -> tuple[str, ...]:
    cleaner = LineCleaner()
    return tuple(cleaner(line) for line in body.removesuffix(b"\n").split(b"\n")) if body else ()


def _asks_for_container(error: KubeError) -> bool:
    return error.kind == "invalid" and "a container name must be specified" in error.message


def _explained(error: KubeError, namespace: str, pod: str, context: str) -> KubeError:
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
