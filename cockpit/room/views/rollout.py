"""What the screens see of a deployment: how its rollout goes, its revisions, and what differs between two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from cockpit.kube.pods.row import PodRow
from cockpit.kube.rollouts.changes import Difference, between, differences
from cockpit.kube.rollouts.deployed import ConditionRow
from cockpit.kube.rollouts.rollout import DESIRED, OWN_ANNOTATIONS, RolloutStatus, status
from cockpit.kube.rows import CHANGE_CAUSE, DeploymentRow, ReplicaSetRow
from cockpit.room.views.pods import PodsView
from cockpit.room.views.source import SourceView
from cockpit.signal.foreign.around import Around, Reference

__all__ = ["Around", "ConditionRow", "Difference", "Reference", "RevisionView", "RolloutView", "Side", "compared"]

_NO_DEADLINE = 2**31 - 1
"""The progressDeadlineSeconds that stands for none (kubernetes.io, "Deployment", Progress Deadline Seconds)."""


class Side(Struct, frozen=True):
    """A replica set that has pods or should have some: the one that a rollout brings, or one that it replaces.

    Attributes:
        pods: how many of its pods are in which state, the worst first: (`CrashLoopBackOff`, 3).
    """

    row: ReplicaSetRow
    new: bool
    pods: Sequence[tuple[str, int]] = ()


class RolloutView(Struct, frozen=True):
    """The deployment as it is now.

    Attributes:
        source: how fresh that is; `changes` how fresh what stands around it.
        where: `CONTEXT/NAMESPACE`.
        name: the deployment's name; empty where none is configured.
    """

    source: SourceView
    pods: PodsView
    where: str = ""
    name: str = ""
    around: Around = field(default_factory=Around)
    changes: SourceView | None = None

    @property
    def deployment(self) -> DeploymentRow | None:
        """The deployment; None while it is loading, and where there is none."""
        return self.pods.deployment

    @property
    def status(self) -> RolloutStatus | None:
        """How far its rollout is, as `kubectl rollout status` decides it."""
        return status(self.deployment) if self.deployment else None

    @property
    def newest(self) -> ReplicaSetRow | None:
        """The replica set that the deployment brings: the one with its revision."""
        wanted = self.deployment.revision if self.deployment else 0
        return next((row for row in self.pods.revisions if row.revision == wanted), None)

    @property
    def began(self) -> datetime | None:
        """When the template was set that runs, or is being brought; None where that is not known: a replica set that
        an undo woke again is older than its rollout."""
        row, newest = self.deployment, self.newest
        if row is None or row.detail.released.at is not None:
            return row.detail.released.at if row else None
        made = [each.created for each in self.pods.revisions if each.created is not None]
        return newest.created if newest and newest.created and newest.created >= max(made) else None

    @property
    def deadline(self) -> datetime | None:
        """When the rollout counts as stalled unless it gets on before; None where no clock runs."""
        row, found = self.deployment, self.status
        progressing = row.detail.condition("Progressing") if row else None
        runs = found is not None and found.state == "progressing" and row is not None and not row.paused
        if not runs or row is None or progressing is None or progressing.updated is None:
            return None
        seconds = row.detail.deadline
        return progressing.updated + timedelta(seconds=seconds) if seconds < _NO_DEADLINE else None

    @property
    def sides(self) -> list[Side]:
        """What is being brought, and what it replaces, the newest first."""
        newest = self.newest
        shown = [row for row in self.pods.revisions if row is newest or row.replicas or row.wanted]
        shown.sort(key=lambda row: (row is not newest, -row.revision))
        states = _states(self.pods, {row.revision_hash for row in shown})
        return [Side(row, row is newest, states[row.revision_hash]) for row in shown]

    def health(self, revision: RevisionView) -> str:
        """Why a revision counts as healthy: it serves now, or was rolled out once; empty where nothing says so."""
        row = next((each for each in self.pods.revisions if each.revision_hash == revision.revision_hash), None)
        if self.source.trusted and row is not None and row.ready and row.ready >= max(row.wanted, row.replicas):
            return "serves now"
        return f"rolled out {revision.rolled_out}" if revision.rolled_out else ""

    @property
    def owners(self) -> Mapping[str, int]:
        """How many of the selected pods belong to whom, as `StatefulSet/payment-db`; those of this deployment are not
        among them."""
        own = {row.name for row in self.pods.revisions}
        found = Counter(row.owner or "nobody" for row in self.pods.rows)
        return {who: count for who, count in found.most_common() if who.removeprefix("ReplicaSet/") not in own}


def _states(pods: PodsView, hashes: Collection[str]) -> dict[str, list[tuple[str, int]]]:
    """The pods of each of these revisions counted by what is wrong with them, then those on their way, then those that
    serve."""
    counts: dict[str, Counter[tuple[int, str]]] = {each: Counter() for each in hashes}
    for row in pods.rows:
        if row.revision_hash in counts:
            counts[row.revision_hash][_state(row)] += 1
    return {
        each: [(word, number) for (_, word), number in sorted(of.items(), key=lambda one: (one[0][0], -one[1]))]
        for each, of in counts.items()
    }


def _state(row: PodRow) -> tuple[int, str]:
    """A pod's state in a word, and its place among the others: what is wrong comes first."""
    if row.faulty or row.crash_reason:
        return 0, row.reason or row.crash_reason
    if row.reason:
        return 1, row.reason.lower()
    if row.deleting:
        return 3, "ending"
    return (2, "ready") if row.ready_bool else (1, "starting")


class RevisionView(Struct, frozen=True):
    """One revision, read.

    Attributes:
        by: the program that set it, from the deployment for the current one, else from the record; empty: unknown.
        rolled_out: when the record last saw it rolled out to its end, `02:00:07Z`; empty where it never did.
        template: as the deployment would hold it. Text in it is not cleaned.
    """

    number: int
    release: str
    created: datetime | None
    change_cause: str
    replica_set: str
    revision_hash: str
    current: bool
    by: str = ""
    rolled_out: str = ""
    template: Mapping[str, Any] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


def compared(old: RevisionView, new: RevisionView) -> list[Difference]:
    """What differs between two revisions, the most important first; the change-cause stands with the revision."""
    found = differences(old.template, new.template)
    wanted = [each.annotations.get(DESIRED) for each in (old, new)]
    if None not in wanted and wanted[0] != wanted[1]:
        found.append(Difference("replicas", "", "replicas when it was last scaled", *wanted))
    kept = [
        {key: value for key, value in each.annotations.items() if key not in OWN_ANNOTATIONS and key != CHANGE_CAUSE}
        for each in (old, new)
    ]
    return [*found, *between(kept[0], kept[1], "annotations")]
