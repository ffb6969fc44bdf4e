"""`kubectl logs`: the end of a pod's log or of several, or of the container's life before its last restart."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field

from cockpit.action.kubernetes.logs.loglines import LogSource, compiled, each_log, holding
from cockpit.action.kubernetes.reading import Heading, reading_plan
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Plan, Situation
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError

TAIL = 100
"""Lines, unless the step says otherwise: what the payment-service runbook reads (payment-service-runbook.md:34)."""


@dataclass(frozen=True, slots=True)
class Logs:
    """Reads the last `lines` lines of a pod's log, or of that of each pod that `selector` matches, each line after its
    pod's name; `previous` of the container's life before its last restart.

    Args:
        pod: the pod; empty where `selector` says which.
        since: seconds to look back, at most.
        matching: a regular expression; of those lines only the ones that hold it are shown.
    """

    pod: str
    namespace: str
    container: str = ""
    lines: int = TAIL
    previous: bool = False
    heading: Heading = field(default_factory=lambda: Heading("log"))
    since: float | None = None
    matching: str = ""
    ignore_case: bool = False
    selector: str = ""

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        how = (self.container, self.lines, self.previous, self.since)
        source = LogSource(self.namespace, self.pod, self.selector, *how)

        def request() -> str:
            kept = f", the lines that hold {self.matching}" if self.matching else ""
            compiled(self.matching)
            return source.request() + kept

        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: _read(source, self, access, live),
            namespace=source.namespace,
            object=source.object,
            arguments=source.arguments,
            piped=("grep", "-iE" if self.ignore_case else "-E", self.matching) if self.matching else (),
            request=request,
        )


async def _read(source: LogSource, action: Logs, access: Access, live: Live) -> Outcome | None:
    """Write each log; one of several that cannot be read says why and does not hinder the others."""
    pattern = compiled(action.matching, ignore_case=action.ignore_case) if action.matching else None
    read = kept = failed = 0
    async with aclosing(each_log(access, source, live)) as logs:
        async for name, log in logs:
            prefix = "" if source.pod else f"[pod/{name}] "
            read += 1
            if isinstance(log, KubeError):
                failed += 1
                await live.write([f"{prefix}unknown: {log}"])
                continue
            if log.cut:
                await live.write([f"{prefix}… the beginning is left out: the log is too long"])
            lines = await holding(log.lines, pattern)
            kept += len(lines)
            await live.write(f"{prefix}{line}" for line in lines)
    if read and failed == read:
        return Outcome("failed", 1, "no pod's log could be read")
    if pattern and read and not kept:
        await live.write([f"no line holds {action.matching}"])
    return None
