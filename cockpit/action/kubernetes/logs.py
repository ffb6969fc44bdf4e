"""`kubectl logs`: the end of a pod's log, or of the container's life before its last restart."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.kubernetes.reading import Heading, reading_plan, request_line
from cockpit.action.live import Live
from cockpit.action.model import Plan, Situation
from cockpit.kube.access import Access, resource_path
from cockpit.kube.logs import tail

TAIL = 100
"""Lines, unless the step says otherwise: what the payment-service runbook reads (payment-service-runbook.md:34)."""


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
            live.write(["… the beginning is left out: the log is too long"])
        live.write(read.lines)
