"""What the actions that count in logs have in common: all the selected logs are read, then they are looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import aclosing
from dataclasses import dataclass, field

from cockpit.action.kubernetes.logs.loglines import LogSource, each_log
from cockpit.action.kubernetes.reading import Heading, reading_plan
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Plan, Situation
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError


@dataclass(frozen=True, slots=True)
class Counting(ABC):
    """Reads the selected logs and looks at all of their lines.

    Args:
        lines: the last so many lines of each pod.
        since: seconds to look back, at most.
    """

    namespace: str
    selector: str = ""
    pod: str = ""
    container: str = ""
    lines: int = 5000
    since: float | None = None
    heading: Heading = field(kw_only=True)

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        source = LogSource(self.namespace, self.pod, self.selector, self.container, self.lines, since=self.since)

        def request() -> str:
            looked = self.looked_for()
            return f"{source.request()}; {looked}"

        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: self._read(access, source, live),
            namespace=self.namespace,
            object=source.object,
            arguments=source.arguments,
            request=request,
        )

    @abstractmethod
    def looked_for(self) -> str:
        """What is made of the lines, in short. Raises KubeError where it cannot be."""

    @abstractmethod
    async def count(self, gathered: Gathered, live: Live) -> Outcome | None:
        """Look at the lines and write what was found; None is success. Raises KubeError."""

    async def _read(self, access: Access, source: LogSource, live: Live) -> Outcome | None:
        gathered = await gather(access, source, live)
        await live.write(gathered.notes)
        if gathered.nothing:
            return gathered.nothing
        live.say("counts")
        return await self.count(gathered, live)


@dataclass
class Gathered:
    """The lines of several logs together.

    Attributes:
        lines: by pod.
        failed: why a pod's log could not be read, by pod.
        cut: the pods whose log was longer than what could be taken.
    """

    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """How much was read, as `15000 lines of 3 pods`."""
        count, pods = sum(len(lines) for lines in self.lines.values()), len(self.lines)
        return f"{count} line{'' if count == 1 else 's'} of {pods} pod{'' if pods == 1 else 's'}"

    @property
    def notes(self) -> list[str]:
        """What was not read, a line for each reason."""
        told = [f"pod/{name}: unknown: {why}" for name, why in self.failed.items()]
        return told + ([f"the beginning is left out, being too long: {', '.join(self.cut)}"] if self.cut else [])

    @property
    def nothing(self) -> Outcome | None:
        """The failure when not one log could be read."""
        if self.lines:
            return None
        return Outcome("failed", 1, "no pod's log could be read" if self.failed else "there is no pod to read")


async def gather(access: Access, source: LogSource, live: Live) -> Gathered:
    """Read all the logs. Raises KubeError as `each_log` does."""
    gathered = Gathered()
    async with aclosing(each_log(access, source, live)) as logs:
        async for name, read in logs:
            if isinstance(read, KubeError):
                gathered.failed[name] = str(read)
                continue
            gathered.lines[name] = read.lines
            gathered.cut += [name] if read.cut else []
    return gathered
