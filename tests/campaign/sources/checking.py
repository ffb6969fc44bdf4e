"""Looks whether a picture is the truth: all that is in it must have been so at a moment no older than it says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.room.views.database import DatabaseView
from cockpit.room.views.endpoints import EndpointsView
from cockpit.room.views.signals import AlertsView, PodsView, SignalView, SourceView
from tests.campaign.sources.truth import Truth

BOUND = 10.0
"""The bound of every gauge's threshold, past which it is in breach."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds by which a picture may be behind what it says, at the waits that the round is flown with.

    Attributes:
        watched: until a watch is found to be dead.
        asked: that an answer may take on its way.
        silent: after which what has not been answered may not be called live.
        back: until everything is live again after its wire is whole.
    """

    watched: float
    asked: float
    silent: float
    back: float


@dataclass(frozen=True)
class Picture:
    """What a cockpit shows at one moment."""

    at: float
    pods: PodsView
    signals: Sequence[SignalView]
    sources: Mapping[str, SourceView]
    alerts: AlertsView | None = None
    database: DatabaseView | None = None
    endpoints: EndpointsView | None = None
    screen: str = ""


@dataclass
class Wires:
    """Which wires are faulty, and since when the others are whole."""

    faulty: set[str] = field(default_factory=set)
    mended: dict[str, float] = field(default_factory=dict)

    def whole_since(self, name: str, begin: float) -> float | None:
        """Since when it is whole; None while it is not."""
        return None if name in self.faulty else self.mended.get(name, begin)


PARTS = {"pods": "kube", "rollout": "kube", "prometheus": "prom", "alertmanager": "alerts", "postgresql": "database",
         "endpoints": "endpoint"}  # fmt: skip
"""The sources by their names, and the wire that each is behind."""


def check(picture: Picture, truth: Truth, wires: Wires, begin: float, patience: Patience) -> list[str]:
    """What of a picture is not the truth, nor marked as unknown or old; empty when all is as it should be.

    Args:
        begin: since when the cockpit looks, in seconds since the epoch.
    """
    return [
        *_pods(picture, truth, begin, patience),
        *_signals(picture, truth, patience),
        *_alerts(picture, truth, begin, patience),
        *_database(picture, truth, begin, patience),
        *_endpoint(picture, truth, wires, begin, patience),
        *_sources(picture, wires, begin, patience),
        *_screen(picture),
    ]


def _seconds(at: datetime | None, begin: float) -> float:
    return begin if at is None else at.timestamp()


def _pods(picture: Picture, truth: Truth, begin: float, patience: Patience) -> Iterator[str]:
    view = picture.pods
    since = _seconds(view.source.as_of, begin) - patience.watched
    rows = {row.uid: (row.name, row.ready_count, row.restarts, row.image) for row in view.rows}
    for uid, row in rows.items():
        course = truth.pods.get(uid)
        were = course.between(since, picture.at) if course else []
        if row not in were:
            yield f"pods: {row} was not so since {since - picture.at:.1f} s, but {were}; {view.source.state}"
    if view.source.as_of is not None:
        for uid, course in list(truth.pods.items()):
            if uid not in rows and None not in course.between(since, picture.at):
                yield f"pods: {course.now} is missing; {view.source.state}"
    wanted = view.deployment.wanted if view.deployment else None
    rollout = picture.sources.get("rollout", view.source)
    if wanted is not None:
        asked = truth.wanted.between(_seconds(rollout.as_of, begin) - patience.watched, picture.at)
        if wanted not in asked:
            yield f"rollout: {wanted} wanted, which was never so: {asked}; {rollout.state}"


def _signals(picture: Picture, truth: Truth, patience: Patience) -> Iterator[str]:
    courses = {**truth.gauges, "orders": truth.orders}
    for view in picture.signals:
        if view.value is None:
            if view.state not in ("unknown", "none") or not view.reason:
                yield f"{view.id}: no value, and yet {view.state}, because {view.reason!r}"
            continue
        at = view.at.timestamp() if view.at else 0.0
        if picture.at - at > patience.silent:
            yield f"{view.id}: {view.value} is {picture.at - at:.1f} s old and counts"
        were = courses[view.id].between(at - patience.asked, at + 0.5)
        if view.value not in were:
            yield f"{view.id}: {view.value} was not so at {picture.at - at:.1f} s ago, but {were}"
        if view.id in truth.gauges and view.state != ("breach" if view.value > BOUND else "ok"):
            yield f"{view.id}: {view.value} is called {view.state}"


def _aged(name: str, source: SourceView, picture: Picture, begin: float, patience: Patience) -> Iterator[str]:
    age = picture.at - _seconds(source.as_of, begin)
    if source.trusted and age > patience.silent:
        yield f"{name}: live, and {age:.1f} s old"


def _alerts(picture: Picture, truth: Truth, begin: float, patience: Patience) -> Iterator[str]:
    view = picture.alerts
    if view is None or view.source.as_of is None:
        return
    yield from _aged("alerts", view.source, picture, begin, patience)
    at = _seconds(view.source.as_of, begin)
    shown = frozenset(each.name for each in view.rows)
    were = truth.firing.between(at - patience.asked, at + 0.5)
    if shown not in were:
        yield f"alerts: {sorted(shown)} were not those that fire, but {list(map(sorted, were))}; {view.source.state}"


def _database(picture: Picture, truth: Truth, begin: float, patience: Patience) -> Iterator[str]:
    view = picture.database
    if view is None or view.sessions is None:
        return
    yield from _aged("database", view.source, picture, begin, patience)
    at = _seconds(view.source.as_of, begin)
    were = truth.waiting.between(at - patience.asked, at + 0.5)
    if view.sessions.waiting not in were:
        yield f"database: {view.sessions.waiting} wait for a lock, which was never so: {were}; {view.source.state}"


def _endpoint(picture: Picture, truth: Truth, wires: Wires, begin: float, patience: Patience) -> Iterator[str]:
    for row in picture.endpoints.rows if picture.endpoints else ():
        if row.last is None:
            continue
        at = row.last.at.timestamp()
        were = truth.well.between(at - patience.asked, at + 0.5)
        whole = wires.whole_since("endpoint", begin)
        if row.state == "ok" and picture.at - at > patience.silent:
            yield f"{row.id}: ok, and last asked {picture.at - at:.1f} s ago"
        if row.state == "ok" and True not in were:
            yield f"{row.id}: ok, and was not"
        if row.state == "failing" and False not in were and whole is not None and whole < at - patience.back:
            yield f"{row.id}: failing, and was well: {row.reason}"


def _sources(picture: Picture, wires: Wires, begin: float, patience: Patience) -> Iterator[str]:
    """What nothing is wrong with is live, whatever happens to the others; and says why when it is not."""
    for name, wire in PARTS.items():
        source, whole = picture.sources.get(name), wires.whole_since(wire, begin)
        if source is None:
            continue  # nothing is open yet
        if whole is not None and picture.at - whole > patience.back and not source.trusted:
            yield f"{name}: {source.state}, {picture.at - whole:.1f} s after its wire was whole: {source.detail}"
        if source.state not in ("live", "loading", "off") and not source.detail:
            yield f"{name}: {source.state}, and nothing says why"


def _screen(picture: Picture) -> Iterator[str]:
    """Pods that may be old are not painted without a word about it."""
    source = picture.pods.source
    if picture.screen and not source.trusted and picture.at - source.since.timestamp() > 2.0:
        words = (source.state, "as of", "loading", "no answer")
        if not any(word in picture.screen for word in words):
            yield f"the screen shows pods, which are {source.state}, as if they were current:\n{picture.screen}"


def equal(picture: Picture, truth: Truth) -> list[str]:
    """What of a picture is not yet the truth of now, once nothing is wrong and nothing changes any more."""
    rows = {row.uid: (row.name, row.ready_count, row.restarts, row.image) for row in picture.pods.rows}
    there = {uid: course.now for uid, course in list(truth.pods.items()) if course.now is not None}
    values = {view.id: view.value for view in picture.signals}
    firing = frozenset(each.name for each in picture.alerts.rows) if picture.alerts else None
    sessions = picture.database.sessions if picture.database else None
    [endpoint] = [row.state for row in picture.endpoints.rows] if picture.endpoints else [""]
    pairs = {
        "pods": (rows, there),
        "replicas": (picture.pods.deployment and picture.pods.deployment.wanted, truth.wanted.now),
        "signals": (values, {**{id: each.now for id, each in truth.gauges.items()}, "orders": truth.orders.now}),
        "alerts": (firing, truth.firing.now),
        "database": (sessions and sessions.waiting, truth.waiting.now),
        "endpoint": (endpoint, "ok" if truth.well.now else "failing"),
    }
    wrong = [f"{name}: shown {shown}, true {true}" for name, (shown, true) in pairs.items() if shown != true]
    return wrong + [f"{name}: {each.state} {each.detail}" for name, each in picture.sources.items() if not each.trusted]


def now() -> float:
    """Seconds since the epoch, as `Truth` counts."""
    return time.time()
