"""A cluster whose clock is not ours: it is learned from its answers, and what it stamps is judged by our clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from simcluster import NAME, NAMESPACE, Living, living

from cockpit.clock import SystemClock
from cockpit.kube.listing import patience
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.describe import describe, events_of
from cockpit.kube.pods.detail import PodDetail, pod_detail
from cockpit.kube.pods.row import PodRow
from cockpit.kube.rollouts.rollout import read
from cockpit.kube.skew import NONE, Skew, apart
from cockpit.signal.cluster import source as source_module
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.plan import ClusterPlan

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, 2, 0, 0, 500_000, UTC)
LONG = timedelta(minutes=10)
WITHIN = timedelta(minutes=2)
"""More than a test takes, and much less than the clocks are apart."""


def second(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def stamped(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@pytest.mark.parametrize(
    ("ahead", "took", "found"),
    [
        (0.0, 0.1, 0.0),
        (0.0, 30.0, 0.0),
        (600.0, 0.1, 599.4),
        (-600.0, 0.1, -599.5),
        (-600.0, 30.0, -599.5),
        (1.0, 0.1, 0.4),
    ],
)
def test_a_date_tells_a_clock_no_further_than_its_way_allows(ahead: float, took: float, found: float) -> None:
    """Of an answer that was stamped at the start of its way and cut to whole seconds."""
    told = apart(stamped(NOW + second(ahead)), NOW, NOW + second(took))
    assert told == pytest.approx(second(found), abs=second(0.01))


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Mar 2026 02:00:00 GMT", "Sat, 14 Mar 2026 02:00:00 -0000"])
def test_a_date_that_says_nothing_changes_nothing(date: str) -> None:
    learned = Skew()
    learned.learn(stamped(NOW + LONG), NOW, NOW)
    before = learned.ahead
    learned.learn(date, NOW, NOW)
    assert learned.ahead == before > timedelta(minutes=9)


def test_what_was_learned_stays_the_same_until_it_is_contradicted() -> None:
    """Else each answer would move every time a little, and every row would count as changed."""
    learned = Skew()
    seen = set()
    for moment in range(0, 4000, 130):
        sent = NOW + timedelta(milliseconds=moment)
        learned.learn(stamped(sent + LONG), sent, sent + second(0.05))
        seen.add(learned.ahead)
    assert len(seen) == 1
    learned.learn(stamped(NOW), NOW, NOW + second(0.05))
    assert learned.ahead == NONE, "somebody set the clocks"
    learned.learn(stamped(NOW + second(1)), NOW, NOW + second(0.05))
    assert learned.ahead == NONE, "a second is nothing"


def test_a_clock_of_our_own_that_went_back_on_the_way_proves_nothing() -> None:
    learned = Skew()
    learned.learn(stamped(NOW), NOW, NOW - LONG)
    assert learned.ahead == NONE


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits a hundredth as long."""
    monkeypatch.setattr(source_module, "_TICK", 0.05)
    monkeypatch.setattr(patience, "FIRST_BACKOFF", 0.02)
    monkeypatch.setattr(patience, "BETWEEN_CLOCKS", 0.0)


@asynccontextmanager
async def watching(alive: Living) -> AsyncIterator[ClusterSource]:
    plan = ClusterPlan("prod-eu", alive.folder / "kubeconfig", NAMESPACE, f"app={NAME}", NAME)
    source = ClusterSource(plan, SystemClock(), lambda _: None)
    running = asyncio.create_task(source.run())
    try:
        await eventually(lambda: source.freshness("pods").state == "live")
        yield source
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def near(at: datetime | None) -> bool:
    return at is not None and abs(datetime.now(UTC) - at) < WITHIN


