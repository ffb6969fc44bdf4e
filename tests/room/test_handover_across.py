"""Handing a role over from one machine to another, also where the shared record is away in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.incident.terms import Role
from cockpit.room.refusal import Refusal
from cockpit.room.requests import Accept, Offer, Start, TakeRole, Withdraw, Write
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.postgres import Server, running
from tests.room.test_shared_record import cockpit, shared

pytestmark = pytest.mark.anyio


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that the test may hurt."""
    with running() as found:
        yield found


async def commanded(ada: WarRoom, bob: WarRoom) -> None:
    """An incident that @ada commands, known to both."""
    await ada.room.perform(Start("checkout", "P1"))
    await ada.room.perform(TakeRole("ic", "@ada"))
    await eventually(lambda: bob.room.state.roles.get(Role.IC) == "@ada")


async def back(server: Server, *wars: WarRoom) -> None:
    """The database comes back, and everything is everywhere."""
    server.start()
    for war in wars:
        await eventually(lambda war=war: shared(war).state == "together" and not shared(war).waiting, timeout=40)  # type: ignore[misc]
    first, *others = wars
    for war in others:
        await eventually(lambda war=war: ids(war) == ids(first), timeout=20)  # type: ignore[misc]


def ids(war: WarRoom) -> list[str]:
    return [entry.id for entry in war.room.timeline.entries]


async def test_offered_here_and_accepted_there_with_its_brief(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as ada, cockpit(tmp_path / "b", dsn, "@bob") as bob:
        await commanded(ada, bob)
        await ada.room.perform(Offer("ic", "@bob", "end of my shift"))
        await eventually(lambda: bob.room.state.offered(Role.IC) is not None)
        offer = bob.room.state.offered(Role.IC)
        assert offer is not None
        assert "P1, checkout, investigating" in offer.brief
        await bob.room.perform(Accept("ic"))
        await eventually(lambda: ada.room.state.roles.get(Role.IC) == "@bob")


async def test_accepted_while_the_database_is_away(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as ada, cockpit(tmp_path / "b", dsn, "@bob") as bob:
        await commanded(ada, bob)
        await ada.room.perform(Offer("ic", "@bob"))
        await eventually(lambda: bob.room.state.offered(Role.IC) is not None)
        server.kill()
        await bob.room.perform(Accept("ic"))
        await ada.room.perform(Write("still in command, as far as this machine knows"))
        assert (ada.room.state.roles[Role.IC], bob.room.state.roles[Role.IC]) == ("@ada", "@bob")
        await back(server, ada, bob)
        assert ada.room.state.roles == bob.room.state.roles == {Role.IC: "@bob"}
        assert ada.room.state.offered(Role.IC) is None


async def test_what_was_offered_while_the_database_is_away_is_not_known_there_yet(
    tmp_path: Path, server: Server
) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as ada, cockpit(tmp_path / "b", dsn, "@bob") as bob:
        await commanded(ada, bob)
        server.kill()
        await ada.room.perform(Offer("ic", "@bob"))
        with pytest.raises(Refusal, match="offered to nobody"):
            await bob.room.perform(Accept("ic"))
        await back(server, ada, bob)
        await bob.room.perform(Accept("ic"))
        await eventually(lambda: ada.room.state.roles.get(Role.IC) == "@bob")


async def test_withdrawn_here_and_accepted_there_while_apart_is_one_story_afterwards(
    tmp_path: Path, server: Server
) -> None:
    dsn = server.database()
    async with cockpit(tmp_path / "a", dsn, "@ada") as ada, cockpit(tmp_path / "b", dsn, "@bob") as bob:
        await commanded(ada, bob)
        await ada.room.perform(Offer("ic", "@bob"))
        await eventually(lambda: bob.room.state.offered(Role.IC) is not None)
        server.kill()
        await ada.room.perform(Withdraw("ic", "I can stay"))
        await bob.room.perform(Accept("ic"))
        await back(server, ada, bob)
        assert ada.room.state == bob.room.state
        assert ada.room.state.roles == {Role.IC: "@bob"}
        assert ada.room.state.offered(Role.IC) is None
