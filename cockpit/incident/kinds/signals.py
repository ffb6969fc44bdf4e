"""What the signals said: thresholds, pods, rollouts, sources, and all of them at one moment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cockpit.incident.kinds.payload import Payload


class ThresholdCrossed(Payload):
    """A threshold changed state.

    Attributes:
        value: None when the reading is unknown.
        far: how far beyond its bound it is, as `2.5 × the bound`.
        crossings: of one that flaps, how often it crossed in `lasted` seconds; None for a plain crossing.
        settled: of one that flapped, that it does so no more.
    """

    kind = "threshold"
    free = ("title",)
    id: str
    title: str
    before: str = Field(alias="from", default="unknown")
    state: str = Field(alias="to")
    value: float | None = None
    unit: str = ""
    bound: str = ""
    far: str | None = None
    crossings: int | None = None
    lasted: float | None = None
    settled: bool | None = None
    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True, defer_build=True
    )


class Pods(Payload):
    """Pods of the service began to crash, or have not served for a while, or all are ready again.

    Attributes:
        detail: of those that do not serve, why, as the scheduler's words.
    """

    kind = "pods"
    free = (
        "reason",
        "release",
        "detail",
    )
    state: Literal["crashing", "unready", "recovered"]
    count: int = 0
    total: int = 0
    reason: str = ""
    revision: str = ""
    release: str = ""
    pods: tuple[str, ...] = ()
    detail: str | None = None


class Rollout(Payload):
    """A rollout of the deployment began, finished or stalled."""

    kind = "rollout"
    free = (
        "cause",
        "detail",
        "release",
    )
    state: Literal["began", "finished", "stalled"]
    deployment: str
    revision: str = ""
    release: str = ""
    cause: str = ""
    detail: str = ""


class EndpointChanged(Payload):
    """An endpoint of the service answers otherwise than before. What nobody could ask is no entry.

    Attributes:
        id: its name in the configuration; `asked` what was asked of it.
        before, state: ok, warning or failing; `before` also unknown.
        latency: seconds that its last answer took; None where it gave none.
        crossings: of one that flaps, how often it changed in `lasted` seconds; None for a plain change.
        settled: of one that flapped, that it does so no more.
    """

    kind = "endpoint"
    free = ("asked", "reason")
    id: str
    asked: str = ""
    before: str = Field(alias="from", default="unknown")
    state: Literal["ok", "warning", "failing"] = Field(alias="to")
    reason: str = ""
    latency: float | None = None
    crossings: int | None = None
    lasted: float | None = None
    settled: bool | None = None
    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True, defer_build=True
    )


class Source(Payload):
    """A source of signals was lost, or is back."""

    kind = "source"
    free = ("detail",)
    source: str
    state: Literal["lost", "back"]
    detail: str = ""


class Reading(BaseModel):
    """One signal at one moment, as a snapshot keeps it."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    id: str
    title: str
    unit: str = ""
    value: float | None = None
    state: str = "unknown"
    bound: str = ""
    reason: str = ""
    at: datetime | None = None


class Snapshot(Payload):
    """The signals and pods at a moment that the review will ask about."""

    kind = "snapshot"
    moment: Literal["declaration", "mitigation", "resolution"]
    readings: tuple[Reading, ...] = ()
    ready: int | None = None
    wanted: int | None = None
