"""Messages between cockpits: on one journal, over incidents, over restarts, and on machines that share a record."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Delivery, Message
from cockpit.message.channel import Again
from cockpit.record import leases
from cockpit.record.journal import Journal
from cockpit.record.undelivered import undelivered
from cockpit.room.messages.delivering import Delivering
from cockpit.room.requests import Facts, Start
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.message.scripted import DOWN, Scripted, at_desk
from tests.postgres import Server, running
from tests.room.test_shared_record import cockpit
from tests.stories import START

pytestmark = pytest.mark.anyio


async def test_two_cockpits_on_one_journal_send_each_message_once(tmp_path: Path) -> None:
    """Each takes up what it sees, and one of them has it in hand."""
    clock = ManualClock(START)
    mail, chat = Scripted("mail", again="ask"), Scripted("chat", again="find")
    first, second = (at_desk(tmp_path, mail, chat, clock=clock, actor=actor) for actor in ("@alice", "@bob"))
    async with first as alice, second as bob:
        written = [await alice.write("mail", audience=f"a{n % 3}") for n in range(8)]
        written += [await bob.write("chat", audience=f"b{n % 3}") for n in range(8)]

        async def over() -> bool:
            clock.advance(0.5)
            for desk in (alice, bob):
                await desk.house.room.refresh()
            return all(alice.state(each) == "sent" for each in written)

        await eventually(over)
        for each in written:
            assert (mail.tried + chat.tried).count(each) == 1
            assert len([said for said in alice.said(each) if said[1] == "sent"]) == 1


@pytest.mark.parametrize("again", ["same", "find", "ask"])
async def test_what_a_cockpit_had_in_hand_when_it_died_is_taken_over(tmp_path: Path, again: Again) -> None:
    """Its turn lapses; then the message is sent again, asked for, or left to a person, as its channel is."""
    chat = Scripted("chat", again=again)
    async with at_desk(tmp_path, begun=False) as dead:
        dead.house.room.wrote = lambda _: None
        message = await dead.write("chat")
        if again != "same":
            begun = Delivery(message=message, channel="chat", state="sending", attempt=1)
            await dead.house.room.perform(Facts(lambda _: [(begun, None)]))
        chat.arrived.append(message)  # it was taken, and then the power failed
        await dead.house.store.call(lambda journal: leases.take(journal, f"message:{message}", "dead", "@dead"))
    async with at_desk(tmp_path, chat, clock=ManualClock(START + timedelta(seconds=10)), actor="@bob") as bob:
        assert (await bob.delivering.retry(message)).state in ("sending", "queued")
        began = bob.clock.now()
        await bob.until(lambda: bob.state(message) == ("unknown" if again == "ask" else "sent"))
        assert 19 <= (bob.clock.now() - began).total_seconds() <= 30
        assert chat.tried == ([message] if again == "same" else [])
        assert chat.looked == ([message] if again == "find" else [])
        assert chat.arrived == [message]


async def test_a_command_does_not_wait_for_what_somebody_else_has_in_hand(tmp_path: Path) -> None:
    """Its own message comes after that one, and a cockpit sends it."""
    clock = ManualClock(START)
    chat = Scripted("chat")
    async with at_desk(tmp_path, chat, begun=False, clock=clock) as desk:
        deliver, desk.house.room.wrote = desk.house.room.wrote, lambda _: None
        first = await desk.write("chat")
        await desk.house.store.call(lambda journal: leases.take(journal, f"message:{first}", "other", "@bob"))
        desk.house.room.wrote = deliver
        second = await desk.write("chat")
        entries = [each for each in desk.house.room.timeline.entries if each.payload.get("message") == second]
        (result,) = await desk.delivering.delivered(entries)
        assert (result.state, chat.tried) == ("queued", [])
        clock.advance(60)
    async with at_desk(tmp_path, chat, clock=clock) as desk:
        await desk.until(lambda: chat.arrived == [first, second])


async def test_messages_of_an_incident_that_is_not_open_here_go_on(tmp_path: Path) -> None:
    """The cockpit goes to another incident, and ends; the next one takes up what is left of the first."""
    clock = ManualClock(START)
    chat = Scripted("chat", DOWN)
    async with at_desk(tmp_path, chat, clock=clock) as desk:
        first = await desk.write("chat")
        await desk.until(lambda: desk.state(first) == "failed", step=0.0)
        there = desk.house.room.incident
        await desk.house.room.perform(Start("another", another=True))
        assert desk.house.room.incident != there
        tried = len(chat.tried)
        await desk.until(lambda: len(chat.tried) > tried + 3)
        assert first not in desk.house.room.state.messages
        elsewhere = desk.house.room.incident
    chat.answers = [None]
    async with at_desk(tmp_path, clock=clock, begun=False) as desk:
        await desk.house.room.attach(elsewhere)
        desk.delivering = Delivering(desk.house.room, [chat])
        desk.delivering.begin()
        await desk.until(lambda: chat.arrived == [first], step=5)
        await desk.delivering.close()
        await desk.house.room.attach(there)
        assert desk.state(first) == "sent"


def test_incidents_with_something_left_are_found_without_being_read(tmp_path: Path) -> None:
    """One that was sent is not among them, one that is asked for again is, one of long ago is not."""
    clock = ManualClock(START)
    journal = Journal.open(tmp_path / "record.db", clock)

    def put(incident: str, *payloads: kinds.Payload) -> None:
        journal.append([Draft(incident, each.kind, each.fields(), clock.now(), "@alice") for each in payloads])

    def message(id: str) -> Message:
        return Message(message=id, template="", audience="a", channels=("c",), title="T", text="x")

    long_ago, sent, waiting, again = (new_id() for _ in range(4))
    put(long_ago, message("m0"))
    clock.advance(30 * 3600)
    since = clock.now() - timedelta(hours=25)
    put(sent, message("m1"), Delivery(message="m1", channel="c", state="failed"))
    put(sent, Delivery(message="m1", channel="c", state="sent"))
    put(waiting, message("m2"), Delivery(message="m2", channel="c", state="failed", next_try=clock.now()))
    position = journal.position()
    put(again, Delivery(message="m3", channel="", state="queued"))
    assert undelivered(journal, since) == [waiting, again]
    assert undelivered(journal, since, position) == [again]
    assert undelivered(journal, START, journal.position()) == []
    journal.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as found:
        yield found


CONFIGURATION = """\
version: 1
channels:
  paper: {{type: file, path: {folder}/messages.txt}}
