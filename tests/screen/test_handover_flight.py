"""One incident in which two people hand over the command half-way, by keys in a terminal that they share and from the
command line, and at whose end the review has written itself as far as the record knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import Flown, flying, housed, options

from cockpit.room import grammar
from cockpit.room.requests import Refusal

pytestmark = pytest.mark.anyio


async def line(cockpit: Flown, text: str) -> None:
    """Type a command after `/` and enter it."""
    count = len(cockpit.entries)
    await cockpit.press("slash")
    await cockpit.type(text)
    await cockpit.press("enter")
    await eventually(lambda: len(cockpit.entries) > count)
    await cockpit.settles()


async def claim(cockpit: Flown, handle: str) -> None:
    """Claim the keyboard."""
    await cockpit.press("K")
    await cockpit.goes_to("ClaimDialog")
    await cockpit.type(handle)
    await cockpit.press("enter")
    await cockpit.goes_to("CockpitScreen")


async def test_two_people_hand_over_the_command_and_the_review_writes_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with flying(tmp_path, shared=True, size=(80, 24)) as cockpit:
        await nobody_types_unsigned(cockpit)
        await declared_and_led_by_alice(cockpit)
        await handed_to_bob(cockpit, tmp_path)
        await ended_by_bob(cockpit)
        await reviewed(cockpit, tmp_path)
        assert (await cockpit.war.house.store.verify()).sound


async def nobody_types_unsigned(cockpit: Flown) -> None:
    await cockpit.sees("K: who types?")
    await cockpit.press("n")
    await cockpit.type("unsigned")
    await cockpit.press("enter")
    await cockpit.sees("nobody holds the keyboard: K claims it")
    assert cockpit.entries == []
    await cockpit.press("escape")


async def declared_and_led_by_alice(cockpit: Flown) -> None:
    await claim(cockpit, "alice")
    await cockpit.sees("@alice types")
    await cockpit.press("D", "enter")
    declared = await cockpit.records("declared")
    assert declared.actor == "@alice"
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("r", "enter")
    await cockpit.records("role")
    await cockpit.goes_to("CockpitScreen")
    await line(cockpit, "severity p1")
    await line(cockpit, "detected customer --at -3m two calls")
    await line(cockpit, "impact cards are refused --who customers")
    await line(cockpit, "hypothesis the pool is full")
    await line(cockpit, "hypothesis H1 --eliminate it is at 20")
    await line(cockpit, "ask @dba 5m who holds the locks")


async def handed_to_bob(cockpit: Flown, folder: Path) -> None:
    await cockpit.press("r", "H")
    await cockpit.sees("hand it over to whom?")
    await cockpit.type("bob")
    await cockpit.press("enter")
    offer = await cockpit.records("handover")
    assert "H1: the pool is full" in offer.payload["brief"]
    await cockpit.sees("offered to @bob")
    await cockpit.press("A")
    await cockpit.sees("offered to @bob, not to @alice")
    async with housed(options(folder, actor="@bob")) as house:  # @bob answers from another terminal
        request = grammar.parse("handover ic --accept", house.room.clock.now)
        await house.room.perform(request)
        with pytest.raises(Refusal, match="offered to nobody"):
            await house.room.perform(request)
    await cockpit.sees("Incident commander    @bob since", "accepted")
    await cockpit.press("escape")
    await cockpit.sees("IC @bob")


async def ended_by_bob(cockpit: Flown) -> None:
    await claim(cockpit, "@bob")
    await line(cockpit, "decide fail over to the replica")
    await line(cockpit, "amend last --text decided to fail over")
    await line(cockpit, "mitigate the replica serves")
    mitigation = await cockpit.records("mitigation")
    assert (mitigation.actor, mitigation.role) == ("@bob", "ic")
    await cockpit.press("b")
    await cockpit.sees(
        "In place     ", "Z the replica serves", "H1: the pool is full (it is at 20)", "A1: @dba is asked"
    )
    await cockpit.press("escape")
    await line(cockpit, "resolve the replica serves all")
    await line(cockpit, "action-item watch the locks --owner @dba --due 7d")
    await line(cockpit, "close")
    await cockpit.sees("CLOSED")


async def reviewed(cockpit: Flown, folder: Path) -> None:
    await cockpit.press("w")
    await cockpit.sees("Review of INC-", "0 of 8 parts written by people")
    await cockpit.press("escape")
    await line(cockpit, "review went-well the handover took a minute")
    await cockpit.press("w")
    await cockpit.sees("1 of 8 parts written by people")
    await cockpit.press("x")
    await cockpit.sees("written: ")
    text = the_review(folder)
    assert "@alice from " in text
    assert ", @bob from " in text
    assert "> the handover took a minute" in text
    assert "- Eliminated, H1: the pool is full (it is at 20)" in text
    assert "A1 was never answered: who holds the locks" in text
    assert "| AI1 | watch the locks | @dba |" in text
    assert "**To be written by a person:** every factor that contributed" in text


def the_review(folder: Path) -> str:
    (path,) = folder.glob("INC-*-review.md")
    return path.read_text(encoding="utf-8")
