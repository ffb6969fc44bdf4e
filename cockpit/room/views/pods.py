"""What the screens see of the pods: the rows, which of them changed since when, their counts, and what they use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from cockpit.kube.pods.restarts import LATELY
from cockpit.kube.pods.row import PodRow
from cockpit.kube.pods.table import Tally
from cockpit.kube.pods.usage import Usage
from cockpit.kube.rows import DeploymentRow, ReplicaSetRow
from cockpit.room.views.source import SourceView


def _unknown(_: int) -> None:
    """Which rows changed, where nobody keeps count."""


class PodsView(Struct, frozen=True):
    """The service's pods, and the deployment behind them.

    Attributes:
        rows: the pods, in no order.
        by_uid: the same by uid, as they are now and not when the view was made. Do not keep it.
        version: grows with each row that changes, comes or goes.
        changed_since: gives the uids of the rows that changed, came or went after a version; None: all may have.
        usage: what the pods use that was measured within the last minute, by name.
        usage_source: how fresh that is; `off` where the cluster measures nothing.
    """

    source: SourceView
    rows: Sequence[PodRow] = ()
    deployment: DeploymentRow | None = None
    revisions: Sequence[ReplicaSetRow] = ()
    by_uid: Mapping[str, PodRow] = field(default_factory=dict)
    version: int = 0
    changed_since: Callable[[int], Collection[str] | None] = _unknown
    usage: Mapping[str, Usage] = field(default_factory=dict)
    usage_source: SourceView | None = None
    tally: Tally | None = None
    """The counts of `rows`; worked out when they are asked for where nobody keeps them."""

    @property
    def counted(self) -> Tally:
        """The pods counted."""
        return self.tally or Tally.of(self.rows)

    @property
    def ready(self) -> int:
        """How many pods serve."""
        return self.counted.ready

    @property
    def wanted(self) -> int:
        """How many pods there should be: what the deployment wants, else all that neither end nor have ended."""
        return self.deployment.wanted if self.deployment else self.counted.staying

    @property
    def crashing(self) -> dict[str, int]:
        """How many pods do not stay up, by reason."""
        return dict(self.counted.crashing)

    @property
    def faults(self) -> dict[str, int]:
        """How many pods have something wrong, by reason: those that crash and those that do not."""
        return dict(self.counted.faults)

    @property
    def numbers(self) -> dict[str, int]:
        """The revisions' numbers by `pod-template-hash`."""
        return {each.revision_hash: each.revision for each in self.revisions}

    def restarted(self, now: datetime) -> dict[str, int]:
        """How many pods run again that ended within the last ten minutes before `now`, by what they ended by."""
        counts: dict[str, int] = {}
        for row in self.rows:
            if row.last_restart and not row.crashing and not row.deleting and now - row.last_restart <= LATELY:
                counts[row.last_end] = counts.get(row.last_end, 0) + 1
        return counts