audiences:
  customers: [paper]
"""


async def test_another_machine_takes_over_what_cannot_be_doubled(tmp_path: Path, server: Server) -> None:
    """What nobody but the machine itself can tell of stays with it; also what was just written."""
    dsn = server.database()
    (tmp_path / "cockpit.yaml").write_text(CONFIGURATION.format(folder=tmp_path))
    async with cockpit(tmp_path / "b", dsn, "@bob") as bob:
        async with cockpit(tmp_path / "a", dsn, "@ada") as ada:
            await ada.delivering.close()  # and dies before it sends anything
            await ada.room.perform(Start("checkout", "P1"))
            old = await _left(ada, "paper", minutes=2)
            fresh = await _left(ada, "paper", minutes=0)
            mail = await _left(ada, "mail", minutes=2)
            await eventually(lambda: {old, fresh, mail} <= set(bob.room.state.messages))
        letters = Scripted("mail", again="ask")
        beside = Delivering(bob.room, [letters], bob.house.sharing, chance=random.Random(1))
        beside.begin()
        await eventually(lambda: bob.room.state.messages[old].state == "sent")
        assert bob.room.state.messages[fresh].state == "queued"
        assert (bob.room.state.messages[mail].state, letters.tried) == ("queued", [])
        await beside.retry(mail)  # a person knows better
        assert bob.room.state.messages[mail].state == "sent"
        await beside.close()


async def _left(war: WarRoom, channel: str, *, minutes: int) -> str:
    """A message that was written some minutes ago."""
    message = new_id()
    payload = Message(
        message=message, template="", audience=f"of-{message[-4:]}", channels=(channel,), title="T", text="x"
    )
    at = datetime.now(UTC) - timedelta(minutes=minutes) if minutes else None
    await war.room.perform(Facts(partial(_one, payload, at)))
    return message


def _one(payload: Message, at: datetime | None, _: object) -> list[tuple[Message, datetime | None]]:
    return [(payload, at)]
