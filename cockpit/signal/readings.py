"""Readings of signals: the course of each, bounded, and what one round of asking brought."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from cockpit.signal.counters import Counter
from cockpit.signal.plan import SignalPlan
from cockpit.signal.thresholds.threshold import NOT_READ, Normal, Sample

HISTORY = 3600.0
"""Seconds of the past that are kept."""
STALE_AFTER = 3
"""Intervals after which the last reading no longer counts."""


class SignalReading(Struct, frozen=True):
    """One signal as it stands.

    Attributes:
        value: the last reading, None when it is unknown, and then `reason` says why.
        at: when it was read.
        samples: the last hour, oldest first, as it was read.
        warnings: what the source remarked on a reading that counts all the same.
    """

    id: str
    title: str
    unit: str
    value: float | None
    at: datetime | None
    samples: tuple[Sample, ...]
    reason: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def history(self) -> tuple[float | None, ...]:
        """The values of the samples; None where it was unknown."""
        return tuple(sample.value for sample in self.samples)


class Track:
    """What is known of one signal: its samples, bounded, and whether the last one still counts."""

    def __init__(self, plan: SignalPlan, points: int) -> None:
        self.plan = plan
        self._counter = Counter(plan.increase) if plan.increase else None
        self.samples: deque[Sample] = deque(maxlen=points)
        self.reason = NOT_READ
        self.warnings: tuple[str, ...] = ()
        self.missing_from: datetime | None = datetime.min.replace(tzinfo=UTC)
        """From when on the past should be asked for, where the source can tell it; None when it is known."""
        self._kept: tuple[Sample, ...] | None = None
        self._known: Sample | None = None
        """The last sample with a value; through a long outage nobody looks for it in all of the past."""

    def begin(self, past: Sequence[Sample]) -> None:
        """Put what was asked of the past where it belongs, in place of what was read meanwhile; it may be nothing."""
        self.missing_from = None
        if past:
            first, last = past[0].at, past[-1].at
            before = [sample for sample in self.samples if sample.at < first]
            since = [sample for sample in self.samples if sample.at > last]
            self.samples = deque([*before, *past, *since], self.samples.maxlen)
            self._known = next((sample for sample in reversed(self.samples) if sample.value is not None), None)
            self._kept = None

    def take(self, sample: Sample, warnings: tuple[str, ...] = ()) -> Sample:
        """Take in a reading, or that there is none and why; `warnings` is what the source remarked on it.

        Gives the sample that counts: of a counter, by how much it grew.
        """
        counts = self._counter.take(sample) if self._counter else sample
        self.samples.append(counts)
        if counts.value is not None:
            self._known = counts
        self.reason = counts.reason
        self.warnings = (*warnings, counts.floor) if counts.floor else warnings
        self._kept = None
        return counts

    def normal(self, now: datetime) -> Normal | None:
        """What is normal by what was read here; None where nobody wants to know."""
        how = self.plan.baseline
        if how is None:
            return None
        end = now - timedelta(seconds=how.offset)
        begin = end - timedelta(seconds=how.over)
        values = [each.value for each in self.samples if begin <= each.at <= end and each.value is not None]
        if not values or self.samples[0].at > begin + (end - begin) / 2:
            return Normal(None, "it has not been watched for so long")
        return Normal(math.fsum(values) / len(values))

    def reading(self, now: datetime, gap: float) -> SignalReading:
        """The signal as it stands; a reading that is older than `gap` seconds is unknown."""
        known = self._known
        if known and known.at < self.samples[0].at:
            known = None  # it is so long ago that it is not kept
        at = known.at if known else None
        reason = self.reason
        if at and not reason and (age := (now - at).total_seconds()) > gap:
            reason = f"no reading for {age:.0f} s"
        value = known.value if known and not reason else None
        plan = self.plan
        if self._kept is None:  # a screen asks many times between two samples
            self._kept = tuple(self.samples)
        return SignalReading(plan.id, plan.title, plan.unit, value, at, self._kept, reason, self.warnings)


class Round(Struct, frozen=True):
    """What one round brought, by signal: newly learned pasts (oldest first), then the samples of now, and what has
    become known to be normal."""

    pasts: Mapping[str, Sequence[Sample]]
    samples: Mapping[str, Sample]
    normals: Mapping[str, Normal] = field(default_factory=dict)


def normals(tracks: Iterable[Track], now: datetime) -> dict[str, Normal]:
    """What is normal for the signals of a source that keeps no past but its own readings."""
    return {track.plan.id: normal for track in tracks if (normal := track.normal(now))}
