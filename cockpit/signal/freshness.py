"""How current what a source said is: loading, live, stale, forbidden … are different things."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from cockpit.kube.errors import KubeError

SourceState = Literal["loading", "live", "stale", "forbidden", "unreachable", "unauthorized", "error", "off"]


_SKEWED = 5.0
"""Seconds of difference between two clocks that are told."""


class Freshness(Struct, frozen=True):
    """The state of one source.

    Attributes:
        state: `stale` means that there is older data and no new; `unreachable` and `error` that there never was any;
            `forbidden` and `unauthorized` say so whether there is older data (`as_of`) or not; `off` that nothing
            is configured.
        since: when this state began.
        as_of: when the data was last known to be true; None when there is none.
        detail: what is wrong, cleaned; empty when nothing is.
        mend: what to do about it.
        took: seconds that its last answer took; None where that says nothing, as of a watch that opened at once.
    """

    state: SourceState
    since: datetime
    as_of: datetime | None = None
    detail: str = ""
    mend: str = ""
    took: float | None = None

    def age(self, now: datetime) -> float | None:
        """Seconds since the data was last known to be true; None when there is none."""
        return None if self.as_of is None else max(0.0, (now - self.as_of).total_seconds())

    def became(
        self, state: SourceState, now: datetime, as_of: datetime | None, detail: str = "", mend: str = "",
        took: float | None = None,
    ) -> Freshness:  # fmt: skip
        """This source in `state`, keeping `since` when that is no change."""
        since = self.since if state == self.state else now
        return Freshness(state, since, as_of, detail, mend, took)


def of_clock(skew: float) -> tuple[str, str]:
    """What is said of a source's clock that is `skew` seconds ahead of ours, and what to do; nothing of a small one."""
    if abs(skew) <= _SKEWED:
        return "", ""
    return (
        f"its clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} ours; its times are moved to ours",
        "look at the time service on both, as with `timedatectl`",
    )


def of_kube(error: KubeError, has_data: bool) -> SourceState:
    """The state of a Kubernetes source that failed with `error`."""
    if error.kind in ("unauthorized", "forbidden"):
        return "unauthorized" if error.kind == "unauthorized" else "forbidden"
    if has_data:
        return "stale"
    if error.kind == "slow":
        return "loading"
    return "unreachable" if error.kind == "unreachable" else "error"
