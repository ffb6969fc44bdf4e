"""What was true when: the course of everything that a cockpit shows, as the simulated world itself knows it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Pod = tuple[str, int, int, str]
"""A pod's name, ready containers, restarts and release."""


class Course(Generic[T]):
    """One thing through time; times are seconds since the epoch. Written by one thread, read by another."""

    def __init__(self, first: T) -> None:
        self._steps: list[tuple[float, T]] = [(0.0, first)]

    def set(self, value: T) -> None:
        """It is so from now on."""
        self._steps.append((time.time(), value))

    @property
    def now(self) -> T:
        """As it is."""
        return self._steps[-1][1]

    @property
    def since(self) -> float:
        """Since when it is so."""
        return self._steps[-1][0]

    def between(self, begin: float, end: float) -> list[T]:
        """Everything that was true at some moment from `begin` to `end`."""
        steps = list(self._steps)
        ends = [at for at, _ in steps[1:]] + [math.inf]
        return [value for (at, value), until in zip(steps, ends, strict=True) if at <= end and until >= begin]


@dataclass
class Truth:
    """Everything that the picture is compared with."""

    pods: dict[str, Course[Pod | None]] = field(default_factory=dict)
    """By uid; None before it was there and after it was gone."""
    wanted: Course[int] = field(default_factory=lambda: Course(0))
    """The replicas that the deployment asks for."""
    gauges: dict[str, Course[float | None]] = field(default_factory=dict)
    """What the Prometheus scrapes; None where it is no number."""
    firing: Course[frozenset[str]] = field(default_factory=lambda: Course(frozenset()))
    orders: Course[int] = field(default_factory=lambda: Course(0))
    waiting: Course[int] = field(default_factory=lambda: Course(0))
    """How many sessions wait for a lock."""
    well: Course[bool] = field(default_factory=lambda: Course(True))
    """Whether the endpoint answers as it should."""

    def observe(self, namespace: str, labels: dict[str, str]) -> Callable[[Any], None]:
        """Gives what takes in each change of a cluster's store."""

        def take(change: Any) -> None:
            found = change.record.obj
            if change.plural == "deployments":
                self.wanted.set(found["spec"]["replicas"])
            own = found["metadata"].get("labels") or {}
            if change.plural == "pods" and change.record.namespace == namespace and labels.items() <= own.items():
                course = self.pods.setdefault(change.record.uid, Course(None))
                now = None if change.type == "DELETED" else pod_of(found)
                if now != course.now:
                    course.set(now)

        return take

    def still(self) -> float:
        """Seconds since anything changed."""
        courses = [*self.pods.values(), *self.gauges.values()]
        single = (self.wanted, self.firing, self.orders, self.waiting, self.well)
        return time.time() - max(each.since for each in (*courses, *single))


def pod_of(found: dict[str, Any]) -> Pod:
    """A pod as the API server would tell of it."""
    states = found.get("status", {}).get("containerStatuses") or []
    release = found["spec"]["containers"][0]["image"].rpartition(":")[2]
    ready = sum(bool(each.get("ready")) for each in states)
    return found["metadata"]["name"], ready, sum(each.get("restartCount", 0) for each in states), release
