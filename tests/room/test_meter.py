"""The comms meter: what was really delivered counts, what was promised becomes the deadline, and silence is loud."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.clocks import next_update
from cockpit.room import grammar
from cockpit.room.house import House
from cockpit.room.messages.meter import Gauge, Meter, meter
from cockpit.room.messages.sending import INITIAL, Update
from cockpit.room.requests import SayImpact, Start
from tests.room.rooms import CONFIGURATION, opened
from tests.stories import START

pytestmark = pytest.mark.anyio


def configure(folder: Path, audiences: str) -> None:
    """A configuration with these audiences."""
    head = CONFIGURATION.partition("audiences:")[0].format(folder=folder, context="prod-eu")
    (folder / "cockpit.yaml").write_text(f"{head}audiences: {{{audiences}}}\n")


async def do(house: House, line: str) -> None:
    """A command line."""
    await house.room.perform(grammar.parse(line, house.room.clock.now()))


def read(house: House) -> Meter:
    """The meter now."""
    return meter(house.room, house.messages.audiences())


def gauge(house: House, audience: str) -> Gauge:
    """One audience's."""
    return next(each for each in read(house).gauges if each.audience == audience)


async def test_nothing_before_the_declaration(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        assert read(house) == Meter(())


async def test_what_is_delivered_counts_and_a_promise_is_the_deadline(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("payment-failure", "p1"))
        first = gauge(house, "customers")
        assert (first.told, first.promised, first.standing(clock.now())) == (None, None, "running")
        assert first.due is not None
        assert first.due.due == START + timedelta(minutes=5)
        clock.advance(60)
        promise = next_update(house.room.state, house.room.policy, "customers", clock.now())
        await house.messages.send(Update(house.messages.compose(INITIAL, {})))
        told = gauge(house, "customers")
        assert (told.told, told.promised, told.waiting) == (clock.now(), promise, 0)
        assert told.title == "payment-service - Service Disruption"
        assert told.due is not None
        assert told.due.due == promise
        clock.advance(29 * 60)
        assert gauge(house, "customers").standing(clock.now()) == "due soon"
        clock.advance(61)
        assert gauge(house, "customers").standing(clock.now()) == "overdue"
        assert read(house).silence is None, "it has spoken: late is another matter"


async def test_the_page_is_silent_after_five_minutes_and_says_why(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("payment-failure", "p1"))
        clock.advance(299)
        assert read(house).silence is None
        clock.advance(1)
        silence = read(house).silence
        assert silence is not None
        assert silence.words(clock.now()) == (
            "the public page is silent for 5 min: nobody has told customers; u sends the first update"
        )
        await do(house, "snooze update:customers 10m --why 'legal reads it'")
        assert read(house).silence is None
        clock.advance(601)
        assert read(house).silence is not None
        await house.messages.send(Update(house.messages.compose(INITIAL, {})))
        assert read(house).silence is None


async def test_a_page_that_no_channel_reaches_is_silent_too(tmp_path: Path) -> None:
    clock = ManualClock(START)
    configure(tmp_path, "internal: [paper]")
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("payment-failure", "p1"))
        clock.advance(301)
        silence = read(house).silence
        assert silence is not None
        assert "no channel reaches customers" in silence.why


async def test_a_page_that_is_held_back_for_security_says_so(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("payment-failure", "p0"))
        await house.room.perform(SayImpact(text="keys were read", security=True))
        clock.advance(301)
        silence = read(house).silence
        assert silence is not None
        assert "disclosure is coordinated; /snooze update:customers" in silence.words(clock.now())


async def test_who_is_to_be_told_at_once_has_a_clock_though_he_has_no_cadence(tmp_path: Path) -> None:
    """The policy's wish that somebody hears of it at all is the clock of the audience that reaches him."""
    clock = ManualClock(START)
    configure(tmp_path, "executives: [paper], merchants: [paper]")
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("payment-failure", "p0"))
        executives = gauge(house, "executives")
        assert executives.due is not None
        assert executives.due.name in ("notify:ceo", "notify:cto", "notify:vp-engineering")
        assert executives.standing(clock.now()) == "due soon"
        assert gauge(house, "merchants").due is None
        await house.messages.send(Update(house.messages.compose("executive-notice", {})))
        assert gauge(house, "executives").standing(clock.now()) == "met"
        every = [each.audience for each in read(house).gauges]
        assert every.index("customers") < every.index("executives"), "what waits stands before what is done"
