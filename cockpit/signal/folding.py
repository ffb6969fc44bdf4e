"""What a board knows now, folded into changes of state subject by subject, so that a defect in one spares the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from cockpit.signal.alertmanager.firings import Firings
from cockpit.signal.changes import Change
from cockpit.signal.cluster.crashes import Crashes
from cockpit.signal.cluster.rollouts import Rollouts
from cockpit.signal.freshness import Freshness
from cockpit.signal.losses import Loss
from cockpit.signal.source import Part
from cockpit.signal.sources import Sources
from cockpit.signal.thresholds.crossings import Crossings

Fold = Callable[[datetime], Iterable[Change]]


class Folds:
    """Remembers of each subject what was told. What is not current says nothing about the cluster.

    Args:
        crossings: the thresholds, which take in readings by themselves.
        parts: of the board.
        freshness: how current a part is.
    """

    def __init__(
        self, sources: Sources, crossings: Crossings, parts: Mapping[str, Part],
        freshness: Callable[[str], Freshness],
    ) -> None:  # fmt: skip
        self._sources = sources
        self._crossings = crossings
        self._parts = parts
        self._freshness = freshness
        self._crashes, self._rollouts = Crashes(), Rollouts()
        self._firings = Firings(sources.alerts.plan.name) if sources.alerts else None
        self._losses = {part: Loss(known.lost, known.grace) for part, known in parts.items() if known.lost}

    @property
    def subjects(self) -> Mapping[str, Fold]:
        """What can be told of each subject at an instant, in the order in which it is told."""
        return {
            "rollouts": self._of_rollouts, "pods": self._of_pods, "sources that are lost": self._of_losses,
            "thresholds": self._of_thresholds, "alerts": self._of_alerts,
        }  # fmt: skip

    def _is_live(self, part: str) -> bool:
        return self._freshness(part).state == "live"

    def _of_rollouts(self, now: datetime) -> Iterable[Change]:
        cluster, foreign = self._sources.cluster, self._sources.foreign
        if cluster is not None and cluster.lacks_deployment:
            return foreign.gone(now) if foreign else ()
        if cluster is None or cluster.deployment is None or not self._is_live("rollout"):
            return ()
        others = foreign.step(cluster.deployment, now) if foreign else ()
        return [*self._rollouts.step(cluster.deployment, now), *others]

    def _of_pods(self, now: datetime) -> Iterable[Change]:
        cluster = self._sources.cluster
        if cluster is None or not self._is_live("pods"):
            return ()
        current = cluster.deployment if self._is_live("rollout") else None
        numbers = {row.revision_hash: row.revision for row in cluster.revisions}
        return self._crashes.step(cluster.pods.values(), current.wanted if current else None, numbers, now)

    def _of_losses(self, now: datetime) -> Iterable[Change]:
        told: list[Change] = []
        for part, loss in self._losses.items():
            told += loss.step(self._freshness(part), now, explained=self._is_explained(part))
        return told

    def _is_explained(self, part: str) -> bool:
        """Whether what a part stands on is lost itself, so that one outage is told once."""
        under = self._parts[part].under
        return bool(under) and not self._is_live(under)

    def _of_thresholds(self, now: datetime) -> Iterable[Change]:
        return [*self._crossings.silent(self._living(), now), *self._crossings.settled(now)]

    def _living(self) -> dict[str, datetime]:
        """The signals whose source answers, with since when it does."""
        fresh = {part: self._freshness(part) for part in set(self._sources.reads.values())}
        return {id: fresh[part].since for id, part in self._sources.reads.items() if fresh[part].state == "live"}

    def _of_alerts(self, now: datetime) -> Iterable[Change]:
        alerts = self._sources.alerts
        if alerts is None or self._firings is None or not self._is_live("alerts"):
            return ()
        return self._firings.step(alerts.alerts, now)
