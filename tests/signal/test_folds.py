"""What a timeline is told of crashes, rollouts and lost sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from cockpit.kube.managers import Setter
from cockpit.kube.pods.fault import LOST, NOT_READY, WAITING
from cockpit.kube.pods.row import PodRow
from cockpit.kube.rollouts.deployed import DeploymentDetail
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.alertmanager.firing import Alert
from cockpit.signal.alertmanager.firings import Firings
from cockpit.signal.changes import (
    Change,
    PodCrashing,
    PodsRecovered,
    PodsUnready,
    RolloutBegan,
    RolloutFinished,
    RolloutStalled,
    SourceBack,
    SourceLost,
)
from cockpit.signal.cluster.crashes import GATHER, Crashes
from cockpit.signal.cluster.rollouts import Rollouts
from cockpit.signal.freshness import Freshness
from cockpit.signal.losses import Loss

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def pod(name: str, reason: str = "", *, revision: str = "bad", **more: object) -> PodRow:
    row = PodRow(name, name, "production", reason or "Running", revision_hash=revision, image="1.4.2",
                 crash_reason=reason, ready_condition=not reason, restarts=5 if reason else 0)  # fmt: skip
    return msgspec.structs.replace(row, **more)


def test_many_restarts_of_many_pods_are_one_change() -> None:
    crashes = Crashes()
    good = [pod("a", revision="good"), pod("b", revision="good")]
    bad = [pod(name, "CrashLoopBackOff", exit_code=1) for name in "xyz"]
    assert crashes.step([*good, bad[0]], 3, {"bad": 43}, NOW) == []
    [change] = crashes.step([*good, *bad], 3, {"bad": 43}, later(GATHER))
    assert change == PodCrashing(
        ("x", "y", "z"), 3, 5, "CrashLoopBackOff", 1, "bad", 43, "1.4.2", 5, NOW, later(GATHER)
    )  # fmt: skip
    restarted = [msgspec.structs.replace(row, restarts=9) for row in bad]
    assert crashes.step([*good, *restarted], 3, {}, later(60)) == []


def told(crashes: Crashes, *pods: PodRow, wanted: int | None = 1, at: float = 0) -> list[Change]:
    """What is told of pods that stay so for as long as crashes are gathered."""
    return [*crashes.step(pods, wanted, {}, later(at)), *crashes.step(pods, wanted, {}, later(at + GATHER))]


def test_a_loop_that_began_before_it_was_seen_is_told_with_when_it_had_begun_at_the_latest() -> None:
    crashes = Crashes()
    old = [pod("x", "CrashLoopBackOff", since=later(-300)), pod("y", "CrashLoopBackOff", since=later(-40))]
    [change] = told(crashes, *old, pod("z", "CrashLoopBackOff"))
    assert isinstance(change, PodCrashing)
    assert (change.at, change.at_least, change.seen) == (later(-300), True, later(GATHER))
    more = [pod(f"n{number}", "CrashLoopBackOff", since=later(-300)) for number in range(9)]
    assert crashes.step([*old, *more], 1, {}, later(60)) == []
    [worse] = crashes.step([*old, *more], 1, {}, later(120))
    assert isinstance(worse, PodCrashing)
    assert (worse.at, worse.at_least) == (later(120), False), "when it became worse is another matter"


def test_a_loop_that_is_seen_as_it_begins_began_when_it_was_seen() -> None:
    [change] = told(Crashes(), pod("x", "CrashLoopBackOff", since=later(-12)))
    assert isinstance(change, PodCrashing)
    assert (change.at, change.at_least) == (NOW, False)


def test_another_reason_or_revision_is_news_and_an_old_one_is_not() -> None:
    crashes = Crashes()
    assert len(told(crashes, pod("x", "CrashLoopBackOff"))) == 1
    [killed] = told(crashes, pod("x", "CrashLoopBackOff"), pod("y", "OOMKilled"))
    assert isinstance(killed, PodCrashing)
    assert (killed.reason, killed.count) == ("OOMKilled", 2)
    assert told(crashes, pod("x", "CrashLoopBackOff")) == []
    assert len(told(crashes, pod("x", "CrashLoopBackOff", revision="other"))) == 1


def test_a_crash_that_is_over_before_it_was_told_is_none() -> None:
    crashes = Crashes()
    assert crashes.step([pod("x", "CrashLoopBackOff")], 1, {}, NOW) == []
    assert crashes.step([pod("x")], 1, {}, later(1)) == []
    assert crashes.step([pod("x", "CrashLoopBackOff")], 1, {}, later(GATHER)) == []


def test_recovery_needs_all_that_are_wanted_ready_and_steady() -> None:
    crashes = Crashes()
    told(crashes, pod("x", "CrashLoopBackOff"), wanted=2)
    assert crashes.step([pod("a")], 2, {}, NOW) == []
    waiting = pod("b", ready_condition=False)
    assert crashes.step([pod("a"), waiting], 2, {}, NOW) == []
    restarted = pod("b", restarts=3, last_restart=later(-5), started=later(-4))
    assert crashes.step([pod("a"), restarted], 2, {}, NOW) == []
    assert crashes.step([pod("a"), restarted], 2, {}, later(30)) == [PodsRecovered(2, 2, later(30))]
    assert crashes.step([pod("a"), restarted], 2, {}, later(31)) == []
    assert len(told(crashes, pod("x", "CrashLoopBackOff"), wanted=2, at=40)) == 1


def stuck(name: str, reason: str, gravity: int, **more: object) -> PodRow:
    row = pod(name, ready_condition=False, **more)  # type: ignore[arg-type]
    return msgspec.structs.replace(row, reason=reason, gravity=gravity, why="0/3 nodes are available")


def test_five_thousand_pods_that_are_not_ready_are_one_change_after_five_minutes() -> None:
    crashes = Crashes()
    rows = [stuck(f"p{number:04}", "NotReady", NOT_READY) for number in range(5000)]
    assert crashes.step(rows, 5000, {"bad": 43}, NOW) == []
    assert crashes.step(rows, 5000, {"bad": 43}, later(299)) == []
    [change] = crashes.step(rows, 5000, {"bad": 43}, later(300))
    assert isinstance(change, PodsUnready)
    assert (change.count, change.total, change.reason, change.revision, change.at) == (5000, 5000, "NotReady", 43, NOW)
    assert change.pods == tuple(f"p{number:04}" for number in range(10))
    assert crashes.step(rows[:4000], 5000, {"bad": 43}, later(900)) == [], "told once"
    well = [pod(row.name) for row in rows]
    assert crashes.step(well, 5000, {}, later(1000)) == [PodsRecovered(5000, 5000, later(1000))]


def test_pods_that_cannot_be_scheduled_are_told_sooner_with_the_schedulers_words() -> None:
    crashes = Crashes()
    rows = [pod("a"), stuck("x", "Unschedulable", WAITING)]
    assert crashes.step(rows, 2, {}, NOW) == []
    [change] = crashes.step(rows, 2, {}, later(30))
    assert isinstance(change, PodsUnready)
    assert (change.count, change.total, change.why) == (1, 2, "0/3 nodes are available")


def test_pods_that_get_ready_one_after_the_other_are_a_rollout_and_no_news() -> None:
    crashes = Crashes()
    for number in range(20):
        assert crashes.step([stuck(f"p{number}", "NotReady", NOT_READY)], 1, {}, later(60 * number)) == []


def test_what_has_lasted_for_long_by_kubernetes_own_word_is_told_at_once() -> None:
    crashes = Crashes()
    rows = [stuck("x", "NotReady", NOT_READY, since=later(-3600)), stuck("y", "NotReady", NOT_READY, since=later(-900))]
    [change] = crashes.step([pod("a"), *rows], 3, {"bad": 43}, NOW)
    assert isinstance(change, PodsUnready)
    assert (change.count, change.at, change.seen) == (2, later(-3600), NOW)
    assert crashes.step([pod("a"), *rows], 3, {"bad": 43}, later(600)) == []
    back = msgspec.structs.replace(rows[0], since=later(500))
    assert Crashes().step([back], 1, {}, later(600)) == [], "it was ready for a moment"
    ahead = stuck("z", "NotReady", NOT_READY, since=later(60))
    assert Crashes().step([ahead], 1, {}, NOW) == [], "a cluster's clock may be ahead of ours"


def test_pods_that_become_twice_as_many_or_all_are_told_again_when_it_lasts() -> None:
    crashes = Crashes()
    names = [f"p{number}" for number in range(8)]

    def step(crashing: int, at: float, reason: str = "CrashLoopBackOff") -> list[tuple[int, datetime]]:
        rows = [pod(name, reason if number < crashing else "") for number, name in enumerate(names)]
        changes = crashes.step(rows, 8, {"bad": 43}, later(at))
        return [(each.count, each.at) for each in changes if isinstance(each, PodCrashing)]

    step(1, 0)
    assert step(1, GATHER) == [(1, NOW)]
    assert step(2, 10) == []
    assert step(3, 39) == []
    assert step(3, 40) == [(3, later(40))], "as many as they are by then"
    assert step(5, 50) == step(5, 100) == [], "not twice as many"
    assert step(6, 110) == step(5, 130) == step(6, 145) == [], "not for long enough"
    assert step(6, 175) == [(6, later(175))]
    assert step(8, 180) == []
    assert step(8, 210) == [(8, later(210))], "all of them"
    assert step(3, 220) == step(8, 230) == step(8, 300) == [], "nothing that was not told"


def test_pods_that_do_not_serve_are_told_again_when_they_are_many_more() -> None:
    crashes = Crashes()
    some = [stuck(f"p{number}", "Unschedulable", WAITING, since=later(-60)) for number in range(6)]
    assert len(crashes.step(some[:1], 6, {}, NOW)) == 1
    assert crashes.step(some[:4], 6, {}, later(10)) == []
    [change] = crashes.step(some[:4], 6, {}, later(40))
    assert isinstance(change, PodsUnready)
    assert (change.count, change.at) == (4, later(40))


def test_all_is_not_well_while_a_pod_beyond_those_wanted_cannot_be_placed() -> None:
    crashes = Crashes()
    rows = [pod("a"), pod("b"), stuck("x", "Unschedulable", WAITING, since=later(-60))]
    assert [type(change) for change in crashes.step(rows, 2, {}, NOW)] == [PodsUnready]
    assert crashes.step(rows, 2, {}, later(1)) == []
    leaving = msgspec.structs.replace(rows[2], deleting=True)
    assert crashes.step([*rows[:2], leaving], 2, {}, later(2)) == [PodsRecovered(2, 2, later(2))]
    assert crashes.step([*rows[:2], leaving], 2, {}, later(3)) == []


def test_another_reason_or_revision_of_pods_that_do_not_serve_is_news() -> None:
    crashes = Crashes()
    first = stuck("x", "Unschedulable", WAITING)
    crashes.step([first], 3, {}, NOW)
    assert len(crashes.step([first], 3, {}, later(30))) == 1
    rows = [first, stuck("y", "NodeLost", LOST), stuck("z", "Unschedulable", WAITING, revision="other")]
    crashes.step(rows, 3, {}, later(40))
    changes = crashes.step(rows, 3, {}, later(70))
    told = {(each.reason, each.revision_hash) for each in changes if isinstance(each, PodsUnready)}
    assert told == {("NodeLost", "bad"), ("Unschedulable", "other")}


def test_no_pods_at_all_is_no_recovery() -> None:
    crashes = Crashes()
    told(crashes, pod("x", "CrashLoopBackOff"), wanted=None)
    assert crashes.step([], None, {}, NOW) == []
    assert crashes.step([pod("a", deleting=True)], None, {}, NOW) == []
    assert crashes.step([pod("a")], None, {}, NOW) == [PodsRecovered(1, 1, NOW)]


def deployment(**more: object) -> DeploymentRow:
    row = DeploymentRow("u", "pay", "production", generation=1, observed_generation=1, revision=42, image="1.4.1",
                        wanted=3, replicas=3, updated=3, ready=3, available=3)  # fmt: skip
    return msgspec.structs.replace(row, **more)


SET = DeploymentDetail(released=Setter("kubectl-set", NOW))
BAD = {"revision": 43, "image": "1.4.2", "change_cause": "release 1.4.2", "detail": SET}


def test_a_rollout_begins_stalls_and_an_undo_finishes() -> None:
    rollouts = Rollouts()
    assert rollouts.step(deployment(), NOW) == []
    new = deployment(**BAD, generation=2)
    assert rollouts.step(new, NOW) == [RolloutBegan("pay", 43, "1.4.2", "release 1.4.2", "kubectl-set", NOW)]
    going = msgspec.structs.replace(new, observed_generation=2, updated=1, replicas=4)
    assert rollouts.step(going, NOW) == []
    late = msgspec.structs.replace(going, progressing_reason="ProgressDeadlineExceeded")
    [stalled] = rollouts.step(late, NOW)
    assert isinstance(stalled, RolloutStalled)
    assert (stalled.revision, stalled.release) == (43, "1.4.2")
    assert rollouts.step(late, NOW) == []
    assert rollouts.step(deployment(revision=42, generation=3), NOW) == []  # the annotations of an undo
    undone = deployment(revision=44, generation=3, observed_generation=3, updated=2)
    assert [type(change) for change in rollouts.step(undone, NOW)] == [RolloutBegan]
    done = msgspec.structs.replace(undone, updated=3)
    assert rollouts.step(done, NOW) == [RolloutFinished("pay", 44, "1.4.1", "", NOW)]
    assert rollouts.step(done, NOW) == []


def test_scaling_and_pods_that_come_and_go_are_no_rollout() -> None:
    rollouts = Rollouts()
    rollouts.step(deployment(), NOW)
    for row in (
        deployment(available=1),
        deployment(wanted=5),
        deployment(wanted=5, updated=5, replicas=5),
        deployment(),
    ):
        assert rollouts.step(row, NOW) == []


def test_of_a_rollout_under_way_at_the_start_only_the_end_is_told() -> None:
    rollouts = Rollouts()
    assert rollouts.step(deployment(updated=1, replicas=4), NOW) == []
    assert [type(change) for change in rollouts.step(deployment(), NOW)] == [RolloutFinished]
    assert rollouts.step(deployment(uid="another", revision=1), NOW) == []


def test_a_blip_is_no_loss_and_a_loss_is_told_once() -> None:
    loss = Loss("Kubernetes prod-eu", 30)
    live = Freshness("live", NOW, NOW)
    gone = Freshness("stale", later(1), NOW, "refused")
    assert loss.step(live, NOW) == []
    assert loss.step(gone, later(10)) == []
    assert loss.step(Freshness("live", NOW, later(12)), later(12)) == []
    assert loss.step(gone, later(41)) == []
    assert loss.step(gone, later(42)) == [SourceLost("Kubernetes prod-eu", "refused", NOW)]
    assert loss.step(gone, later(99)) == []
    assert loss.step(Freshness("live", NOW, later(100)), later(100)) == [SourceBack("Kubernetes prod-eu", later(100))]


def test_a_source_that_comes_and_goes_is_lost_until_it_stays() -> None:
    """Down for 40 s and up for 20 s, an hour long: three entries say it, and one that it stays."""
    loss, told = Loss("Kubernetes prod-eu", 30), []
    for second in range(3600 + 400):
        up = second % 60 < 20 or second >= 3600
        fresh = Freshness("live", NOW, later(second)) if up else Freshness("stale", NOW, NOW, "refused")
        told += loss.step(fresh, later(second))
    often = "refused · 3 times in 10 min; back when it has been so for 5 min"
    assert [each.detail if isinstance(each, SourceLost) else "back" for each in told] == [
        "refused", "back", "refused", "back", often, "back",
    ]  # fmt: skip
    assert told[-1] == SourceBack("Kubernetes prod-eu", later(3600)), "since when, not when it was sure"


def test_a_source_that_never_came_is_lost_too_and_one_that_is_off_is_not() -> None:
    loss = Loss("Prometheus main", 45)
    never = Freshness("unreachable", NOW, None, "refused")
    assert loss.step(never, NOW) == []
    assert loss.step(never, later(45)) == [SourceLost("Prometheus main", "refused", NOW)]
    assert Loss("x", 0).step(Freshness("off", NOW), later(99)) == []


def test_what_explains_a_loss_does_not_bring_it_back() -> None:
    loss = Loss("metrics of pods", 30)
    gone = Freshness("stale", later(1), NOW, "refused")
    loss.step(Freshness("live", NOW, NOW), NOW)
    assert [type(each) for each in loss.step(gone, later(40))] == [SourceLost]
    assert loss.step(gone, later(50), explained=True) == []
    assert loss.step(gone, later(60)) == []
    assert loss.step(Freshness("live", NOW, later(70)), later(70)) == [SourceBack("metrics of pods", later(70))]
    assert loss.step(gone, later(99), explained=True) == []
    assert loss.step(gone, later(128)) == []
    assert [type(each) for each in loss.step(gone, later(130))] == [SourceLost]


def test_an_alert_that_a_list_lacked_is_there_again() -> None:
    def alert(id: str) -> Alert:
        return Alert(id, id, "active", NOW)

    def again(*ids: str) -> list[frozenset[str]]:
        return [each.again for each in firings.step(tuple(map(alert, ids)), NOW)]

    firings = Firings("main")
    assert again("a") == [frozenset()], "of the first list nobody knows what was before"
    assert again("a", "b") == [frozenset("b")]
    assert again() == [frozenset()]
    assert again("a", "b") == [frozenset("ab")]
    assert again("a", "b") == []
