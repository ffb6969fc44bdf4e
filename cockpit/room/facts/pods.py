"""What becomes of pods, as entries: that they crash, do not serve, are many more, or are all well again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cockpit.incident import kinds
from cockpit.incident.fact import Fact
from cockpit.incident.state import State
from cockpit.incident.times import time_of_day
from cockpit.signal.changes import PodCrashing, PodsRecovered, PodsUnready
from cockpit.signal.cluster.extent import WORSE_FOR, Extent

Said = tuple[kinds.Pods, Fact]
_SOON = timedelta(seconds=WORSE_FOR)
"""So soon after the record's word two cockpits that began to look at different times may count differently."""


def pods_told(
    change: PodCrashing | PodsUnready | PodsRecovered, state: State
) -> Sequence[tuple[kinds.Payload, datetime | None]]:
    """The payload of `change` and when it occurred, unless the record says so already."""
    said = state.pods
    if isinstance(change, PodsRecovered):
        well = (said is None or said[0].state == "recovered") and not state.unready
        return () if well else ((kinds.Pods(state="recovered", count=change.ready, total=change.total), change.at),)
    if isinstance(change, PodCrashing):
        same = said if said and said[0].state == "crashing" and said[0].reason == change.reason else None
    else:
        same = state.unready.get(change.reason)
    known = same if same and same[0].revision == str(change.revision or "") else None
    if known and not _is_worse(change, known):
        return ()
    at = change.seen if known else _since(change, state)
    return ((_payload(change, at), at),)


def _payload(change: PodCrashing | PodsUnready, at: datetime) -> kinds.Pods:
    if isinstance(change, PodsUnready):
        state, detail = "unready", change.why
    else:
        state, detail = "crashing", f"at least since {time_of_day(at)}Z" if change.at_least and at == change.at else ""
    return kinds.Pods.model_validate({
        "state": state, "count": change.count, "total": change.total, "reason": change.reason,
        "revision": str(change.revision or ""), "release": change.release, "pods": change.pods,
        "detail": detail or None,
    })  # fmt: skip


def _is_worse(change: PodCrashing | PodsUnready, known: Said) -> bool:
    said, fact = known
    worse = Extent(change.count, change.total).is_worse(Extent(said.count, said.total))
    return worse and change.seen - fact.at >= _SOON


def _since(change: PodCrashing | PodsUnready, state: State) -> datetime:
    """When it began: not before all was said to be well."""
    said = state.pods
    return max(change.at, said[1].at) if said and said[0].state == "recovered" else change.at
