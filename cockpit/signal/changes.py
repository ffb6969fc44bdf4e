"""What the board reports: only what changes state, never every sample."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.signal.foreign.change import ForeignChange
from cockpit.signal.notice import Notice
from cockpit.signal.thresholds.threshold import State


class ThresholdChanged(Struct, frozen=True):
    """A threshold went from one state to another.

    To `unknown` only when a source that answers gave no value for more than three intervals; a source that does not
    answer is a SourceLost instead. `at` is when the new state began, `bound` the one that was crossed, as `> 5`, `far`
    how far beyond it the reading is.

    Attributes:
        crossings: of a threshold that flaps, how often it has crossed in `lasted` seconds; 0 for a plain crossing.
        settled: whether it flapped and does so no more; `before` is then the worst that was told.
    """

    id: str
    title: str
    before: State
    after: State
    value: float | None
    bound: str
    unit: str
    at: datetime
    reason: str = ""
    far: str = ""
    crossings: int = 0
    lasted: float = 0.0
    settled: bool = False


class PodCrashing(Struct, frozen=True):
    """Pods of one revision do not stay up. Told once, and again only when the reason or the revision changes, or when
    they have become twice as many, or all.

    Attributes:
        pods: their names, at most ten.
        count: how many crash, of `total` of the service.
        reason: Kubernetes' word: CrashLoopBackOff, OOMKilled, ImagePullBackOff, …
        revision_hash: `pod-template-hash` of the revision; `revision` its number, 0 when unknown.
        release: its image's tag.
        restarts: the most that one of them has restarted.
        at: when it began, or was first seen; `at_least`: it was so then, and had begun before.
        seen: until when that was seen to be so.
    """

    pods: tuple[str, ...]
    count: int
    total: int
    reason: str
    exit_code: int | None
    revision_hash: str
    revision: int
    release: str
    restarts: int
    at: datetime
    seen: datetime
    at_least: bool = False


class PodsUnready(Struct, frozen=True):
    """Pods of one revision do not serve, for a while, for one reason: they cannot be scheduled, do not start, are not
    ready, or their node is lost. Told once for each revision and reason, and again as a PodCrashing is.

    Attributes:
        pods, count, total, revision_hash, revision, release: as of a PodCrashing.
        reason: as of a pod's row: Unschedulable, NotReady, NodeLost, ContainerCreating, …
        why: the same in a sentence of one of them, as the scheduler's.
        at: since when the first of them is so, by Kubernetes' own word where there is one.
        seen: as of a PodCrashing.
    """

    pods: tuple[str, ...]
    count: int
    total: int
    reason: str
    why: str
    revision_hash: str
    revision: int
    release: str
    at: datetime
    seen: datetime


class PodsRecovered(Struct, frozen=True):
    """After a PodCrashing or PodsUnready: none crashes, and all that are wanted are ready."""

    ready: int
    total: int
    at: datetime


class RolloutBegan(Struct, frozen=True):
    """A deployment began to roll out a new revision; `changed_by` is the program that set the template, `changed` what
    is different in it."""

    deployment: str
    revision: int
    release: str
    change_cause: str
    changed_by: str
    at: datetime
    changed: str = ""


class RolloutFinished(Struct, frozen=True):
    """The revision is rolled out, as `kubectl rollout status` decides it."""

    deployment: str
    revision: int
    release: str
    change_cause: str
    at: datetime


class RolloutStalled(Struct, frozen=True):
    """The revision exceeded its progress deadline."""

    deployment: str
    revision: int
    release: str
    change_cause: str
    detail: str
    at: datetime


class EndpointChanged(Struct, frozen=True):
    """An endpoint went from one state to another: ok, warning or failing; `before` also unknown, at the start.

    What nobody can ask is no change: the source through which it is asked speaks for itself.

    Attributes:
        crossings, lasted, settled: of one that flaps, as of a ThresholdChanged.
    """

    id: str
    asked: str
    before: str
    after: str
    reason: str
    latency: float | None
    at: datetime
    crossings: int = 0
    lasted: float = 0.0
    settled: bool = False


class SourceLost(Struct, frozen=True):
    """A source has given nothing for longer than a blip; `at` is when it was last known good, or asked in vain."""

    source: str
    detail: str
    at: datetime


class SourceBack(Struct, frozen=True):
    """A source that was lost is live again."""

    source: str
    at: datetime


class AlertsChanged(Struct, frozen=True):
    """Another set of the service's alerts fires in an Alertmanager.

    Attributes:
        source: the Alertmanager's name.
        firing: all that fire and tell somebody, the loudest first.
        listed: the fingerprints of all that it lists, silenced ones too: what is not among them is over.
        seen: the fingerprints of those that fired when it was looked at before.
        again: the fingerprints of those that fire and were not listed when it was looked at before: an Alertmanager
            that starts anew knows no alert until a Prometheus tells it.
    """

    source: str
    firing: tuple[Notice, ...]
    listed: frozenset[str]
    seen: frozenset[str]
    at: datetime
    again: frozenset[str] = frozenset()


Change = (
    ForeignChange
    | ThresholdChanged
    | PodCrashing
    | PodsUnready
    | PodsRecovered
    | RolloutBegan
    | RolloutFinished
    | RolloutStalled
    | SourceLost
    | SourceBack
    | EndpointChanged
    | AlertsChanged
)
