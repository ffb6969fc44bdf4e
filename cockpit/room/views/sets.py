"""What the screens see of stateful sets and daemon sets that a service's pods belong to: how far each is, and its
revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.kube.rollouts.sets import HASH, RESOURCES
from cockpit.room.views.pods import PodsView
from cockpit.room.views.rollout import RevisionView

__all__ = ["RESOURCES", "SetView"]


@dataclass(frozen=True, slots=True)
class SetView:
    """One set.

    Attributes:
        owner: `StatefulSet/payment-db`.
        message: how far its rollout is; `done` whether that is to its end.
        revisions: the newest first; `replica_set` is the name of the ControllerRevision, and nothing here says who set
            it or whether it was healthy.
        undo: what takes it back to a revision, as a person types it, without the number.
        trouble: why nothing is known of it; then the rest is empty.
    """

    owner: str
    message: str = ""
    done: bool = False
    revisions: Sequence[RevisionView] = ()
    undo: str = ""
    trouble: str = ""

    def runs(self, revision: RevisionView, pods: PodsView) -> str:
        """How many pods have a revision, as `2 pods, 1 ready`; empty for none."""
        names = (revision.replica_set, revision.revision_hash)
        own = [row for row in pods.rows if row.owner == self.owner and row.labels.get(HASH) in names]
        ready = sum(row.ready_bool for row in own)
        noun = "pod" if len(own) == 1 else "pods"
        return f"{len(own)} {noun}, {ready} ready" if own else ""


def owners(pods: PodsView) -> list[str]:
    """The sets that the pods belong to, as `StatefulSet/payment-db`, by name."""
    found = {row.owner for row in pods.rows}
    return sorted(who for who in found if who.partition("/")[0] in RESOURCES)
