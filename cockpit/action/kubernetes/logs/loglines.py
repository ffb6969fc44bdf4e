"""The logs that an action reads: of one pod or of each that a selector matches, one after the other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from cockpit.action.kubernetes.reading import request_line
from cockpit.action.live import Live
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.listing.paging import NAMES_ONLY
from cockpit.kube.logs.ending import LogTail, tail
from cockpit.kube.paths import resource_path
from cockpit.kube.shapes import ListMeta, Named, Shape

MOST_PODS = 20
"""Pods whose logs are read at most: more would bury what is looked for."""


class _Names(Shape, frozen=True):
    metadata: ListMeta = ListMeta()
    items: list[Named] | None = None


@dataclass(frozen=True, slots=True)
class LogSource:
    """Which logs, and how far back.

    Args:
        pod: one pod by its name; without it those that `selector` matches.
        lines: the last so many lines of each pod.
        previous: of the container's life before its last restart.
        since: seconds to look back, at most.
    """

    namespace: str
    pod: str = ""
    selector: str = ""
    container: str = ""
    lines: int = 100
    previous: bool = False
    since: float | None = None

    @property
    def object(self) -> str:
        """What it is about, as a plan names it."""
        return f"pod/{self.pod}" if self.pod else "pods"

    @property
    def arguments(self) -> tuple[str, ...]:
        """kubectl's, for the same."""
        arguments = ["logs", *([self.pod] if self.pod else ["-l", self.selector]), f"--tail={self.lines}"]
        arguments += [] if self.pod else ["--prefix"]
        arguments += ["-c", self.container] if self.container else []
        arguments += ["--previous"] if self.previous else []
        return (*arguments, *([f"--since={max(1, round(self.since))}s"] if self.since else []))

    def request(self) -> str:
        """The API call in short. Raises KubeError for what is no name, and when neither pod nor selector is given."""
        if self.pod:
            query = {"tailLines": str(self.lines)} | ({"previous": "true"} if self.previous else {})
            query |= {"container": self.container} if self.container else {}
            query |= {"sinceSeconds": str(max(1, round(self.since)))} if self.since else {}
            return request_line("GET", resource_path("v1", "pods", self.namespace, self.pod, "log"), query)
        if not self.selector:
            raise KubeError("invalid", "it names neither a pod nor a selector", "correct the runbook")
        return request_line("GET", resource_path("v1", "pods", self.namespace), self._matching) + ", each one's log"

    async def names(self, access: Access) -> tuple[list[str], bool]:
        """The pods to read, and whether there are more than that. Raises KubeError."""
        if self.pod:
            return [self.pod], False
        path = resource_path("v1", "pods", self.namespace)
        answer = await access.call("GET", path, query=self._matching, accept=NAMES_ONLY)
        found = access.decode(answer.body, _Names)
        return sorted(item.metadata.name for item in found.items or ()), bool(found.metadata.continue_)

    async def read(self, access: Access, pod: str) -> LogTail:
        """The end of one pod's log. Raises KubeError."""
        return await tail(
            access,
            self.namespace,
            pod,
            container=self.container,
            lines=self.lines,
            previous=self.previous,
            since=self.since,
        )

    @property
    def _matching(self) -> dict[str, str]:
        return {"labelSelector": self.selector, "limit": str(MOST_PODS)}


async def each_log(
    access: Access, source: LogSource, live: Live
) -> AsyncGenerator[tuple[str, LogTail | KubeError], None]:
    """Each pod with the end of its log, or why it could not be read; says what it reads. Close it after use.

    Raises:
        KubeError: the pods cannot be listed, or the one that was named cannot be read.
    """
    names, more = await source.names(access)
    for name in names:
        live.say(f"reads {name}")
        try:
            read: LogTail | KubeError = await source.read(access, name)
        except KubeError as error:
            if source.pod:
                raise
            read = error
        yield name, read
    if not names:
        await live.write([f"No resources found in {source.namespace} namespace."])
    elif more:
        await live.write([f"… more pods match {source.selector}: the logs of {len(names)} were read"])


def compiled(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """A runbook's regular expression. Raises KubeError("invalid") with what is wrong with it."""
    try:
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        at = "" if error.pos is None else f" at character {error.pos + 1}"
        raise KubeError(
            "invalid", f"`{pattern}` is no regular expression: {error.msg}{at}", "correct the runbook"
        ) from error


async def holding(lines: Iterable[str], pattern: re.Pattern[str] | None) -> list[str]:
    """The lines that hold a match, all without a pattern; searched in a thread, as there may be many."""
    if pattern is None:
        return list(lines)
    return await asyncio.to_thread(lambda: [line for line in lines if pattern.search(line)])
