"""What has several effects: shown in words, written as one set of entries or not at all, delivered when durable."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.incident import kinds
from cockpit.incident.terms import Status
from cockpit.record.errors import JournalError
from cockpit.room import grammar
from cockpit.room.house import House
from cockpit.room.requests import Page, Refusal, Request
from tests.conftest import eventually
from tests.room.rooms import CONFIGURATION, opened
from tests.stories import START

pytestmark = pytest.mark.anyio

TARGETS = """\
targets:
  database-team: {{channels: [pager, paper], handles: ["@dba"], phone: "+1 555 0100"}}
  platform-team: {{phone: "+1 555 0199"}}
"""
PAGER = "channels:\n  pager: {{type: file, path: {folder}/pager.txt}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose configuration has targets and a pager."""
    text = CONFIGURATION.replace("channels:\n", PAGER) + TARGETS
    (tmp_path / "cockpit.yaml").write_text(text.format(folder=tmp_path, context="prod-eu"))
    return tmp_path


def asked(line: str) -> Request:
    return grammar.parse(line, lambda: START)


async def done(house: House, line: str) -> list[str]:
    """The kinds of what was written, once it was delivered too."""
    entries = await house.room.perform(asked(line))
    await house.delivering.delivered(entries)
    return [entry.kind for entry in entries]


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


BOT = "start payment-failure p1 --page database-team --page platform-team --announce"
"""`/incident start payment-failure p1`, with what the documents' bot brings along."""


def heads(effects: tuple[str, ...]) -> tuple[str, ...]:
    """The effects without the texts of their messages."""
    return tuple(effect.split(" – ")[0] for effect in effects)


async def test_a_start_with_pages_and_an_announcement_is_one_set_of_entries(folder: Path) -> None:
    async with opened(folder) as house:
        assert heads(house.room.preview(asked(BOT))) == (
            "declares P1 payment-failure, pinned to prod-eu/production",
            "pages database-team by pager → paper",
            "notes that platform-team is to be paged by hand (+1 555 0199)",
            "tells customers by paper: payment-service - Service Disruption",
            "opens no incident channel: none is configured",
        )
        assert len(house.room.timeline) == 0, "a preview writes nothing"
        assert await done(house, BOT) == ["declared", "severity", "page", "message", "page", "message"]
        assert {(sent.message.audience, sent.state) for sent in house.room.state.messages.values()} == {
            ("page:database-team", "sent"), ("customers", "sent"),
        }  # fmt: skip
        assert "@alice pages @dba to P1 payment-failure" in read(folder / "pager.txt")
        assert "investigating reports of issues with payment-service" in read(folder / "messages.txt")
        assert "database-team" not in read(folder / "messages.txt"), "the first channel took it"


async def test_when_the_journal_refuses_in_the_middle_nothing_is_written_and_nothing_sent(folder: Path) -> None:
    async with opened(folder) as house:
        with closing(sqlite3.connect(folder / "record.db", isolation_level=None)) as other:
            other.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN new.kind = 'message'"
                " BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            )
        with pytest.raises(JournalError):
            await house.room.perform(asked(BOT))
        assert await house.store.incidents() == []
        assert await house.store.labels() == {}
        assert house.room.state.declared is None
        await house.delivering.close()
    assert read(folder / "pager.txt") == read(folder / "messages.txt") == ""


async def test_what_cannot_be_done_keeps_all_of_it_from_being_done(folder: Path) -> None:
    async with opened(folder) as house:
        for line, words in {
            "start x p9 --page database-team": "no severity of this policy",
            "start x p1 --page databse-team --announce": "is it database-team",
            "start x --page ''": "nobody to page",
        }.items():
            with pytest.raises(Refusal, match=words):
                house.room.preview(asked(line))
            with pytest.raises(Refusal, match=words):
                await house.room.perform(asked(line))
        assert await house.store.incidents() == []
        await done(house, "start payment-failure p1")
        with pytest.raises(Refusal, match=r"--set explanation=TEXT \(a brief explanation of what happened\)"):
            house.room.preview(asked("resolve all is well --announce"))
        assert house.room.state.status is Status.INVESTIGATING
        line = 'resolve "rolled back" --announce --set "explanation=A release was taken back"'
        assert heads(house.room.preview(asked(line))) == (
            "resolves it: rolled back", "tells customers by paper: payment-service - Service Restored",
            "sends no invitation to the post-mortem (2026-03-16 09:00–10:00 UTC, later than 48 hours: no business hour "
            "is sooner): no audience has mail",
        )  # fmt: skip
        assert await done(house, line) == ["status", "message"]
        assert "A release was taken back." in read(folder / "messages.txt")
    assert "rolled back" not in read(folder / "messages.txt"), "internal words go to nobody outside"


