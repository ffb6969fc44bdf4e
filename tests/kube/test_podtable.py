"""The table of pods: what changed since when, restarts of late, faults that time alone makes, counts that stay true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.kube.pods.fault import CRASHING, Fault, Later
from cockpit.kube.pods.row import PodRow, Restarted
from cockpit.kube.pods.table import PodTable, Tally

START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def pod(name: str = "a", restarts: int = 0, last: datetime | None = None, age: float = 60, **more: object) -> PodRow:
    restarted = (Restarted("web", restarts, last),) if restarts else ()
    row = PodRow(f"uid-{name}", name, "production", "Running", created=START - minutes(age), restarted=restarted)
    return msgspec.structs.replace(row, restarts=restarts, **more)


def lately(table: PodTable, name: str = "a") -> tuple[int | None, bool]:
    row = table.rows[f"uid-{name}"]
    return row.restarts_lately, row.lately_at_least


def test_only_what_changed_is_told() -> None:
    table = PodTable(ManualClock(START))
    for name in "abc":
        table.put(pod(name))
    before = table.version
    assert table.changed_since(before) == ()
    table.put(pod("b", image="2"))
    table.put(pod("c"))
    table.drop("uid-a")
    table.drop("uid-nobody")
    assert set(table.changed_since(before) or ()) == {"uid-a", "uid-b"}
    assert set(table.rows) == {"uid-b", "uid-c"}


def test_who_comes_too_late_walks_all() -> None:
    table = PodTable(ManualClock(START))
    for number in range(20_100):
        table.put(pod("a", image=str(number)))
    assert table.changed_since(0) is None
    assert table.changed_since(table.version - 5) == {"uid-a"}


def test_restarts_are_counted_as_they_are_seen_and_age() -> None:
    clock = ManualClock(START)
    table = PodTable(clock)
    table.put(pod())
    assert lately(table) == (0, False)
    table.put(pod(restarts=1, last=START))
    clock.advance(minutes(4).total_seconds())
    table.put(pod(restarts=2, last=clock.now()))
    assert lately(table) == (2, False)
    clock.advance(minutes(6).total_seconds())
    assert table.step()
    assert lately(table) == (1, False)
    clock.advance(minutes(4).total_seconds())
    assert table.step()
    assert lately(table) == (0, False)
    assert not table.step()


def test_what_happened_before_the_watch_is_said_to_be_at_least() -> None:
    clock = ManualClock(START)
    table = PodTable(clock)
    table.put(pod("old", restarts=7, last=START - minutes(2)))
    table.put(pod("young", restarts=3, last=START - minutes(1), age=5))
    table.put(pod("calm", restarts=7, last=START - minutes(30)))
    table.put(pod("once", restarts=1, last=START - minutes(2)))
    table.put(pod("mute", restarts=2))
    assert lately(table, "old") == (1, True)
    assert lately(table, "young") == (3, False)
    assert lately(table, "calm") == (0, False)
    assert lately(table, "once") == (1, False)
    assert lately(table, "mute") == (0, True)
    clock.advance(minutes(6).total_seconds())
    table.step()
    assert lately(table, "young") == (1, True)
    clock.advance(minutes(5).total_seconds())
    table.step()
    assert {lately(table, name) for name in ("old", "young", "calm", "once", "mute")} == {(0, False)}


def test_what_lasts_becomes_a_fault_without_any_event_and_an_end_of_it_counts() -> None:
    clock = ManualClock(START)
    table = PodTable(clock)
    slow = pod(later=Later(START + minutes(1), Fault("NotReady", "why", 5)))
    table.put(slow)
    assert not table.rows["uid-a"].faulty
    clock.advance(60)
    assert table.step()
    assert (table.rows["uid-a"].reason, dict(table.tally.faults)) == ("NotReady", {"NotReady": 1})
    table.put(pod())
    assert (table.rows["uid-a"].reason, dict(table.tally.faults)) == ("", {})


def test_pods_that_flip_all_the_time_fill_no_memory() -> None:
    clock = ManualClock(START)
    table = PodTable(clock)
    for number in range(5000):
        due = Later(START + minutes(60) - timedelta(seconds=number % 7), Fault("NotReady", "why", 5))
        table.put(pod(f"p{number % 50}", later=due, image=str(number)))
    assert len(table._due) < 500
    for number in range(50):
        table.drop(f"uid-p{number}")
    for number in range(1100):
        table.put(pod(f"q{number}", later=Later(START + minutes(60), Fault())))
        table.drop(f"uid-q{number}")
    table.step()
    assert len(table._due) < 1100


def test_a_partial_row_gives_way_to_the_pod_itself() -> None:
    table = PodTable(ManualClock(START))
    table.put(PodRow("a", "a", "production", "Running", partial=True))
    table.put(pod("a"))
    assert list(table.rows) == ["uid-a"]
    assert table.tally.pods == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.booleans(),
            st.booleans(),
            st.sampled_from(["", "CrashLoopBackOff", "OOMKilled"]),
            st.integers(0, 900),
        ),
        max_size=40,
    )
)
def test_the_counts_are_those_of_the_rows(steps: list[tuple[str, bool, bool, str, int]]) -> None:
    clock = ManualClock(START)
    table = PodTable(clock)
    seen, known = 0, dict(table.rows)
    for name, gone, ready, reason, seconds in steps:
        clock.advance(seconds)
        if gone:
            table.drop(f"uid-{name}")
        else:
            fault = {"crash_reason": reason, "reason": reason, "gravity": CRASHING if reason else 0}
            later = Later(clock.now() + minutes(3), Fault("NotReady", "", 5))
            table.put(pod(name, ready_condition=ready, later=None if reason else later, **fault))
        table.step()
        assert table.tally == Tally.of(table.rows.values())
        for uid in table.changed_since(seen) or ():
            known.pop(uid, None)
            if uid in table.rows:
                known[uid] = table.rows[uid]
        seen = table.version
        assert known == table.rows
