"""What is next for a message, from the record alone: properties that hold whatever was recorded before."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.deliveries import OVER
from cockpit.incident.kinds import Deed, Delivery, Message
from cockpit.incident.state import State
from cockpit.message.delivery.course import Behind, End, Go, Rest, Step, Wait, next_step
from cockpit.message.delivery.patience import next_try, patience
from tests.scribe.story import START, Book

DEEDS: list[Deed] = list(get_args(Deed))
CHANNELS = ("a", "b", "c")


def message(id: str = "m", deed: Deed = "tell", *channels: str) -> Message:
    return Message(
        message=id, template="", audience="customers", channels=channels or CHANNELS, title="T", text="x", deed=deed
    )


def step(state: State, id: str = "m", minutes: float = 10, *, hasty: bool = False) -> Step:
    now, messages = START + timedelta(minutes=minutes), list(state.messages.values())
    before = messages[: [each.message.message for each in messages].index(id)]
    earlier = [sent for sent in reversed(before) if sent.state not in OVER]
    return next_step(state.messages[id], state, now, earlier, hasty=hasty)


moments = st.integers(0, 40).map(lambda minutes: START + timedelta(minutes=minutes))
deliveries = st.builds(
    lambda channel, state, attempt, again: Delivery(
        message="m", channel=channel, state=state, attempt=attempt,
        next_try=again if state in ("failed", "unknown") else None,
    ),
    st.sampled_from(CHANNELS), st.sampled_from(["sending", "sent", "failed", "kept", "given up", "unknown", "queued"]),
    st.integers(0, 5), st.none() | moments,
)  # fmt: skip


@given(st.lists(deliveries, max_size=12), st.sampled_from(DEEDS), st.integers(0, 300), st.booleans())
def test_nothing_is_sent_where_it_arrived_or_may_have(
    told: list[Delivery], deed: Deed, minutes: int, hasty: bool
) -> None:
    """Whatever stands in the record: it never goes to a channel where it was given up or waits for a person, never
    before its time, and never once it is over."""
    book = Book()
    book.add(message(deed=deed), "0:00")
    for number, each in enumerate(told):
        book.add(each, f"{number}:30")
    state = book.timeline.state
    sent, next = state.messages["m"], step(state, minutes=minutes, hasty=hasty)
    now = START + timedelta(minutes=minutes)
    if sent.state in OVER:
        assert isinstance(next, Rest)
    if isinstance(next, Go):
        attempt = sent.on(next.channel)
        assert attempt is None or attempt.state in ("failed", "sending", "unknown")
        assert attempt is None or attempt.next_try is None or attempt.next_try <= now
        assert attempt is None or attempt.state != "unknown" or attempt.next_try is not None
    if isinstance(next, Wait):
        assert next.until > now
    if isinstance(next, Rest):
        assert sent.state in (*OVER, "unknown")
    assert not isinstance(next, Behind)


@given(st.sampled_from(DEEDS), st.integers(1, 400), st.integers(0, 2**32), st.floats(0, 7200))
def test_gaps_grow_jitter_and_wait_as_long_as_asked(deed: Deed, number: int, seed: int, after: float) -> None:
    now = START
    gap = (next_try(deed, number, now, random.Random(seed), after) - now).total_seconds()
    longest = patience(deed).longest
    assert gap >= max(after, min(2.0 ** (number - 1), longest) / 2) - 1e-5
    assert gap <= max(after, min(2.0 ** (number - 1), longest)) + 1e-5


def test_who_failed_together_does_not_come_back_together() -> None:
    gaps = {next_try("tell", 5, START, random.Random(seed)) for seed in range(50)}
    assert len(gaps) > 45


@pytest.mark.parametrize(("deed", "seconds"), [("page", 3600), ("tell", 4 * 3600), ("ticket", 24 * 3600)])
def test_one_that_was_left_lying_too_long_does_not_go_out_by_itself(deed: Deed, seconds: int) -> None:
    """Nobody knows whether it still holds; a person who asks for it again does."""
    book = Book()
    book.add(message(deed=deed), "0:00")
    assert isinstance(step(book.timeline.state, minutes=seconds / 60 - 1), Go)
    late = step(book.timeline.state, minutes=seconds / 60 + 1)
    assert isinstance(late, End)
    assert "may not hold any more" in late.reason
    book.add(Delivery(message="m", channel="", state="queued"), f"{seconds // 60}:30", "@dana")
    assert isinstance(step(book.timeline.state, minutes=seconds / 60 + 1), Go)


def test_records_of_before_are_read_as_they_were_meant() -> None:
    """A failure without a next try was the end of that channel."""
    book = Book()
    book.add(message("m", "tell", "a", "b"), "0:00")
    book.add(Delivery(message="m", channel="a", state="failed", reason="refused"), "0:10")
    assert (book.timeline.state.messages["m"].state, step(book.timeline.state)) == ("queued", Go("b"))
    book.add(Delivery(message="m", channel="b", state="failed", reason="refused"), "0:20")
    assert (book.timeline.state.messages["m"].state, step(book.timeline.state)) == ("given up", Rest())


def test_a_word_of_an_earlier_attempt_that_comes_late_changes_nothing() -> None:
    """Of a machine whose clock is behind."""
    book = Book()
    book.add(message("m", "tell", "a"), "0:00")
    book.add(Delivery(message="m", channel="a", state="unknown", attempt=2), "0:10")
    book.add(Delivery(message="m", channel="a", state="failed", attempt=1, next_try=at(1)), "0:20")
    assert book.timeline.state.messages["m"].state == "unknown"


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def test_each_waits_for_the_one_before_it_alone() -> None:
    """A thousand in a row are looked at in no time."""
    book = Book()
    for number in range(1000):
        book.add(message(f"m{number}"), "0:00")
    state = book.timeline.state
    assert step(state, "m999") == Behind("m998")
    assert step(state, "m0") == Go("a")
