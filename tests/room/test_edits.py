"""Amending and redacting: the original stays, the words go, and what cannot be done is said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.terms import Status
from cockpit.incident.wording import headline, tag
from cockpit.room.house import House
from cockpit.room.requests import (
    Acknowledge,
    AddLink,
    Amend,
    Mitigate,
    Offer,
    Redact,
    Refusal,
    Request,
    Resolve,
    SetStatus,
    Start,
    Suppose,
    TakeRole,
    Write,
)
from cockpit.room.requests.refs import find_entry, ref
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


def ago(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


async def said(house: House, *requests: Request) -> str:
    """The ref of the last entry of these requests."""
    entries = [entry for request in requests for entry in await house.room.perform(request)]
    return ref(entries[-1])


def read(house: House) -> list[str]:
    """What stands in the timeline."""
    state, entries = house.room.state, house.room.timeline.entries
    return [headline(entry, state).text for entry in entries if not state.edits.replaced(entry)]


async def test_an_amendment_stands_in_its_place_at_its_time_and_the_original_stays(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        first = await said(house, Start("payment-failure"), Write("the pool is empty"))
        clock.advance(600)
        amended = await said(house, Amend(first, "the pool is exhausted", START + ago(5), "heard wrong"))
        entry = find_entry(house.room.timeline, amended)
        assert entry.occurred == START + ago(5)
        assert entry.payload["amendment"] == "heard wrong"
        assert tag(entry, house.room.state) == "amended, was 02:00:00"
        assert "the pool is exhausted" in read(house)
        assert "the pool is empty" not in read(house)
        assert find_entry(house.room.timeline, first).payload["text"] == "the pool is empty"
        # Amended again by its first name: the version that stands is what it is made from.
        again = find_entry(house.room.timeline, await said(house, Amend(first, "the pool is exhausted on 3 of 5")))
        assert (again.occurred, again.supersedes) == (START + ago(5), entry.id)
        assert "amendment" not in again.payload


async def test_last_is_ones_own_last_entry_that_can_be_amended(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        await said(alice, Start("payment-failure"), Write("from alice"))
        await bob.room.adopt()
        with pytest.raises(Refusal, match="@bob has written nothing here"):
            await said(bob, Amend("last", "x"))
        await said(bob, Write("from bob"))
        await alice.room.refresh()
        await said(alice, Amend("last", "from alice, amended"))
        assert {"from alice, amended", "from bob"} <= set(read(alice))


async def test_what_cannot_be_amended_is_said(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        note = await said(house, Start("payment-failure"), Write("a note"))
        link = await said(house, AddLink("https://grafana.example/d/1"))
        erased = await said(house, Write("slipped in"))
        gone = await said(house, Redact(erased, "it was a name"))
        declared = ref(house.room.timeline.entries[0])
        before = len(house.room.timeline)
        for request, words in {
            Amend("ffffff", "x"): "there is no entry 'ffffff'",
            Amend("x", "x"): "there is no entry",
            Amend(note, "a note"): "says that already",
            Amend(note): "--text TEXT or --at WHEN",
            Amend(note, "\x1b[0m"): "the text is empty",
            Amend(note, at=START + ago(1)): "in the future",
            Amend(link, at=START - ago(1)): "happened when it was recorded",
            Amend(declared, at=START - ago(1)): "happened when it was recorded",
            Amend(erased, "x"): "was redacted",
            Amend(gone, "x"): "cannot be amended",
            Amend("019", "x"): "there is no entry",
        }.items():
            with pytest.raises(Refusal, match=words):
                await house.room.perform(request)
        assert len(house.room.timeline) == before
        shared = house.room.timeline.entries[0].id[:8]
        if sum(entry.id.startswith(shared) for entry in house.room.timeline.entries) > 1:
            with pytest.raises(Refusal, match=f"'{shared}' names .* write more of the id"):
                await house.room.perform(Amend(shared, "x"))


async def test_times_that_cannot_be_are_refused(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        room = house.room
        await room.perform(Start("payment-failure", detected=START - ago(10)))
        clock.advance(1200)
        for request in (Acknowledge(START - ago(11)), Mitigate("x", START - ago(11))):
            with pytest.raises(Refusal, match="before it was detected"):
                await room.perform(request)
        for early in (Resolve(at=START - ago(1)), SetStatus("x", "identified", START - ago(1))):
            with pytest.raises(Refusal, match="before it was declared"):
                await room.perform(early)
        await room.perform(SetStatus("found", "identified", START + ago(5)))
        # An older word takes its place, and the incident stands where it stood.
        await room.perform(SetStatus("looking at the pool", at=START + ago(2)))
        assert [(each.value, each.text) for each in room.state.statuses][1] == ("investigating", "looking at the pool")
        assert room.state.status is Status.IDENTIFIED
        with pytest.raises(Refusal, match="before its status became identified"):
            await room.perform(Resolve("over", START + ago(4)))
        resolved = await said(house, Resolve("over", START + ago(15)))
        with pytest.raises(Refusal, match="before its status became identified"):
            await room.perform(Amend(resolved, at=START + ago(4)))
        await room.perform(Amend(resolved, at=START + ago(6)))
        assert room.state.resolved is not None
        assert room.state.resolved.at == START + ago(6)
        with pytest.raises(Refusal, match="in the future"):
            await room.perform(Write("x", START + ago(21)))


async def test_redaction_takes_the_words_of_every_version_and_nothing_else(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        slip = "customer Margarete Lindqvist called"
        note = await said(house, Start("payment-failure"), Write(slip))
        await said(house, Amend(note, f"{slip} twice", why="Margarete rang again"))
        with pytest.raises(Refusal, match="repeats words"):
            await house.room.perform(Redact(note, "the name Lindqvist slipped in"))
        with pytest.raises(Refusal, match="why it is redacted is empty"):
            await house.room.perform(Redact(note, " "))
        written = await house.room.perform(Redact(note, "a name slipped in"))
        assert len(written) == 2, "one for each version"
        with pytest.raises(Refusal, match="redacted already"):
            await house.room.perform(Redact(note, "once more"))
        with pytest.raises(Refusal, match="holds no words"):
            await house.room.perform(Redact(ref(written[0]), "why not"))
        assert (await house.store.verify()).sound
        everything = " ".join(str(entry.payload) for entry in house.room.timeline.entries)
        assert not {"Margarete", "Lindqvist"} & set(everything.replace(",", " ").split())
    for file in tmp_path.iterdir():  # noqa: ASYNC240  # nothing else runs in the test
        assert b"Lindqvist" not in file.read_bytes(), file
        assert b"Margarete" not in file.read_bytes(), file


async def test_a_status_that_was_redacted_still_counts(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        slip = await said(house, Start("payment-failure"), SetStatus("Margarete says so", "identified"))
        await house.room.perform(Redact(slip, "a name"))
        assert house.room.state.status is Status.IDENTIFIED
        assert "Margarete" not in str(house.room.state)


async def test_a_brief_that_repeats_the_words_is_erased_with_them(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        slip = await said(house, Start("payment-failure"), Suppose("the batch of Lindqvist and Sons"))
        await said(house, TakeRole("ic", "@alice"), Offer("ic", "@bob", "end of my shift"))
        (offered,) = house.room.state.handovers.values()
        assert "Lindqvist" in offered.brief
        assert [entry.kind for entry in await house.room.perform(Redact(slip, "a customer"))] == ["redaction"] * 2
        (offered,) = house.room.state.handovers.values()
        assert (offered.to, offered.state, offered.brief) == ("@bob", "offered", "‹redacted›")
    assert b"Lindqvist" not in (tmp_path / "record.db").read_bytes()


async def test_last_said_twice_erases_one_entry(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("x"))
        await house.room.perform(Write("an innocent note"))
        await house.room.perform(Write("a name"))
        await house.room.perform(Redact("last", "slipped in"))
        with pytest.raises(
            Refusal, match="your last entry is a redaction already; name what is to be erased by its ref"
        ):
            await house.room.perform(Redact("last", "slipped in"))
        assert "an innocent note" in [entry.payload.get("text") for entry in house.room.timeline.entries]
