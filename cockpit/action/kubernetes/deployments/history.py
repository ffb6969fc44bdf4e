"""`kubectl rollout history`: the revisions that a deployment keeps, with what a choice between them needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.action.kubernetes.reading import Heading, deployment_reading
from cockpit.action.live import Live
from cockpit.action.model import Plan, Situation
from cockpit.incident.times import age
from cockpit.kube.access import Access
from cockpit.kube.rollouts.rollout import Revision
from cockpit.kube.rollouts.rollout import read as read_rollout

_HEADER = ("REVISION", "RELEASE", "AGE", "READY", "CHANGE-CAUSE")


@dataclass(frozen=True, slots=True)
class History:
    """Lists the revisions of a deployment, newest first."""

    deployment: str
    namespace: str
    heading: Heading = field(default_factory=lambda: Heading("rollout history"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan; the cluster is not asked."""
        named = f"deployment/{self.deployment}"
        return deployment_reading(self, access, situation, "rollout", "history", named, also=", its replica sets")

    async def read(self, access: Access, live: Live) -> None:
        """Write the table."""
        rollout = await read_rollout(access, self.namespace, self.deployment)
        await live.write(revision_table(rollout.revisions, live.clock.now()))


def revision_table(revisions: Sequence[Revision], now: datetime) -> list[str]:
    """The revisions as aligned lines; the current one is marked."""
    if not revisions:
        return ["no revision is kept"]
    rows = [_HEADER, *(_row(revision, now) for revision in revisions)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADER))]
    return ["   ".join(_aligned(row, widths)).rstrip() for row in rows]


def _row(revision: Revision, now: datetime) -> tuple[str, ...]:
    old = age((now - revision.created).total_seconds()) if revision.created else "?"
    current = " (current)" if revision.current else ""
    ready = f"{revision.ready}/{revision.replicas}"
    return f"{revision.number}{current}", revision.image, old, ready, revision.change_cause or "<none>"


def _aligned(row: tuple[str, ...], widths: list[int]) -> Iterable[str]:
    return (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
