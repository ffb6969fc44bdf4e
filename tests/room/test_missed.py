"""What became well while no cockpit watched is told when one comes back, once, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from screen.staged import DEPLOYMENT, PODS, pod, source

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.kube.pods.fault import NOT_READY
from cockpit.room.facts.missed import Missed, Seen
from cockpit.room.house import House
from cockpit.room.requests import Facts, Start
from cockpit.room.views.rollout import RolloutView
from cockpit.room.views.signals import PodsView, SignalView
from tests.conftest import eventually
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio

WELL = tuple(pod(f"5dc9b45b44-{n}", "1.4.1") for n in range(5))
DONE = replace(DEPLOYMENT, revision=44, image="1.4.1", replicas=5, ready=5, updated=5, available=5)
AMISS: tuple[kinds.Payload, ...] = (
    kinds.ThresholdCrossed(id="errors", title="Errors", state="breach", value=12, unit="percent", bound="> 5"),
    kinds.ThresholdCrossed(id="p95", title="p95", state="warning", crossings=5, lasted=60, bound="> 1"),
    kinds.Pods(state="crashing", count=3, total=5, reason="CrashLoopBackOff"),
    kinds.Rollout(state="began", deployment="payment-service", revision="44", release="1.4.1"),
)


class Watch:
    """What a cockpit sees, as the test sets it."""

    def __init__(self) -> None:
        self.state = "ok"
        self.since: datetime | None = None
        self.pending = False
        self.pods = PodsView(source("pods", "k8s"), WELL, DONE)
        self.watches = True

    def __call__(self) -> Seen | None:
        signals = [
            SignalView(id, id, "percent", 0.2, self.state, "> 5", since=self.since, pending=self.pending)
            for id in ("errors", "p95", "new")
        ]
        rollout = RolloutView(source("pods", "k8s"), self.pods)
        return Seen(signals, self.pods, rollout, None) if self.watches else None


async def record(house: House, *payloads: kinds.Payload) -> None:
    await house.room.perform(Facts(lambda _: [(each, None) for each in payloads], actor="cockpit"))


def told(house: House) -> Sequence[tuple[str, str]]:
    """The kinds and states of what the program has told since what was amiss."""
    entries = [entry for entry in house.room.timeline.entries if entry.actor == "cockpit"]
    after = sorted(entries, key=lambda entry: entry.recorded)[len(AMISS) :]
    return [(entry.kind, str(entry.payload.get("to") or entry.payload.get("state"))) for entry in after]


async def look(house: House, clock: ManualClock, watch: Watch, seconds: float = 30.0) -> None:
    """A cockpit that came back looks for a while."""
    task = asyncio.create_task(Missed(house.room, clock, watch, lambda: 1.0).write())
    try:
        for _ in range(int(seconds)):
            await asyncio.sleep(0.002)
            clock.advance(1)
        await asyncio.sleep(0.05)
    finally:
        task.cancel()


async def test_what_recovered_meanwhile_is_told_once(tmp_path: Path) -> None:
    clock, watch = ManualClock(START), Watch()
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("x", "p1"))
        await record(house, *AMISS)
        clock.advance(120)
        watch.since = clock.now() - timedelta(seconds=60)
        rows = (*WELL[:4], replace(WELL[4], started=clock.now() - timedelta(seconds=75)))
        watch.pods = PodsView(source("pods", "k8s"), rows, DONE)
        await look(house, clock, watch)
        await eventually(lambda: len(told(house)) == 3)
        assert sorted(told(house)) == [("pods", "recovered"), ("rollout", "finished"), ("threshold", "ok")]
        crossed, fact = house.room.state.thresholds["errors"]
        assert (crossed.before, crossed.state, crossed.bound, fact.at) == ("breach", "ok", "> 5", watch.since)
        assert house.room.state.pods is not None
        assert house.room.state.pods[1].at == rows[4].started, "the last that started, not when somebody looked"
        assert house.room.state.thresholds["p95"][0].crossings == 5, "who folded it may still be there"
        clock.advance(900)
        await look(house, clock, watch)
        await eventually(lambda: house.room.state.thresholds["p95"][0].settled)
        assert len(told(house)) == 4


async def test_pods_that_only_did_not_serve_are_told_to_be_well_too(tmp_path: Path) -> None:
    clock, watch = ManualClock(START), Watch()
    async with opened(tmp_path, clock=clock) as house:
        await record(house, kinds.Pods(state="unready", count=2, total=5, reason="NotReady"))
        clock.advance(120)
        waiting = replace(WELL[4], ready_condition=False, reason="NotReady", gravity=NOT_READY)
        watch.pods = PodsView(source("pods", "k8s"), (*WELL, waiting), DONE)
        await look(house, clock, watch)
        assert house.room.state.unready, "one still does not serve"
        watch.pods = PodsView(source("pods", "k8s"), WELL, DONE)
        await look(house, clock, watch)
        await eventually(lambda: not house.room.state.unready)
        assert house.room.state.pods is not None
        assert house.room.state.pods[0].state == "recovered"


async def test_what_is_still_amiss_or_not_known_is_left_as_it_is(tmp_path: Path) -> None:
    clock, watch = ManualClock(START), Watch()
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("x", "p1"))
        await record(house, *AMISS)
        clock.advance(1200)
        watch.state = "unknown"
        watch.pods = PodsView(source("pods", "k8s"), PODS, DEPLOYMENT)
        await look(house, clock, watch)
        watch.pods = PodsView(source("pods", "k8s", "stale"), WELL, DONE)
        await look(house, clock, watch)
        watch.state, watch.pending = "ok", True  # past its bound, and not yet for long enough to say so again
        await look(house, clock, watch)
        watch.watches, watch.pending = False, False
        watch.pods = PodsView(source("pods", "k8s"), WELL, DONE)
        await look(house, clock, watch)
        assert told(house) == []


async def test_what_happens_while_somebody_watches_is_told_by_the_sources(tmp_path: Path) -> None:
    clock, watch = ManualClock(START), Watch()
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("x", "p1"))
        task = asyncio.create_task(Missed(house.room, clock, watch, lambda: 0.0).write())
        await eventually(lambda: _ticked(clock, 6))
        await record(house, *AMISS)
        for _ in range(30):
            await asyncio.sleep(0.002)
            clock.advance(1)
        task.cancel()
        assert told(house) == []


def _ticked(clock: ManualClock, seconds: float) -> bool:
    clock.advance(0.5)
    return clock.now() - START > timedelta(seconds=seconds)
