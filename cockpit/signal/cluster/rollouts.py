"""A deployment's rows folded into what a timeline says: a rollout began, finished, stalled."""

from __future__ import annotations

from datetime import datetime

from cockpit.kube.managers import Setter, newly
from cockpit.kube.rollouts.rollout import status
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.changes import Change, RolloutBegan, RolloutFinished, RolloutStalled
from cockpit.signal.cluster.released import released


class Rollouts:
    """Remembers which revision was seen, and what has been told of it."""

    def __init__(self) -> None:
        self._uid = ""
        self._revision = 0
        self._rolling = False
        self._stalled = False
        self._template = b""
        """The pod template of the revision that was seen, and who had set it."""
        self._setter = Setter()

    def step(self, row: DeploymentRow, now: datetime) -> list[Change]:
        """What is new in `row`.

        Of a rollout that was under way when the deployment was first seen, only its end is told: when it began is not
        known. A revision that goes down is an undo that the controller has not numbered yet.
        """
        changes: list[Change] = []
        if row.uid != self._uid:
            self._uid, self._revision, self._stalled = row.uid, row.revision, False
            self._rolling = row.updated < row.wanted or row.replicas > row.updated
            self._template, self._setter = row.detail.template, row.detail.released
        elif row.revision > self._revision:
            self._revision, self._rolling, self._stalled = row.revision, True, False
            changed, self._template = released(self._template, row.detail.template), row.detail.template
            setter, self._setter = newly(self._setter, row.detail.released), row.detail.released
            changes.append(
                RolloutBegan(row.name, row.revision, row.image, row.change_cause, setter.name, now, changed)
            )  # fmt: skip
        if row.revision < self._revision:
            return changes
        found = status(row)
        if found.state == "stalled" and not self._stalled:
            self._stalled = self._rolling = True
            changes.append(
                RolloutStalled(row.name, row.revision, row.image, row.change_cause, found.message, now)
            )  # fmt: skip
        if found.state == "complete" and self._rolling:
            self._rolling = self._stalled = False
            changes.append(RolloutFinished(row.name, row.revision, row.image, row.change_cause, now))
        return changes
