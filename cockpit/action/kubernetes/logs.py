"""`kubectl logs`: the end of a pod's log, or of the container's life before its last restart."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.reading import Heading, reading_plan, request_line
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Plan, Situation
from cockpit.kube.access import Access, KubeError, resource_path
from cockpit.kube.logs import tail
from cockpit.kube.shapes import Named, Shape

TAIL = 100
"""Lines, unless the step says otherwise: what the payment-service runbook reads (payment-service-runbook.md:34)."""
_MOST_PODS = 20
"""Pods whose logs are read at most: more would bury what is looked for."""
_NAMES_ONLY = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"


class _Names(Shape, frozen=True):
    items: list[Named] | None = None


@dataclass(frozen=True, slots=True)
class Logs:
    """Reads the last `lines` lines of a pod's log; `previous` of the container's life before its last restart."""

    pod: str
    namespace: str
    container: str = ""
    lines: int = TAIL
    previous: bool = False
    heading: Heading = field(default_factory=lambda: Heading("log"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        query = {"tailLines": str(self.lines)} | ({"previous": "true"} if self.previous else {})
        query |= {"container": self.container} if self.container else {}
        arguments = ["logs", self.pod, f"--tail={self.lines}"]
        arguments += ["-c", self.container] if self.container else []
        arguments += ["--previous"] if self.previous else []
        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: self._read(access, live),
            namespace=self.namespace,
            object=f"pod/{self.pod}",
            arguments=tuple(arguments),
            request=lambda: request_line("GET", resource_path("v1", "pods", self.namespace, self.pod, "log"), query),
        )

    async def _read(self, access: Access, live: Live) -> None:
        read = await tail(
            access,
            self.namespace,
            self.pod,
            container=self.container,
            lines=self.lines,
            previous=self.previous,
        )
        if read.cut:
            await live.write(["… the beginning is left out: the log is too long"])
        await live.write(read.lines)


@dataclass(frozen=True, slots=True)
class LogsOfAll:
    """Reads the last `lines` lines of the log of each pod that `selector` matches, each line after its pod's name."""

    selector: str
    namespace: str
    container: str = ""
    lines: int = TAIL
    previous: bool = False
    heading: Heading = field(default_factory=lambda: Heading("logs"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        arguments = ["logs", "-l", self.selector, f"--tail={self.lines}", "--prefix"]
        arguments += ["-c", self.container] if self.container else []
        arguments += ["--previous"] if self.previous else []
        query = {"labelSelector": self.selector, "limit": str(_MOST_PODS)}
        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: self._read(access, live, query),
            namespace=self.namespace,
            object="pods",
            arguments=tuple(arguments),
            request=lambda: (
                request_line("GET", resource_path("v1", "pods", self.namespace), query) + ", each one's log"
            ),
        )

    async def _read(self, access: Access, live: Live, query: dict[str, str]) -> Outcome | None:
        answer = await access.call("GET", resource_path("v1", "pods", self.namespace), query=query, accept=_NAMES_ONLY)
        names = sorted(item.metadata.name for item in access.decode(answer.body, _Names).items or ())
        if not names:
            await live.write([f"No resources found in {self.namespace} namespace."])
        failed = 0
        for name in names:
            live.say(f"reads {name}")
            failed += not await self._read_one(access, live, name)
        return Outcome("failed", 1, "no pod's log could be read") if failed and failed == len(names) else None

    async def _read_one(self, access: Access, live: Live, name: str) -> bool:
        """Write one pod's log; one that cannot be read says why and does not hinder the others."""
        try:
            read = await tail(
                access, self.namespace, name, container=self.container, lines=self.lines, previous=self.previous
            )
        except KubeError as error:
            await live.write([f"[pod/{name}] unknown: {error}"])
            return False
        await live.write(f"[pod/{name}] {line}" for line in read.lines)
        return True