async def test_an_update_is_announced_by_the_template_that_fits_what_it_says(folder: Path) -> None:
    async with opened(folder) as house:
        await done(house, "start payment-failure p1 --announce")
        line = 'status --to identified "the pool is exhausted" --announce'
        said, told = house.room.preview(asked(line))
        assert said == "sets the status identified: the pool is exhausted"
        assert told.startswith(
            "tells customers by paper: payment-service - Service Disruption Update – We have identified"
        )
        assert "Next update by 02:30 UTC." in told, "the whole text is shown before it goes"
        assert await done(house, line) == ["status", "message"]
        assert house.room.preview(asked("status all quiet")) == (), "one effect is not asked about"
        assert house.room.preview(asked(f"{line} --yes")) == ()


async def test_every_audience_with_a_template_of_that_kind_is_told_and_the_others_are_named(folder: Path) -> None:
    text = (folder / "cockpit.yaml").read_text()
    more = "  customers: [paper]\n  internal: [paper]\n  partners: [paper]\n  nobody: []\n"
    (folder / "cockpit.yaml").write_text(text.replace("  customers: [paper]\n", more) + "templates: [ours]\n")
    (folder / "ours").mkdir()
    (folder / "ours" / "internal.md").write_text(
        "---\nname: internal-initial\naudience: internal\ntitle: '{{ severity }} {{ name }}'\n"
        "fields:\n  bridge:\n    required: true\n    hint: where the call is\n---\nJoin {{ bridge }}.\n"
    )
    async with opened(folder) as house:
        with pytest.raises(Refusal, match=r"--set bridge=TEXT \(where the call is\)"):
            house.room.preview(asked("start payment-failure p1 --announce"))
        with pytest.raises(Refusal, match=r"'lunch' is no blank of status-page-initial, internal-initial; .*: bridge"):
            house.room.preview(asked("start payment-failure p1 --announce --set lunch=soup"))
        line = "start payment-failure p1 --announce --set bridge=#42"
        assert heads(house.room.preview(asked(line)))[1:] == (
            "tells customers by paper: payment-service - Service Disruption",
            "tells internal by paper: P1 payment-failure",
            "pages nobody: no target of the configuration is called on-call; --page TARGET names one",
            "opens no incident channel: none is configured",
            "tells partners nothing: if they are affected (payment-incident-management.md:58)",
        )
        assert await done(house, line) == ["declared", "severity", "message", "message"]
        assert "Join #42." in read(folder / "messages.txt")


async def test_without_a_channel_for_customers_an_announcement_is_refused_whole(tmp_path: Path) -> None:
    text = CONFIGURATION.partition("audiences:")[0]
    (tmp_path / "cockpit.yaml").write_text(text.format(folder=tmp_path, context="prod-eu"))
    async with opened(tmp_path) as house:
        with pytest.raises(Refusal, match=r"no channel reaches 'customers'.*`audiences:`"):
            await house.room.perform(asked("start payment-failure p1 --announce"))
        assert await house.store.incidents() == []


async def test_a_page_says_who_calls_to_what_and_how_to_answer(folder: Path) -> None:
    async with opened(folder) as house:
        await done(house, "start payment-failure p1 --title 'Cards are refused'")
        assert await done(house, "page Database-Team the pool is exhausted") == ["page", "message"]
        text = read(folder / "pager.txt")
        for words in ("@alice pages @dba to INC-2026-001 P1 payment-failure", "What for: the pool is exhausted",
                      "What is wrong: Cards are refused", "payment-service prod-eu/production",
                      "Answer @alice, and join: cockpit INC-2026-001"):  # fmt: skip
            assert words in text
        assert await done(house, "page network-team") == ["page"]
        page, _ = house.room.state.pages[-1]
        assert (page.target, page.message, page.by_hand) == ("network-team", "", "")
        assert await done(house, "page platform-team") == ["page"]
        assert house.room.state.pages[-1][0].by_hand == "+1 555 0199"
        with pytest.raises(Refusal, match="is it database-team"):
            await house.room.perform(Page("databaseteam"))


async def test_a_drill_reaches_nothing_real(folder: Path) -> None:
    async with opened(folder) as house:
        await done(house, f"{BOT} --drill")
        by_hand = [page.by_hand for page, _ in house.room.state.pages if page.target == "platform-team"]
        assert by_hand == [""], "the record names no telephone to ring"
        for sent in house.room.state.messages.values():
            assert sent.state == "sent"
            assert sent.message.title.startswith("DRILL: ")
            assert all(channel.startswith("drill:") for channel in sent.message.channels)
    assert read(folder / "pager.txt") == read(folder / "messages.txt") == ""
    assert "payment-failure" in read(folder / "pager.txt.drill")


async def test_what_a_cockpit_wrote_is_delivered_though_nobody_waits_for_it(folder: Path) -> None:
    async with opened(folder) as house:
        (message,) = [e for e in await house.room.perform(asked(f"{BOT}")) if e.kind == "message"][1:]
        await eventually(lambda: house.room.state.messages[str(message.payload["message"])].state == "sent")
        # Taken up meanwhile: another incident. What became of the message is told in its own.
        assert kinds.Delivery.kind in {entry.kind for entry in house.room.timeline.entries}
