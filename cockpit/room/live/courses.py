"""The course of a signal through time: the readings that the board keeps, more of the past from Prometheus, and where
its query and its bounds are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.config import Bound
from cockpit.room.requests import Refusal
from cockpit.signal.prometheus.api import PrometheusApi, PrometheusError, Undefined
from cockpit.signal.readings import HISTORY
from cockpit.signal.thresholds.threshold import Sample

if TYPE_CHECKING:
    from cockpit.room.house import House
    from cockpit.room.live.live import Live

__all__ = ["HISTORY", "Course", "Courses", "Origin", "Sample"]

_TIMEOUT = 20.0
"""Seconds that a day of the past may take."""
_MOST_STEPS = 2000
_MISSING = 2.5
"""Steps without a value after which nothing is known."""


class Course(Struct, frozen=True):
    """What a signal was.

    Attributes:
        samples: oldest first; the value None where it was unknown.
        gap: seconds without a sample after which nothing is known.
    """

    samples: Sequence[Sample] = ()
    gap: float = 0.0

    def until(self, later: Course) -> Course:
        """What this one has before `later`, and the sample with which that begins."""
        if not later.samples:
            return self
        first = later.samples[0]
        before = [sample for sample in self.samples if sample.at < first.at]
        return Course([*before, first] if before else (), self.gap)

    def held(self, now: datetime) -> Course:
        """This one with its last reading as one of now, for as long as that counts."""
        last = self.samples[-1] if self.samples else None
        if last is None or last.value is None or not 0 < (now - last.at).total_seconds() <= self.gap:
            return self
        return Course([*self.samples, Sample(now, last.value)], self.gap)


class Origin(Struct, frozen=True):
    """Where a signal comes from.

    Attributes:
        query: the text that reads it; empty when it is unbound or read otherwise.
        query_at: the file and line where that is written; empty when it is nowhere.
        warning, breach: the alarming side of each, where there is one.
        bound_at: the file and line where the bounds are written.
        for_: seconds that a bound must be passed.
        clear: the good side at which an alarm is over, where that is not the bound's own.
        keep_firing_for: seconds that an alarm goes on after its bound was last passed.
        source: whose query it is, as `Prometheus main`; empty when nobody is asked.
    """

    query: str = ""
    query_at: str = ""
    warning: Bound | None = None
    breach: Bound | None = None
    bound_at: str = ""
    for_: float = 0.0
    clear: Bound | None = None
    keep_firing_for: float = 0.0
    source: str = ""


class Courses:
    """The courses of a service's signals.

    Args:
        house: the configuration, and what the runbook says of thresholds.
        live: what is watched; None before it is opened.
        clock: what time it is.
    """

    def __init__(self, house: House, live: Live | None, clock: Clock) -> None:
        self._plans = house.plans
        self._live = live
        self._clock = clock

    def kept(self, id: str) -> Course:
        """What was read within the last hour, or brought when the watch began."""
        return Course(*self._live.samples(id)) if self._live else Course()

    def has_past(self, id: str) -> bool:
        """Whether more of its past than what is kept can be asked for."""
        return bool(self._prometheus and self._query(id))

    async def past(self, id: str, begin: datetime, end: datetime, points: int) -> Course:
        """The course from `begin` to `end` in about `points` samples, as Prometheus kept it; where it had none, none.

        Raises:
            Refusal: it cannot be asked, or does not say; with what to do.
        """
        name, query = self._prometheus, self._query(id)
        if not name or not query:
            raise Refusal(f"only the last {HISTORY / 3600:g} h is kept: it is not read from a Prometheus")
        known = self._plans.config.prometheus[name]
        seconds = (end - begin).total_seconds()
        step = max(known.interval, seconds / min(points, _MOST_STEPS))
        begin -= timedelta(seconds=begin.timestamp() % step)  # the same instants whenever it is asked for
        api = await PrometheusApi.to(name, known, _TIMEOUT)
        try:
            found = await api.query_range(query, begin, end, step)
        except Undefined as error:
            raise Refusal(f"{name} gave no past: {error}") from None
        except PrometheusError as error:
            raise Refusal("; ".join(filter(None, (error.message, error.mend)))) from None
        finally:
            await api.close()
        return Course([Sample(point.at, point.value) for point in found], step * _MISSING)

    def origin(self, id: str) -> Origin:
        """Where the signal's query and bounds come from; empty for one that is nowhere written."""
        config, service = self._plans.config, self._plans.service
        of_service = self._plans.of_service
        threshold = next((each for each in self._plans.thresholds if each.id == id), None)
        if of_service is None or threshold is None:
            return Origin()
        query_at = _near(config.where("services", service, "signals", id)) if id in of_service.signals else ""
        if id in of_service.thresholds:
            bound_at = _near(config.where("services", service, "thresholds", id))
        else:
            bound_at = str(threshold.source) if threshold.warning or threshold.breach else ""
        text = threshold.query or threshold.sql or (f"pods: {threshold.pods}" if threshold.pods else "")
        source = f"Prometheus {self._prometheus}" if threshold.query and self._prometheus else ""
        if threshold.sql and of_service.postgresql:
            source = f"PostgreSQL {of_service.postgresql}"
        elif threshold.endpoint:
            text, source = f"endpoint: {threshold.endpoint}", "the service's endpoints"
        elif threshold.pods:
            source = "the service's pods"
        return Origin(
            text, query_at or (str(threshold.source) if text else ""),
            threshold.warning, threshold.breach, bound_at, threshold.for_, threshold.clear, threshold.keep_firing_for,
            source,
        )  # fmt: skip

    @property
    def _prometheus(self) -> str:
        of_service = self._plans.of_service
        return (of_service.prometheus or "") if of_service else ""

    def _query(self, id: str) -> str:
        return next((each.query or "" for each in self._plans.thresholds if each.id == id), "")


def _near(where: str) -> str:
    """`FILE:LINE` without the file's folder: there is one configuration, whose path the doctor says."""
    return where.rpartition("/")[2]
