"""`kubectl describe` of a pod or a deployment: what it is, why it is not well, and its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cockpit.action.kubernetes.deployments.found import Found
from cockpit.action.kubernetes.deployments.history import revision_table
from cockpit.action.kubernetes.reading import Heading, deployment_reading, reading_plan, request_line
from cockpit.action.live import Live
from cockpit.action.model import Plan, Situation
from cockpit.incident.times import age
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.describe import describe, events_of
from cockpit.kube.rollouts.rollout import read as read_rollout
from cockpit.kube.rows import EventRow

_MOST_EVENTS = 30


@dataclass(frozen=True, slots=True)
class DescribePod:
    """Describes a pod."""

    pod: str
    namespace: str
    heading: Heading = field(default_factory=lambda: Heading("describe"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        return reading_plan(
            self.heading,
            access,
            situation,
            lambda live: self._read(access, live),
            namespace=self.namespace,
            object=f"pod/{self.pod}",
            arguments=("describe", "pod", self.pod),
            request=lambda: request_line("GET", resource_path("v1", "pods", self.namespace, self.pod)) + ", its events",
        )

    async def _read(self, access: Access, live: Live) -> None:
        await live.write(await describe(access, self.namespace, self.pod, live.clock))


@dataclass(frozen=True, slots=True)
class DescribeDeployment:
    """Describes a deployment, with its revisions."""

    deployment: str
    namespace: str
    heading: Heading = field(default_factory=lambda: Heading("describe"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        named = ("deployment", self.deployment)
        return deployment_reading(self, access, situation, "describe", *named, also=", its events")

    async def read(self, access: Access, live: Live) -> None:
        """Write what it is, its revisions and its events."""
        rollout = await read_rollout(access, self.namespace, self.deployment)
        await live.write(_about(Found(rollout.deployment, rollout.raw)))
        await live.write(["", *revision_table(rollout.revisions, live.clock.now()), ""])
        try:
            events = await events_of(access, self.namespace, self.deployment, kind="Deployment")
        except KubeError as error:
            await live.write([f"events unknown: {error}"])
            return
        await live.write([event_line(event, live.clock.now()) for event in events[:_MOST_EVENTS]] or ["no events"])


def _about(found: Found) -> list[str]:
    """What it runs, how its rollout stands, and each condition with its message."""
    row = found.row
    lines = [f"{row.name}  {found.release}", f"rollout {found.progress}"]
    lines += ["paused"] if row.paused else []
    lines += [f"managed by {row.gitops}"] if row.gitops else []
    for container in found.template["spec"].get("containers") or []:
        lines.append(f"container {container.get('name')}  {container.get('image')}")
    for condition in (found.raw.get("status") or {}).get("conditions") or []:
        said = " ".join(str(condition[key]) for key in ("reason", "message") if condition.get(key))
        lines.append(f"{condition.get('type')} {condition.get('status')}: {said}")
    return lines


def event_line(event: EventRow, now: datetime) -> str:
    """An event in one line: how long ago, what, how often, and what was said."""
    ago = age((now - event.at).total_seconds()) if event.at else "?"
    return f"{ago:>4} {event.type:<7} {event.reason}{f' ×{event.count}' if event.count > 1 else ''}: {event.message}"
