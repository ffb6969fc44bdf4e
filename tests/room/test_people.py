"""Roles, handovers, asks, snoozes and the keyboard: one holder, accepted by the receiver, and never half of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from conftest import eventually
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from room.rooms import opened

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft, Tail, seal
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import KINDS
from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status
from cockpit.incident.timeline import Timeline
from cockpit.room import grammar
from cockpit.room.facts.asking import say_overdue
from cockpit.room.house import House
from cockpit.room.keyboard import IDLE
from cockpit.room.requests import Desk, Refusal, Start, Write
from cockpit.room.war_room import WarRoom
from tests.stories import START

pytestmark = pytest.mark.anyio


async def does(house: House, line: str) -> list[str]:
    """Do what `line` says; gives the kinds of the entries."""
    entries = await house.room.perform(grammar.parse(line, house.room.clock.now))
    return [entry.kind for entry in entries]


async def test_a_handover_is_offered_with_a_brief_and_accepted_by_the_receiver_alone(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with (
        opened(tmp_path, clock=clock) as alice,
        opened(tmp_path, actor="@bob", clock=clock) as bob,
        opened(tmp_path, actor="@eve", clock=clock) as eve,
    ):
        await does(alice, "start payment-failure p1")
        await does(alice, "role ic @alice")
        with pytest.raises(Refusal, match="held by @alice: `handover ic @bob` offers it with a brief"):
            await does(alice, "role ic @bob")
        await does(alice, "impact cards are refused --who everybody")
        assert await does(alice, "handover ic @bob my shift ends") == ["handover"]
        assert alice.room.state.roles == {Role.IC: "@alice"}, "who offers still commands"
        for each in (bob, eve):
            await each.room.adopt()
        with pytest.raises(Refusal, match="offered to @bob, not to @eve: only they can accept it"):
            await does(eve, "handover ic --accept")
        assert await does(bob, "handover ic --accept") == ["handover", "role"]
        state = bob.room.state
        assert state.roles == {Role.IC: "@bob"}, "the old commander is no longer listed"
        (given_over,) = state.handovers.values()
        assert (given_over.giver, given_over.to, given_over.state, given_over.why) == (
            "@alice", "@bob", "accepted", "my shift ends",
        )  # fmt: skip
        assert "cards are refused, everybody" in given_over.brief
        assert [holder for role, holder, _ in state.role_history if role is Role.IC] == ["@alice", "@bob"]


async def test_an_offer_is_declined_withdrawn_or_replaced_and_never_two_at_once(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as alice, opened(tmp_path, actor="@bob", clock=clock) as bob:
        await does(alice, "start payment-failure")
        await does(alice, "role ops @alice")
        await does(alice, "handover ops @bob")
        assert await does(alice, "handover ops @carol") == ["handover", "handover"]
        assert [each.state for each in alice.room.state.handovers.values()] == ["withdrawn", "offered"]
        await bob.room.adopt()
        with pytest.raises(Refusal, match="offered to @carol, not @bob"):
            await does(bob, "handover ops --decline")
        with pytest.raises(Refusal, match="only they can withdraw"):
            await does(bob, "handover ops --withdraw")
        await does(alice, "handover ops --withdraw she is asleep")
        with pytest.raises(Refusal, match="to nobody; no role is; whoever holds it offers it: handover ROLE @WHO"):
            await does(alice, "handover ops --accept")
        await does(alice, "handover ops @bob")
        await bob.room.refresh()
        await does(bob, "handover ops --decline I am on the database")
        assert bob.room.state.roles == {Role.OPS: "@alice"}


async def test_a_role_is_taken_from_whoever_cannot_answer_with_the_reason(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice:
        await does(alice, "start payment-failure")
        await does(alice, "handover ic @bob")
        await does(alice, "role ic @gone")
        assert alice.room.state.offered(Role.IC) is None, "who takes a role that nobody held settles the offer"
        for to in ("@alice", "@bob"):
            with pytest.raises(Refusal, match=f"held by @gone, and only they can offer it; `role ic {to} --replace"):
                await does(alice, f"handover ic {to}")
        async with opened(tmp_path, actor="@gone") as gone:
            await gone.room.adopt()
            await does(gone, "handover ic @bob")
        await alice.room.refresh()
        assert await does(alice, 'role ic @alice --replace "lost his link"') == ["handover", "role"]
        state = alice.room.state
        assert (state.roles, state.offered(Role.IC)) == ({Role.IC: "@alice"}, None)
        assert alice.room.timeline.entries[-1].payload["why"] == "lost his link"


async def test_an_ask_is_taken_answered_and_overdue_is_said_once(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        war = WarRoom(house, clock)
        await war.go_live()
        try:
            await does(house, "start payment-failure p1")
            await does(house, "ask @dba 5m is replication caught up")
            await does(house, "ask @net 10m is the firewall open")
            with pytest.raises(Refusal, match=r"is before it was asked \(2026-03-14 02:00:00Z\)"):
                await does(house, "ask a1 --ack --at 01:59")
            await does(house, "ask a1 --ack")
            titles = [due.title for due in house.room.clocks()]
            assert {"A1 @dba", "A2 @net"} <= set(titles)

            def said() -> bool:
                clock.advance(30)
                return any(ask.overdue for ask in house.room.state.asks.values())

            await eventually(said)
            await does(house, 'ask A1 --answer "40 seconds behind"')
            asks = {ask.label: ask.state for ask in house.room.state.asks.values()}
            assert asks["A1"] == "answered"
            await eventually(lambda: (clock.advance(60), house.room.state.asks)[1] and _late(house) == ["A1", "A2"])
            with pytest.raises(Refusal, match="A1 is answered already"):
                await does(house, "ask A1 --withdraw no")
            with pytest.raises(Refusal, match=r"there are: A1 .*A2"):
                await does(house, "ask A9 --ack")
        finally:
            await war.close()


def _late(house: House) -> list[str]:
    entries = [e for e in house.room.timeline.entries if e.kind == "ask" and e.payload["state"] == "overdue"]
    return [f"A{entry.payload['number']}" for entry in entries if entry.actor == "cockpit"]


async def test_a_clock_is_put_off_with_a_reason_and_stays_to_be_seen(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await does(house, "start payment-failure p1")
        with pytest.raises(Refusal, match="no running clock is called 'lunch'; running: update:customers"):
            await does(house, "snooze lunch 10m --why hungry")
        with pytest.raises(Refusal, match="up to 24 hours"):
            await does(house, "snooze page 3d --why later")
        with pytest.raises(Refusal, match="'page' is due only at 2026-03-14 02:05:00Z; put it off beyond that"):
            await does(house, "snooze page 4m --why soon")
        await does(house, "ack")
        with pytest.raises(Refusal, match="'respond' was done at 2026-03-14 02:00:00Z and waits for nothing"):
            await does(house, "snooze ack 1h --why busy")
        await does(house, 'snooze page 20m --why "legal reads it"')
        (page,) = (due for due in house.room.clocks() if due.name == "update:customers")
        assert page.standing(START + timedelta(minutes=15)) != "overdue"
        assert page.standing(START + timedelta(minutes=21)) == "overdue"


async def test_a_shared_keyboard_carries_who_claimed_it_and_nobody_after_a_while(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        room = house.room
        await room.perform(Start("payment-failure"))
        room.keyboard.claim("bob")
        await room.perform(Write("by bob"))
        await does(house, "role ops @bob")
        entry = (await room.perform(Write("as ops")))[0]
        assert (entry.actor, entry.role) == ("@bob", "ops")
        clock.advance(IDLE.total_seconds() - 1)
        room.keyboard.touch()
        clock.advance(IDLE.total_seconds() - 1)
        await room.perform(Write("a key keeps it"))
        clock.advance(2)
        with pytest.raises(Refusal, match="nobody holds the keyboard: K claims it"):
            await room.perform(Write("by nobody"))
        room.keyboard.touch()
        assert room.keyboard.holder == "", "a key does not revive what has lapsed"
        room.keyboard.claim("@carol")
        assert (await room.perform(Write("by carol")))[0].actor == "@carol"
        with pytest.raises(Refusal, match="is no handle"):
            room.keyboard.claim("a b\x1b[2J")
        room.keyboard.claim("")
        assert room.keyboard.holder == ""


LONG = timedelta(minutes=30)
"""Longer than any ask of these tests takes."""
PEOPLE = ("@ada", "@bob", "@eve")
LINES = st.one_of(
    st.builds("role {} {}".format, st.sampled_from(["ic", "ops"]), st.sampled_from([*PEOPLE, ""])),
    st.builds("role {} {} --replace gone".format, st.sampled_from(["ic", "ops"]), st.sampled_from(PEOPLE)),
    st.builds("handover {} {}".format, st.sampled_from(["ic", "ops"]), st.sampled_from(PEOPLE)),
    st.builds("handover {} --{}".format, st.sampled_from(["ic", "ops"]),
              st.sampled_from(["accept", "decline", "withdraw"])),
    st.builds("ask {} 5m x".format, st.sampled_from(PEOPLE)),
    st.builds("ask A{} --{}".format, st.integers(1, 3), st.sampled_from(["ack", "answer y", "withdraw z"])),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), LINES), max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_three_people_say_the_record_is_never_half_of_it(steps: list[tuple[str, str]]) -> None:
    timeline, tail = Timeline(), Tail("w")
    tail = written(timeline, [Draft("i", "declared", {"name": "x"}, START, "@ada")], tail)
    for actor, line in steps:
        before = timeline.still().state
        try:
            request = grammar.parse(line, lambda: START)
            drafts = request.decide(timeline.state, desk(actor, timeline))
        except Refusal:
            assert timeline.state == before
            continue
        tail = written(timeline, drafts, tail)
        state = timeline.state
        offered = [each.role for each in state.handovers.values() if each.state == "offered"]
        assert len(offered) == len(set(offered)), "one offer of a role at a time"
        accepted = [each for each in state.handovers.values() if each.state == "accepted"]
        for each in accepted:
            assert each.settled is not None
            assert each.settled.actor == each.to, "only the receiver accepts"
        for role in Role:
            held, holds = before.roles.get(role), state.roles.get(role)
            if held and holds not in (held, None):
                waiting = before.offered(role)
                given = line.endswith("--accept") and waiting and (waiting.offered.actor, waiting.to) == (held, actor)
                assert given or "--replace" in line, "a role leaves its holder by his word, or with a reason"
        last = {role: holder for role, holder, _ in state.role_history}
        assert state.roles == {role: holder for role, holder in last.items() if holder}
        assert state == Timeline(timeline.entries).state
        numbers = [ask.number for ask in state.asks.values()]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_three_cockpits_at_once_leave_no_half_of_anything(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with AsyncExitStack() as stack:
        houses = [await stack.enter_async_context(opened(tmp_path, actor=who, clock=clock)) for who in PEOPLE]
        await does(houses[0], "start payment-failure p1")
        for house in houses[1:]:
            await house.room.adopt()
        chance = Random(7)
        deeds = [f"role {{}} {who}" for who in (*PEOPLE, "")] + 2 * [f"handover {{}} {who}" for who in PEOPLE]
        deeds += [*["handover {} --accept"] * 8, "handover {} --withdraw", "handover {} --decline"]
        for _ in range(300):
            said = [does(house, chance.choice(deeds).format(chance.choice(["ic", "ops"]))) for house in houses]
            done = await asyncio.gather(*said, return_exceptions=True)
            assert all(isinstance(each, (list, Refusal)) for each in done), done
        for house in houses:
            await house.room.refresh()
        states = [house.room.state for house in houses]
        assert states[0] == states[1] == states[2]
        entries = sorted(houses[0].room.timeline.entries, key=lambda entry: (entry.writer, entry.seq))
        pairs = [(a, b) for a, b in pairwise(entries) if a.payload.get("state") == "accepted"]
        assert len(pairs) >= 3, "the lines were chosen so that some are accepted"
        for offer, role in pairs:
            assert (role.kind, role.writer, role.seq) == ("role", offer.writer, offer.seq + 1)
            assert role.actor == role.payload["handle"] == offer.payload["to"]


async def test_an_ask_noted_late_runs_from_when_it_was_asked(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await does(house, "start payment-failure p1")
        clock.advance(180)
        await does(house, "ask @dba 5m is replication caught up --at -2m")
        (due,) = [due for due in house.room.clocks() if due.name == "ask:1"]
        assert (due.since, due.due) == (START + timedelta(minutes=1), START + timedelta(minutes=6))
        await does(house, "ask A1 --answer 40 s behind --at -1m")
        (ask,) = house.room.state.asks.values()
        assert ask.settled is not None
        assert ask.settled.at == START + timedelta(minutes=2)
        with pytest.raises(Refusal, match=r"--ack, --answer TEXT or --withdraw WHY"):
            await does(house, "ask A1")
        with pytest.raises(Refusal, match="from some seconds to two days"):
            await does(house, "ask @dba 3d write the review")


async def test_an_ask_is_overdue_once_whoever_sees_it_and_not_after_the_end(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as alice, opened(tmp_path, actor="@bob", clock=clock) as bob:
        await does(alice, "start payment-failure p1")
        await does(alice, "ask @dba 5m is replication caught up")
        await does(alice, "ask @net 10m is the firewall open")
        await bob.room.adopt()
        tasks = [asyncio.create_task(say_overdue(house.room)) for house in (alice, bob)]
        try:
            await eventually(lambda: (clock.advance(20), _late(alice) == ["A1"] or clock.now() > START + LONG)[1])
            due = [entry for entry in alice.room.timeline.entries if entry.payload.get("state") == "overdue"]
            assert due[0].occurred >= START + timedelta(minutes=5)
            await bob.room.refresh()
            await does(bob, "resolve it is over")
            await alice.room.refresh()
            await eventually(lambda: (clock.advance(30), clock.now() > START + LONG)[1])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert (_late(alice), _late(bob)) == (["A1"], ["A1"])


def desk(actor: str, timeline: Timeline) -> Desk:
    return Desk("i", START, actor, None, None, label="INC-1", timeline=timeline)


def written(timeline: Timeline, drafts: list[Draft], tail: Tail) -> Tail:
    for draft in drafts:
        entry, tail = seal(draft, tail, id=new_id(), now=START)
        assert KINDS[entry.kind].model_validate(fields(entry.payload))
        timeline.add(entry)
    assert timeline.state.status is Status.INVESTIGATING
    assert isinstance(timeline.state, State)
    return tail


def fields(payload: Mapping[str, object]) -> Mapping[str, object]:
    return dict(payload)
