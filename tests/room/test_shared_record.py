"""Cockpits on several machines with one shared record: one story, also with the database away for a while."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.clock import ManualClock, SystemClock
from cockpit.incident.terms import Role
from cockpit.record.store import Store
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.refusal import Refusal
from cockpit.room.requests import Resolve, Start, TakeRole, Write
from cockpit.room.room import Room
from cockpit.room.runs.turns import Turns
from cockpit.room.setting import Setting
from cockpit.room.views.signals import SharedView
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.postgres import Server, running
from tests.stories import START

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as found:
        yield found


@asynccontextmanager
async def cockpit(folder: Path, dsn: str, handle: str, read_only: bool = False) -> AsyncIterator[WarRoom]:
    """A cockpit on a machine of its own, without any cluster."""
    environ = {"COCKPIT_RECORD": dsn}
    options = Options(environ, folder.parent, actor=handle, journal=folder / "record.db", read_only=read_only)
    house = await open_house(options, SystemClock())
    war = WarRoom(house, SystemClock())
    try:
        await war.go_live()
        assert house.sharing is not None
        await house.sharing.first()
        yield war
    finally:
        await war.close()
        await house.close()


def shared(war: WarRoom) -> SharedView:
    """How the shared record stands there."""
    view = war.shared()
    assert view is not None
    return view


async def all_sent(war: WarRoom) -> bool:
    """Whether nothing is left to send, as its own journal has it."""
    assert war.house.sharing is not None
    await war.house.sharing.replicator.count()
    return not shared(war).waiting


def hashes(war: WarRoom) -> list[str]:
    """The record as it stands there."""
    return [each.hash for each in war.room.timeline.entries]


def texts(war: WarRoom) -> list[str]:
    """What is told, in order."""
    return [str(entry.payload.get("text", "")) for entry in war.room.timeline.entries if entry.kind == "note"]


async def test_who_comes_later_comes_to_the_same_incident(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as a, cockpit(tmp_path / "b", dsn, "@bob") as b:
        await a.room.perform(Start("checkout", "P1"))
        await eventually(lambda: b.room.state.declared is not None)
        await b.room.perform(Write("bob is here"))
        await eventually(lambda: texts(a) == ["bob is here"])
        await eventually(lambda: a.room.label == b.room.label and a.room.label.endswith("-001"))
        assert [each.id for each in a.room.timeline.entries] == [each.id for each in b.room.timeline.entries]
        async with cockpit(tmp_path / "c", dsn, "@cem") as c:
            await eventually(lambda: texts(c) == ["bob is here"])


async def test_who_is_here_in_which_role_and_at_what(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as a, cockpit(tmp_path / "b", dsn, "@bob") as b:
        await a.room.perform(Start("checkout", ""))
        await a.room.perform(TakeRole("ic", "@ada"))
        a.looking = lambda: "timeline"
        await eventually(lambda: b.room.state.declared is not None)

        def seen() -> bool:
            ada = next((each for each in shared(b).people if each.handle == "@ada"), None)
            return ada is not None and (ada.role, ada.looking, ada.own) == ("ic", "timeline", False)

        await eventually(seen, timeout=15)
        async with cockpit(tmp_path / "e", dsn, "@eve", read_only=True):
            await eventually(
                lambda: any(each.observer and each.handle == "@eve" for each in shared(b).people), timeout=15
            )
    async with cockpit(tmp_path / "a", dsn, "@ada") as a:
        await eventually(lambda: [each.handle for each in shared(a).people] == ["@ada"], timeout=15)


async def test_without_the_database_everybody_works_on(tmp_path: Path) -> None:
    with running() as server:
        dsn = server.database()
        async with cockpit(tmp_path / "a", dsn, "@ada") as a, cockpit(tmp_path / "b", dsn, "@bob") as b:
            await a.room.perform(Start("checkout", ""))
            await eventually(lambda: b.room.state.declared is not None)
            await eventually(lambda: all_sent(a))  # what is there may not be known here to be there
            server.kill()
            await a.room.perform(Write("ada alone"))
            await b.room.perform(Write("bob alone"))
            await eventually(lambda: shared(a).words.startswith("local only, 1 waiting"), timeout=15)
            server.start()
            await eventually(lambda: sorted(texts(a)) == sorted(texts(b)) == ["ada alone", "bob alone"], timeout=30)
            await eventually(lambda: shared(a).words == shared(b).words == "")
            await a.room.perform(Resolve("it is over"))
            await eventually(lambda: b.room.state.over)
            await eventually(lambda: hashes(a) == hashes(b))


async def test_two_commanders_are_told_of_and_the_later_one_stands(tmp_path: Path) -> None:
    with running() as server:
        dsn = server.database()
        async with cockpit(tmp_path / "a", dsn, "@ada") as a, cockpit(tmp_path / "b", dsn, "@bob") as b:
            await a.room.perform(Start("checkout", ""))
            await eventually(lambda: b.room.state.declared is not None)
            server.kill()
            await a.room.perform(TakeRole("ic", "@ada"))
            await b.room.perform(TakeRole("ic", "@bob"))
            server.start()
            await eventually(lambda: bool(contradictions(a)), timeout=40)
            await eventually(lambda: contradictions(a) == contradictions(b))
            assert contradictions(a) == ["role ic: @ada and @bob"]
            assert a.room.state.roles == b.room.state.roles == {Role.IC: "@bob"}


def contradictions(war: WarRoom) -> list[str]:
    """What the record says was decided apart."""
    found = [entry.payload for entry in war.room.timeline.entries if entry.kind == "contradiction"]
    return [f"{each['subject']}: {each['lost']} and {each['stands']}" for each in found]


async def test_who_observes_sees_and_writes_nothing(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as a:
        await a.room.perform(Start("checkout", ""))
        await eventually(lambda: shared(a).state == "together")
        async with cockpit(tmp_path / "e", dsn, "@eve", read_only=True) as eve:
            await eventually(lambda: eve.room.state.declared is not None)
            await a.room.perform(Write("seen"))
            await eventually(lambda: texts(eve) == ["seen"])
    assert not (tmp_path / "e" / "record.db").exists()


async def test_one_change_at_a_time_whichever_machine(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as a, cockpit(tmp_path / "b", dsn, "@bob") as b:
        await a.room.perform(Start("checkout", ""))
        await eventually(lambda: b.room.state.declared is not None)
        ours, theirs = Turns(a.room, a.house.sharing), Turns(b.room, b.house.sharing)
        async with ours.holding("Roll back") as told:
            assert told == ""
            with pytest.raises(Refusal, match="@ada: Roll back is being executed now"):
                async with theirs.holding("Restart"):
                    raise AssertionError("both are changing something")
        async with theirs.holding("Restart"):
            pass


async def test_one_change_at_a_time_on_one_journal(tmp_path: Path) -> None:
    clock = ManualClock(START)
    store = await Store.open(tmp_path / "record.db", clock)
    first, second = (Turns(Room(store, clock, handle, Setting()), None) for handle in ("@ada", "@bob"))
    async with first.holding("Roll back"):
        with pytest.raises(Refusal, match="@ada: Roll back"):
            async with second.holding("Restart"):
                raise AssertionError("both are changing something")
        clock.advance(31)  # what a dead cockpit held
        async with second.holding("Restart"):
            pass
    await store.close()


async def test_a_change_goes_on_while_nobody_elsewhere_can_be_asked(tmp_path: Path) -> None:
    with running() as server:
        async with cockpit(tmp_path / "a", server.database(), "@ada") as a:
            await eventually(lambda: shared(a).state == "together")
            server.kill()
            async with Turns(a.room, a.house.sharing).holding("Roll back") as told:
                assert "the shared record is away" in told
