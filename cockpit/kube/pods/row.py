"""One pod as a slim frozen row, made from its raw JSON; all text in it is cleaned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

import msgspec

from cockpit.kube.managers import utc
from cockpit.kube.pods import resources
from cockpit.kube.pods import status as podstatus
from cockpit.kube.pods.fault import FAULT, LOST, WELL, Later, Verdict, judged
from cockpit.kube.rowparts import HASH, key_of, tag
from cockpit.kube.shapes import NO_STATE, ContainerStatus, Named, Pod
from cockpit.kube.skew import NONE, ours
from cockpit.text import clean

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
NO_LABELS: Mapping[str, str] = MappingProxyType({})

# No reference cycles are possible in rows, so the collector need not look at them: 5,000 stop nothing.


class Restarted(msgspec.Struct, frozen=True, gc=False):
    """A container that has restarted: how often in all, and when its last life ended, where that is known."""

    container: str
    count: int
    last: datetime | None


class PodRow(msgspec.Struct, frozen=True, gc=False):
    """One pod as the pods pane shows it."""

    uid: str
    name: str
    namespace: str
    status: str
    """What kubectl's STATUS column says; `Unreadable` when the server sent what is not a pod."""
    ready_count: int = 0
    containers: int = 0
    restarts: int = 0
    last_restart: datetime | None = None
    last_end: str = ""
    """What the life before that restart ended by, in Kubernetes' words: OOMKilled, Error, Completed, …"""
    created: datetime | None = None
    started: datetime | None = None
    """When the youngest of its running containers started."""
    node: str = ""
    ip: str = ""
    revision_hash: str = ""
    """The label `pod-template-hash`: which replica set's template it was made from."""
    image: str = ""
    """The tag (or short digest) of its default container's image."""
    owner: str = ""
    deleting: bool = False
    ended: bool = False
    """Whether it has done its work, or failed for good, and is never started again."""
    crash_reason: str = ""
    """Empty, or why it does not stay up: CrashLoopBackOff, OOMKilled, ImagePullBackOff, …"""
    exit_code: int | None = None
    ready_condition: bool = False
    reason: str = ""
    """Empty, or what is wrong with it in one word: a crash's reason, Unschedulable, Terminating (it should have ended),
    Evicted, NotReady, NodeLost, …; a pod that is on its way (starting, ending) has none, but for one that runs again
    since a moment (Restarted)."""
    why: str = ""
    """The same in a sentence: the exit code, the kubelet's, the scheduler's or the program's own words."""
    gravity: int = WELL
    """How grave that is, one of `fault`'s numbers: the greater, the graver."""
    since: datetime | None = None
    """Since when it is so by Kubernetes' own word (aware UTC), where it says so: of what is not ready, not scheduled,
    or on a lost node; of what is in a crash loop, when that had begun at the latest."""
    later: Later | None = None
    """What its state turns into when it lasts; a `PodTable` sees to it, else `as_at` does."""
    restarts_lately: int | None = None
    """Restarts within the last ten minutes; None where nobody has watched (only a `PodTable` does)."""
    lately_at_least: bool = False
    """Whether there may have been more of them than are known, because nobody watched then."""
    restarted: tuple[Restarted, ...] = ()
    cpu_request: float | None = None
    """Cores that are set aside for it; None for none."""
    cpu_limit: float | None = None
    """Cores that it may use; None where it has no limit as a whole."""
    memory_request: int | None = None
    """Bytes."""
    memory_limit: int | None = None
    """Bytes."""
    labels: Mapping[str, str] = NO_LABELS
    partial: bool = False
    """Whether it is only what the server prints in a table, until the pod itself is read."""

    @property
    def ready(self) -> str:
        """kubectl's READY column, as `0/1`."""
        return f"{self.ready_count}/{self.containers}"

    @property
    def crashing(self) -> bool:
        """Whether it does not stay up."""
        return self.crash_reason != ""

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with it; what is only on its way is not."""
        return self.gravity >= FAULT

    @property
    def grave(self) -> bool:
        """Whether it does not run at all: lost, not to be started, or not staying up."""
        return self.gravity >= LOST

    @property
    def stays(self) -> bool:
        """Whether it is one that should serve: neither being deleted nor at its end."""
        return not (self.deleting or self.ended)

    @property
    def ready_bool(self) -> bool:
        """Whether it serves: its Ready condition holds and it is not being deleted."""
        return self.ready_condition and not self.deleting

    def as_at(self, now: datetime) -> PodRow:
        """The row with what is wrong as of `now` (aware UTC): what has lasted too long has become a fault."""
        if self.later is None or self.later.at > now:
            return self
        fault = self.later.fault
        return msgspec.structs.replace(
            self, reason=fault.reason, why=fault.why, gravity=fault.gravity, since=fault.since, later=None
        )


_POD = msgspec.json.Decoder(Pod)
_NAMED = msgspec.json.Decoder(Named)


def pod_row(raw: bytes, ahead: timedelta = NONE) -> PodRow:
    """The row of a pod. One that is not as the API promises gets the status `Unreadable`.

    Args:
        ahead: how far the cluster's clock is ahead of ours, which the row's times are of.

    Raises:
        msgspec.DecodeError: not even its name can be read.
    """
    try:
        pod = ours(_POD.decode(raw), ahead)
        return _of(pod, judged(pod))
    # times at the end of the calendar overflow
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError, RecursionError) as error:
        meta = _NAMED.decode(raw).metadata
        why = clean(f"the server sent what is not a pod: {error}")[:300]
        return PodRow(
            key_of(meta), clean(meta.name), clean(meta.namespace), "Unreadable",
            reason="Unreadable", why=why, gravity=FAULT,
        )  # fmt: skip


def _of(pod: Pod, verdict: Verdict) -> PodRow:
    meta, labels = pod.metadata, pod.metadata.labels or {}
    seen, crash, fault = podstatus.seen(pod), verdict.crash, verdict.fault
    requested, limited = resources.requested(pod), resources.limited(pod)
    owner = next((owner for owner in meta.owner_references or () if owner.controller), None)
    return PodRow(
        uid=key_of(meta),
        name=clean(meta.name),
        namespace=clean(meta.namespace),
        status=clean(seen.status) or "Unknown",
        ready_count=seen.ready,
        containers=seen.containers,
        restarts=seen.restarts,
        last_restart=utc(seen.last_restart),
        last_end=clean(seen.last_end),
        created=utc(meta.creation_timestamp),
        started=_started(pod),
        node=clean(pod.spec.node_name),
        ip=clean(pod.status.pod_ip),
        revision_hash=clean(labels.get(HASH, "")),
        image=tag(_default_image(pod)),
        owner=clean(f"{owner.kind}/{owner.name}") if owner else "",
        deleting=meta.deletion_timestamp is not None,
        ended=pod.status.phase in ("Succeeded", "Failed"),
        crash_reason=crash.reason if crash else "",
        exit_code=crash.exit_code if crash else None,
        ready_condition=any(c.type == "Ready" and c.status == "True" for c in pod.status.conditions or ()),
        reason=fault.reason,
        why=fault.why,
        gravity=fault.gravity,
        since=fault.since,
        later=verdict.later,
        restarted=_restarted(seen.counted),
        cpu_request=requested.cpu,
        cpu_limit=limited.cpu,
        memory_request=requested.memory,
        memory_limit=limited.memory,
        labels=_labels(tuple(labels.items())) if labels else NO_LABELS,
    )


def _started(pod: Pod) -> datetime | None:
    states = [(container.state or NO_STATE).running for container in pod.status.container_statuses or ()]
    return utc(max((state.started_at for state in states if state and state.started_at), default=None))


def _restarted(counted: Iterable[ContainerStatus]) -> tuple[Restarted, ...]:
    """Those of the containers that kubectl counts which have restarted, each with its last end."""
    found = []
    for status in counted:
        if status.restart_count > 0:
            end = (status.last_state or NO_STATE).terminated
            found.append(Restarted(clean(status.name), status.restart_count, utc(end.finished_at) if end else None))
    return tuple(found)


def _default_image(pod: Pod) -> str:
    """The image of the container that the pod calls its default, else of its first."""
    containers = pod.spec.containers or ()
    wanted = (pod.metadata.annotations or {}).get(DEFAULT_CONTAINER)
    named = [container.image for container in containers if container.name == wanted]
    return (named or [container.image for container in containers] or [""])[0]


@lru_cache(maxsize=4096)
def _labels(given: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Labels, cleaned; the pods of a replica set share theirs."""
    return MappingProxyType({clean(key): clean(value) for key, value in given})
