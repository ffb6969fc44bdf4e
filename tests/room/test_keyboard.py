"""The keyboard of a terminal: its own responder's, or in a shared one whoever claimed it and goes on pressing keys."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from conftest import eventually
from room.rooms import configure, opened

from cockpit.clock import ManualClock
from cockpit.room import grammar
from cockpit.room.keyboard import IDLE, Keyboard
from cockpit.room.requests import Refusal, Start, Write
from cockpit.room.war_room import WarRoom
from tests.stories import START

pytestmark = pytest.mark.anyio

HALF = IDLE.total_seconds() / 2


def test_a_terminal_of_ones_own_is_never_idle() -> None:
    clock = ManualClock(START)
    keyboard = Keyboard("@alice", clock)
    clock.advance(10 * IDLE.total_seconds())
    assert (keyboard.must_be_held(), keyboard.left, keyboard.shared) == ("@alice", timedelta(), False)


def test_a_shared_one_is_nobodys_before_it_is_claimed() -> None:
    keyboard = Keyboard("@root", ManualClock(START), shared=True)
    keyboard.touch()
    with pytest.raises(Refusal, match="nobody holds the keyboard: K claims it; what you typed stays"):
        keyboard.must_be_held()
    keyboard.claim(" bob ")
    assert (keyboard.holder, keyboard.left) == ("@bob", IDLE)


def test_keys_keep_a_claim_and_nothing_revives_it() -> None:
    clock = ManualClock(START)
    keyboard = Keyboard("@root", clock)
    keyboard.claim("@bob")
    for _ in range(3):
        clock.advance(HALF + 60)
        keyboard.touch()
    assert keyboard.holder == "@bob"
    clock.advance(IDLE.total_seconds())
    keyboard.touch()
    assert (keyboard.holder, keyboard.last, keyboard.left) == ("", "@bob", timedelta())


@pytest.mark.parametrize("set_back", [3600, -3600])
def test_a_clock_that_jumps_prolongs_no_claim(set_back: int) -> None:
    clock = ManualClock(START)
    keyboard = Keyboard("@root", clock)
    keyboard.claim("@bob")
    clock.set_back(set_back)
    clock.advance(IDLE.total_seconds())
    assert keyboard.holder == ""


def test_another_claims_it_at_once_and_a_refused_claim_changes_nothing() -> None:
    keyboard = Keyboard("@root", ManualClock(START))
    keyboard.claim("@bob")
    keyboard.claim("@carol")
    for text in ("a b", "@\x1b[2J", "@" + "x" * 65, "@\u202e"):
        with pytest.raises(Refusal, match="is no handle"):
            keyboard.claim(text)
    assert keyboard.holder == "@carol"


async def test_what_the_program_does_by_itself_is_nobodys_deed(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        house.room.keyboard.claim("@bob")
        entries = await house.room.perform(grammar.parse("start payment-failure p1 --announce --yes", clock.now))
        (message,) = [entry for entry in entries if entry.kind == "message"]
        assert message.actor == "@bob"
        await house.delivering.delivered(entries)
        (delivery,) = [entry for entry in house.room.timeline.entries if entry.kind == "delivery"]
        assert delivery.actor == "cockpit"


async def test_a_lapsed_claim_refuses_what_is_typed_and_keeps_both_the_draft_and_the_facts(tmp_path: Path) -> None:
    configure(tmp_path)
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        room, war = house.room, WarRoom(house, clock)
        await room.perform(Start("payment-failure", "p1"))
        await room.perform(grammar.parse("ask @dba 5m is replication caught up", clock.now))
        room.keyboard.claim("@bob")
        war.keep_draft("note", "the pool is", clock.now())
        clock.advance(IDLE.total_seconds())
        with pytest.raises(Refusal, match="nobody holds the keyboard"):
            await room.perform(Write("the pool is"))
        kept = war.draft("note")
        assert kept is not None
        assert kept.text == "the pool is"
        await war.go_live()
        try:
            await eventually(lambda: (clock.advance(1), room.timeline.entries[-1])[1].payload.get("state") == "overdue")
            assert room.timeline.entries[-1].actor == "cockpit"
        finally:
            await war.close()
