"""What holds of the clocks of any record: the same however it is read, never nagging, never silently gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident.clocks import Due, clocks
from cockpit.incident.entry import Entry
from cockpit.incident.policies import Policy, shipped
from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status
from cockpit.incident.timeline import Timeline
from tests.stories import START, Writer

SEVERITIES = ("P0", "P1", "P2", "P3", "SEV-1", "SEV-2", "SEV-3", "P9")
CLOCKS = ("update:customers", "update:internal", "ack", "resolve", "notify:ceo", "escalate:vp-engineering")


def message(audience: str, number: int, promised: int | None) -> kinds.Message:
    promise = None if promised is None else START + timedelta(seconds=promised)
    return kinds.Message(
        message=f"m{number}", template="t", audience=audience, channels=("paper",), title="", text="",
        next_update=promise,
    )  # fmt: skip


AUDIENCES = st.sampled_from(["customers", "internal", "stakeholders"])
SECONDS = st.integers(-600, 40_000)
PAYLOADS = st.one_of(
    st.sampled_from(SEVERITIES).map(lambda severity: kinds.Severity(severity=severity)),
    st.sampled_from([each for each in Status if each is not Status.WATCHING]).map(
        lambda status: kinds.StatusChange(status=status)
    ),
    st.just(kinds.Acknowledged()),
    st.just(kinds.Closed()),
    st.just(kinds.Reopened(why="it is back")),
    st.just(kinds.Merge(direction="into", other="other")),
    st.builds(message, AUDIENCES, st.integers(0, 3), st.none() | SECONDS),
    st.integers(0, 3).map(lambda number: kinds.Delivery(message=f"m{number}", channel="paper", state="sent")),
    st.sampled_from(["ceo", "VP Engineering", "leadership"]).map(lambda who: kinds.Page(target=who)),
    st.just(kinds.RoleChange(role=Role.IC, handle="@alice")),
    st.booleans().map(lambda said: kinds.Impact(data=said, regulatory=said)),
    st.builds(
        lambda clock, until: kinds.Snooze(clock=clock, until=START + timedelta(seconds=until), why="busy"),
        st.sampled_from(CLOCKS), SECONDS,
    ),
)  # fmt: skip
POLICIES = st.sampled_from(sorted(shipped())).map(lambda name: shipped()[name])
STEPS = st.lists(st.tuples(PAYLOADS, st.integers(0, 4000), st.integers(0, 900), st.integers(0, 1)), max_size=25)

Steps = list[tuple[kinds.Payload, int, int, int]]


def told(steps: Steps) -> tuple[list[Entry], Writer]:
    """A declared incident by two writers: each step recorded some seconds after the last, and occurred before that."""
    writers = [Writer(), Writer("01950000-0000-7000-8000-00000000bbbb")]
    entries = [writers[0].write(kinds.Declared(name="x"))]
    for payload, after, ago, who in steps:
        entries.append(writers[who].write(payload, after=after, ago=ago))
    latest = max(writers, key=lambda each: each.now)
    return entries, latest


def state_of(entries: list[Entry]) -> State:
    return Timeline(entries).state


def end_of(entries: list[Entry]) -> datetime:
    return max(entry.occurred for entry in entries)


@given(STEPS, POLICIES, st.integers(0, 25), st.randoms(use_true_random=False))
def test_they_are_the_same_however_the_record_is_split_or_arrives(
    steps: Steps, policy: Policy, cut: int, random: Random
) -> None:
    entries, _ = told(steps)
    whole = clocks(state_of(entries), policy)
    grown = Timeline(entries[:cut])
    for entry in entries[cut:]:
        grown.add(entry)
    assert clocks(grown.state, policy) == whole
    shuffled = random.sample(entries, len(entries))
    assert clocks(state_of(shuffled), policy) == whole


@given(STEPS, POLICIES, AUDIENCES, st.none() | SECONDS)
def test_none_nags_right_after_an_update_went_out(
    steps: Steps, policy: Policy, audience: str, promised: int | None
) -> None:
    entries, writer = told(steps)
    writer.now = max(writer.now, end_of(entries))
    entries.append(writer.write(message(audience, 9, promised), after=1))
    entries.append(writer.write(kinds.Delivery(message="m9", channel="paper", state="sent"), after=1))
    found = {clock.name: clock for clock in clocks(state_of(entries), policy)}
    if clock := found.get(f"update:{audience}"):
        assert clock.since == writer.now
        assert clock.standing(writer.now) != "overdue"
        assert clock.snoozed_until is None


@given(STEPS, POLICIES)
def test_a_clock_runs_forward_and_has_a_name_of_its_own(steps: Steps, policy: Policy) -> None:
    entries, _ = told(steps)
    state = state_of(entries)
    found = clocks(state, policy)
    assert len({clock.name for clock in found}) == len(found)
    for clock in found:
        assert entries[0].occurred <= clock.since <= clock.soon <= clock.due
        assert clock.done is None or clock.done >= clock.since
    if state.over:
        assert all(clock.done is not None for clock in found), "none waits when it is over"


@given(STEPS, POLICIES, st.sampled_from(CLOCKS), SECONDS)
def test_a_snooze_loses_no_clock_and_brings_none_nearer(steps: Steps, policy: Policy, name: str, until: int) -> None:
    entries, writer = told([step for step in steps if not isinstance(step[0], kinds.Snooze)])
    before = clocks(state_of(entries), policy)
    writer.now = max(writer.now, end_of(entries))
    put_off = START + timedelta(seconds=until)
    entries.append(writer.write(kinds.Snooze(clock=name, until=put_off, why="busy"), after=1))
    after = clocks(state_of(entries), policy)
    assert [clock.name for clock in after] == [clock.name for clock in before]
    for old, new in zip(before, after, strict=True):
        assert new == old or (new.name == name and new.done is None and new.due == max(old.due, put_off))
        assert new.snoozed(writer.now) == (new != old and put_off > writer.now)


@settings(max_examples=60)
@given(STEPS, POLICIES, st.integers(0, 40_000))
def test_time_only_moves_a_waiting_clock_on(steps: Steps, policy: Policy, seconds: int) -> None:
    entries, _ = told(steps)
    order = ("running", "due soon", "overdue")

    def place(clock: Due, now: datetime) -> int:
        return order.index(clock.standing(now))

    for clock in clocks(state_of(entries), policy):
        now = START + timedelta(seconds=seconds)
        if clock.done is None:
            assert place(clock, now) <= place(clock, now + timedelta(minutes=1))
            assert (clock.left(now) <= timedelta(0)) == (clock.standing(now) == "overdue")
        else:
            assert clock.standing(now) in ("met", "missed")
