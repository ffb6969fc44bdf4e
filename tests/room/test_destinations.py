"""Destinations: one preview for everybody who can be told, and one act that tells those who are ticked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.terms import Status
from cockpit.room import grammar
from cockpit.room.doctor import examine
from cockpit.room.house import House
from cockpit.room.messages.destinations import Destination
from cockpit.room.messages.sending import Update, Wishes
from cockpit.room.requests import Redact, Refusal, SayImpact, Start
from tests.room.rooms import CONFIGURATION, opened
from tests.stories import START

pytestmark = pytest.mark.anyio

EVERYBODY = """\
audiences:
  internal: [paper]
  customers: [{customers}]
  customer-email: [paper]
  stakeholders: [paper]
  executives: [paper]
  support: [paper]
  merchants: [paper]
  regulators: [paper]
  night-shift: [paper]
  nobody: []
targets:
  database-team: {{handles: ["@dba"]}}
"""
PAGE = """\
  page: {{type: statuspage, page: p1, token: {{env: NO_TOKEN}}, url: "http://127.0.0.1:9",
         components: {{payment-service: [c1, c2]}}}}
"""
PLACE = "prod/production"


@asynccontextmanager
async def house(
    folder: Path, clock: ManualClock | None = None, policy: str = "payment-service", customers: str = "paper",
    more: str = "",
) -> AsyncIterator[House]:  # fmt: skip
    """A house that can reach everybody, all on paper."""
    head = CONFIGURATION.partition("audiences:")[0].replace("channels:\n", f"channels:\n{PAGE}")
    head = head.replace("    runbook: payment-service\n", f"    runbook: payment-service\n    policy: {policy}\n")
    (folder / "cockpit.yaml").write_text(
        head.format(folder=folder, context="prod-eu") + EVERYBODY.format(customers=customers) + more
    )
    async with opened(folder, clock=clock or ManualClock(START)) as house:
        yield house


async def do(house: House, line: str) -> None:
    """A command line."""
    await house.room.perform(grammar.parse(line, house.room.clock.now()))


def by_name(found: list[Destination]) -> dict[str, Destination]:
    """The destinations by their audiences."""
    return {each.audience: each for each in found}


def ticked(found: list[Destination]) -> list[str]:
    """Who is to be told."""
    return [each.audience for each in found if each.ticked]


async def test_everybody_is_shown_with_why_and_what_they_would_read(tmp_path: Path) -> None:
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("payment-failure", "p0", title="Cards are refused"))
        found = opened.messages.destinations(Status.INVESTIGATING, "")
        assert [each.audience for each in found][:4] == ["customers", "customer-email", "internal", "stakeholders"]
        assert ticked(found) == ["customers", "internal", "stakeholders", "executives", "support"]
        every = by_name(found)
        assert every["customers"].template == "status-page-initial"
        assert every["customers"].channels == ("paper",)
        assert every["customers"].by == START + timedelta(minutes=5)
        assert every["internal"].composed is not None
        assert "Status Page: Updating since " in every["internal"].composed.rendered.text
        assert every["stakeholders"].why == "P0: CEO, CTO, VP Engineering, immediately (payment-service-runbook.md:98)"
        assert every["nobody"].trouble == "no channel reaches 'nobody'; name one under `audiences:`"
        assert every["night-shift"].trouble.startswith("no template for night-shift fits")
        assert [blank.name for blank in every["regulators"].missing] == [
            "entity", "duty", "nature", "consequence", "contact",
        ]  # fmt: skip
        assert every["regulators"].composed is None


async def test_one_act_records_the_status_and_every_ticked_message(tmp_path: Path) -> None:
    """All of it is one set of entries, each message delivered for itself; the answers are kept."""
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("payment-failure", "p0", title="Cards are refused"))
        wishes = Wishes(
            {"effect": "Every second card is refused"}, ticks={"executives": False, "merchants": True, "support": False}
        )
        chosen = [e for e in opened.messages.destinations(Status.IDENTIFIED, "it is the pool", wishes) if e.ticked]
        assert [each.audience for each in chosen] == ["customers", "internal", "stakeholders", "merchants"]
        before = len(opened.room.timeline)
        update = Update(tuple(e.composed for e in chosen if e.composed), Status.IDENTIFIED, "it is the pool")
        written = await opened.room.perform(update)
        assert [entry.kind for entry in written] == ["status", *["message"] * 4]
        assert len(opened.room.timeline) >= before + 5
        sent = {each.message.audience: each for each in opened.room.state.messages.values()}
        assert sent["internal"].message.answers == {"effect": "Every second card is refused"}
        assert sent["customers"].message.answers == {}
        assert {each.message.standing for each in sent.values()} == {"identified"}


async def test_what_is_unticked_is_not_said_to_be_under_way(tmp_path: Path) -> None:
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("payment-failure", "p0"))
        found = by_name(opened.messages.destinations(wishes=Wishes(ticks={"customers": False})))
        assert found["internal"].composed is not None
        assert "Status Page: Not updated as of " in found["internal"].composed.rendered.text


async def test_the_last_answers_are_offered_and_the_record_fills_the_rest(tmp_path: Path) -> None:
    """What was said of the impact stands there; what was answered the last time is offered, and put in by nobody."""
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("payment-failure", "p1", title="Cards are refused"))
        await opened.room.perform(SayImpact(text="One payment in eight fails", who="all customers"))
        first = opened.messages.compose("status-page-update", {"details": "One payment in eight fails"})
        await opened.room.perform(Update(first))
        await do(opened, "status --to identified 'it is the pool'")
        every = by_name(opened.messages.destinations())
        (details,) = every["customers"].blanks
        assert (details.name, details.value, details.given, details.offered) == (
            "details", "", False, "One payment in eight fails",
        )  # fmt: skip
        values = {blank.name: blank.value for blank in every["stakeholders"].blanks}
        assert values == {
            "what": "Cards are refused", "effect": "One payment in eight fails", "users": "all customers",
        }  # fmt: skip
        assert "it is the pool" not in str(every["customers"].composed), "internal words go to nobody outside"


async def test_an_answer_that_was_erased_is_offered_no_more(tmp_path: Path) -> None:
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("payment-failure", "p1"))
        composed = opened.messages.compose("incident-declaration", {"effect": "the customer Lindqvist is hit"})
        (message,) = await opened.room.perform(Update(composed))
        every = by_name(opened.messages.destinations())
        assert "the customer Lindqvist is hit" in [blank.offered for blank in every["internal"].blanks]
        await opened.room.perform(Redact(message.id, "a name of somebody outside", confirmed=True))
        every = by_name(opened.messages.destinations())
        assert not [blank.offered for blank in every["internal"].blanks if blank.offered]


async def test_the_page_is_told_how_bad_it_is_and_notifies_nobody_unless_chosen(tmp_path: Path) -> None:
    async with house(tmp_path, customers="page, paper") as opened:
        await opened.room.perform(Start("payment-failure", "p1"))
        every = by_name(opened.messages.destinations())
        shown = {choice.name: choice.value for choice in every["customers"].choices}
        assert shown == {"impact": "major", "components": "c1 c2", "notify": "no"}
        assert every["customers"].composed is not None
        assert every["customers"].composed.options.items() >= shown.items()
        chosen = Wishes(options={"customers": {"notify": "yes", "impact": "critical"}})
        again = by_name(opened.messages.destinations(wishes=chosen))["customers"]
        assert again.composed is not None
        options = again.composed.payload().options
        assert (options["impact"], options["components"], options["notify"]) == ("critical", "c1 c2", "yes")
        assert every["internal"].choices == ()


async def test_public_text_that_says_too_much_is_found(tmp_path: Path) -> None:
    """Internal names in what customers would read; what only those inside read is not looked at."""
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("payment-failure", "p1"))
        await do(opened, "status --to identified x")
        said = {"details": f"the database in {PLACE} is full, ask @dba", "effect": "ask @dba"}
        await opened.room.perform(Update(opened.messages.compose("status-page-initial", {})))
        every = by_name(opened.messages.destinations(wishes=Wishes(said)))
        assert any("@dba" in leak for leak in every["customers"].leaks)
        assert every["internal"].leaks == ()


async def test_resolution_is_told_to_those_who_heard_of_the_beginning(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with house(tmp_path, clock) as opened:
        await opened.room.perform(Start("payment-failure", "p0"))
        first = [e for e in opened.messages.destinations() if e.audience in ("customers", "executives")]
        await opened.messages.send_all(Update(tuple(e.composed for e in first if e.composed)))
        clock.advance(600)
        found = opened.messages.destinations(Status.RESOLVED, "")
        assert ticked(found) == ["customers", "internal", "executives"]
        every = by_name(found)
        assert (
            every["customers"].trouble
            == "status-page-resolution needs 'explanation': a brief explanation of what happened"
        )
        assert every["customers"].told == START
        assert every["executives"].composed is not None
        assert "It is over" in every["executives"].composed.rendered.text


async def test_the_policys_document_chooses_the_words(tmp_path: Path) -> None:
    async with house(tmp_path, policy="incident-response-plan") as opened:
        await opened.room.perform(Start("webhooks", "p1", title="Webhooks are late"))
        await opened.room.perform(Update(opened.messages.compose("status-page-initial", {})))
        every = by_name(opened.messages.destinations())
        assert every["customers"].template == "service-update"
        assert [blank.name for blank in every["customers"].missing] == ["consequence"]
        wish = Wishes(templates={"customers": "status-page-short"})
        assert by_name(opened.messages.destinations(wishes=wish))["customers"].template == "status-page-short"
        wish = Wishes(templates={"customers": "stakeholder-notice"})
        refused = by_name(opened.messages.destinations(wishes=wish))["customers"]
        assert refused.composed is None
        assert "is for stakeholders, product, not for customers" in refused.trouble


async def test_a_drill_tells_through_its_own_channels(tmp_path: Path) -> None:
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("game-day", "p0", drill=True))
        for each in opened.messages.destinations():
            assert all(channel.startswith("drill:") for channel in each.channels)
            assert each.composed is None or each.composed.rendered.title.startswith("DRILL: ")


async def test_nothing_is_written_when_part_of_the_act_cannot_be(tmp_path: Path) -> None:
    async with house(tmp_path) as opened:
        await opened.room.perform(Start("payment-failure", "p0"))
        before = len(opened.room.timeline)
        with pytest.raises(Refusal, match="nothing to say"):
            await opened.messages.send_all(Update(()))
        with pytest.raises(Refusal, match="the update"):
            opened.messages.destinations(Status.IDENTIFIED, "x" * 70_000)
        assert len(opened.room.timeline) == before


async def test_a_broken_template_of_ones_own_stops_only_its_own_message(tmp_path: Path) -> None:
    """The cockpit opens, everybody else is told, and the file is named with its line where it is missed."""
    (tmp_path / "ours").mkdir()
    head = "---\nname: status-page-initial\naudience: customers\ntitle: T\n---\n"
    (tmp_path / "ours" / "initial.md").write_text(f"{head}{{% for a in service %}}\n")
    async with house(tmp_path, more="templates: [ours]\n") as opened:
        await opened.room.perform(Start("payment-failure", "p0"))
        found = by_name(opened.messages.destinations())
        assert not found["customers"].ticked
        assert "initial.md:6: " in found["customers"].trouble
        assert found["internal"].composed is not None
        with pytest.raises(Refusal, match=r"initial.md:6: .*see jinja's syntax"):
            opened.messages.compose("status-page-initial", {})
        doctor = [each async for each in examine(opened, opened.room.clock) if each.what == "template"]
        assert [(each.state, "initial.md:6: " in each.said) for each in doctor] == [("bad", True)]