@pytest.mark.parametrize("skew", [600.0, -600.0])
async def test_a_starting_pod_has_its_grace_and_a_lasting_one_no_more(tmp_path: Path, skew: float) -> None:
    """As they come, its times make it a fault at once where the cluster is behind, and hide one where it is ahead."""
    async with living(tmp_path) as alive, watching(alive) as source:
        alive.cluster.trouble.skew = skew
        alive.cluster.trouble.cut_watches()
        alive.release("1.4.2-slow")
        row = await eventually(lambda: next((each for each in rows(source) if each.later and each.started), None))
        assert (row.faulty, row.crashing) == (False, False)
        assert near(row.created), "its age"
        assert near(row.started)
        assert near(row.later.at), "when it should have become ready"
        assert row.as_at(datetime.now(UTC) + WITHIN).reason == "NotReady"
        since = row.as_at(datetime.now(UTC) + WITHIN).since
        assert near(since)
        assert f"{since:%H:%M:%SZ}" in row.later.fault.why, "in words by our clock, as the timeline"
        side = "ahead of" if skew > 0 else "behind"
        fresh = await eventually(lambda: told if (told := source.freshness("pods")).detail else None)
        assert fresh.state == "live"
        assert fresh.detail.startswith(("its clock is 600 s", "its clock is 599 s"))
        assert fresh.detail.endswith(f"{side} ours; its times are moved to ours")
        assert "timedatectl" in fresh.mend


@pytest.mark.parametrize("skew", [600.0, -600.0])
async def test_restarts_are_of_late_by_our_clock(tmp_path: Path, skew: float) -> None:
    async with living(tmp_path) as alive, watching(alive) as source:
        alive.cluster.trouble.skew = skew
        alive.cluster.trouble.cut_watches()
        alive.release("1.4.2-crash")
        row = await eventually(lambda: next((each for each in rows(source) if each.restarts > 1), None))
        assert near(row.last_restart)
        assert row.restarts_lately == row.restarts


async def test_clocks_that_are_set_are_noticed_and_all_is_read_anew(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        alive.cluster.trouble.skew = 600.0
        async with watching(alive) as source:
            await eventually(lambda: source.freshness("pods").detail)
            moved = {row.uid: row.created for row in rows(source)}
            alive.cluster.trouble.skew = 0.0
            alive.cluster.trouble.cut_watches()
            await eventually(lambda: not source.freshness("pods").detail)
            await eventually(lambda: all(row.created > moved[row.uid] + LONG - WITHIN for row in rows(source)))


@pytest.mark.parametrize("skew", [600.0, -600.0])
async def test_what_is_read_once_has_its_ages_by_our_clock_too(tmp_path: Path, skew: float) -> None:
    """The pod's page, its description, its events, the revisions."""
    async with living(tmp_path) as alive:
        alive.cluster.trouble.skew = skew
        alive.release("1.4.2-crash")
        crashed = await eventually(lambda: next((each for each in alive.pods() if restarted(each)), None))
        name = crashed["metadata"]["name"]
        answer = await alive.access.call("GET", resource_path("v1", "pods", NAMESPACE, name))
        detail = pod_detail(answer.body, alive.access.ahead)
        assert near(detail.row.created)
        assert all(near(each.since) for each in detail.conditions())
        ages = [*container_words(detail), *await describe(alive.access, NAMESPACE, name, SystemClock())]
        assert not [line for line in ages if "10m" in line or "9m" in line], "nothing here is ten minutes old"
        events = await events_of(alive.access, NAMESPACE, name)
        assert events
        assert all(near(event.at) for event in events)
        newest = (await read(alive.access, NAMESPACE, NAME)).revisions[0]
        assert near(newest.created)


def rows(source: ClusterSource) -> list[PodRow]:
    return list(source.pods.values())


def restarted(pod: Any) -> bool:
    return any(each["restartCount"] for each in pod["status"].get("containerStatuses", ()))


def container_words(detail: PodDetail) -> list[str]:
    found = detail.containers(datetime.now(UTC))
    return [words for each in found for words in (each.state, each.before)]
