"""Signals that the pods give: restarts of late, crashing ones, those that serve; and thresholds on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.config import Bound, Earlier
from cockpit.kube.pods.row import PodRow, Restarted
from cockpit.kube.pods.table import PodTable
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.cluster.podsignals import PodSignals
from cockpit.signal.counters import Counter
from cockpit.signal.freshness import Freshness, SourceState
from cockpit.signal.plan import SignalPlan
from cockpit.signal.readings import Round
from cockpit.signal.thresholds.crossings import Crossings
from cockpit.signal.thresholds.threshold import Rule, Sample

pytestmark = pytest.mark.anyio
START = datetime(2026, 11, 21, 2, tzinfo=UTC)
PLANS = tuple(
    SignalPlan(id, id, unit, id)
    for id, unit in (("restarts", "count"), ("crashing", "count"), ("ready-percent", "percent"))
)


def pod(name: str, restarts: int = 0, *, age: float = 86400.0, last: float | None = None, **more: object) -> PodRow:
    """A pod that was made `age` seconds before the start and last restarted `last` seconds before it."""
    ended = None if last is None else START - timedelta(seconds=last)
    row = PodRow(name, f"{name}-0", "production", "Running", restarts=restarts, ready_condition=True,
                 created=START - timedelta(seconds=age), containers=1,
                 restarted=(Restarted("app", restarts, ended),) if restarts else ())  # fmt: skip
    return msgspec.structs.replace(row, **more)


class Watched:
    """A cluster's pods, set by a test."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.table = PodTable(clock)
        self.deployment: DeploymentRow | None = None
        self.state: SourceState = "live"

    def freshness(self, _: str) -> Freshness:
        return Freshness(self.state, START, START, "" if self.state == "live" else "gone")


class Reader:
    """The source, read when a test says so."""

    def __init__(self, *plans: SignalPlan) -> None:
        self.clock = ManualClock(START)
        self.pods = Watched(self.clock)
        self.rounds: list[Round] = []
        self.source = PodSignals(plans or PLANS, self.pods, self.clock, self.rounds.append)

    async def read(self) -> dict[str, tuple[float | None, str]]:
        running = self.source.run()
        running.send(None)  # as far as its first sleep
        running.close()
        return {reading.id: (reading.value, reading.reason) for reading in self.source.readings()}


async def test_what_the_pods_give() -> None:
    reader = Reader()
    for each in (
        pod("a"),
        pod("b", 4, age=300.0, last=20.0),
        pod("c", crash_reason="OOMKilled", ready_condition=False),
    ):
        reader.pods.table.put(each)
    assert await reader.read() == {
        "restarts": (4.0, ""), "crashing": (1.0, ""), "ready-percent": (pytest.approx(100 * 2 / 3), ""),
    }  # fmt: skip
    reader.pods.deployment = DeploymentRow("d", "d", "production", wanted=4)
    assert (await reader.read())["ready-percent"] == (50.0, "")
    reader.pods.deployment = DeploymentRow("d", "d", "production", wanted=0)
    assert (await reader.read())["ready-percent"] == (None, "no pod is wanted")


async def test_jobs_that_are_done_and_what_was_evicted_need_not_serve() -> None:
    reader = Reader()
    reader.pods.table.put(pod("serves"))
    for name in ("done", "evicted"):
        reader.pods.table.put(pod(name, ready_condition=False, ended=True))
    assert (await reader.read())["ready-percent"] == (100.0, "")
    reader.pods.table.drop("serves")
    assert (await reader.read())["ready-percent"] == (None, "no pod is wanted")


async def test_pods_that_are_not_current_say_nothing() -> None:
    reader = Reader()
    reader.pods.table.put(pod("a"))
    await reader.read()
    reader.pods.state = "stale"
    assert set((await reader.read()).values()) == {(None, "the pods are stale: gone")}
    assert reader.source.freshness().state == "stale"


RULE = Rule("restarts", "Pod restarts", "count", None, Bound.model_validate("> 3"))


async def test_restarts_that_nobody_watched_are_not_well() -> None:
    reader = Reader()
    crossings = Crossings([RULE], {"restarts": reader.source.gap})
    reader.pods.table.put(pod("old", 40, last=60.0))

    async def state() -> tuple[str, str]:
        await reader.read()
        crossings.take(reader.rounds[-1])
        [shown] = crossings.shown({})
        return shown.state, shown.reason

    assert (await state()) == ("unknown", "at least so many: nobody has watched for ten minutes yet")
    assert reader.source.readings()[0].warnings
    for second in range(4):
        reader.clock.advance(10)
        at = reader.clock.now() - START - timedelta(seconds=5)
        reader.pods.table.put(pod("old", 41 + second, last=-at.total_seconds()))
    assert (await state())[0] == "breach"  # five that were seen are more than three, whatever was before
    reader.clock.advance(700)
    reader.pods.table.step()
    assert (await state())[0] == "ok"


def test_a_counter_grows_within_its_window_and_begins_anew() -> None:
    counter, values = Counter(60.0), []
    for second, value in ((0, 100.0), (30, 103.0), (60, 104.0), (90, 2.0), (120, 2.0), (150, 2.0)):
        values.append(counter.take(Sample(START + timedelta(seconds=second), value)))
    assert [sample.value for sample in values] == [0.0, 3.0, 4.0, 3.0, 2.0, 0.0]
    assert values[1].floor == "at least so many: watched for 30 s of 1 min"
    assert not values[2].floor
    assert counter.take(Sample(START, None, "gone")).reason == "gone"


@given(st.lists(st.tuples(st.floats(0, 5), st.booleans()), min_size=2, max_size=60))
def test_a_counter_never_shrinks_and_begins_anew_at_nothing(steps: list[tuple[float, bool]]) -> None:
    counter, count, grew, last = Counter(1000.0), 0.0, 0.0, 0.0
    for second, (grown, anew) in enumerate(steps):
        before, count = count, grown if anew else count + grown
        if second:  # what it was at the first sight is no growth
            grew += count - before if count >= before else count
        grown_now = counter.take(Sample(START + timedelta(seconds=second), count)).value or 0.0
        assert grown_now >= last
        last = grown_now
    assert last == pytest.approx(grew)


async def test_what_is_normal_comes_from_its_own_readings() -> None:
    reader = Reader(SignalPlan("crashing", "crashing", "count", "crashing", Earlier(offset=10.0, over=10.0)))
    await reader.read()
    assert reader.rounds[-1].normals["crashing"].reason == "it has not been watched for so long"
    for _ in range(12):
        reader.clock.advance(2)
        await reader.read()
    assert reader.rounds[-1].normals["crashing"].value == 0.0
