"""Telling an audience as a step: the preview is the message, and it is written down and sent once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually

from cockpit.clock import SystemClock
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.requests import Start
from cockpit.room.runs.runs import Confirmation, Flight, Plan
from cockpit.room.war_room import WarRoom
from tests.shop import shop, step

pytestmark = pytest.mark.anyio


def notify(id: str, **fields: Any) -> dict[str, Any]:
    """A step that tells somebody."""
    return step(id, {"kind": "notify", "audience": "customers", **fields}, kind="mitigate")


STEPS = (
    notify("words", text="Payments with <cards> fail, $(we) are on it."),
    notify("template", template="status-page-initial"),
    notify("press", text="Hello", audience="press"),
    notify("wrong", template="status-page-initial", audience="internal"),
    notify("absent", template="no-such-template"),
)


@asynccontextmanager
async def opened(folder: Path, **more: Any) -> AsyncIterator[WarRoom]:
    """A shop whose customers read a file, with an incident; `more` is the declaration's."""
    paper = {"paper": {"type": "file", "path": str(folder / "paper.txt")}}
    shop(folder, *STEPS, channels=paper, audiences={"customers": ["paper"], "internal": ["paper"]})
    house = await open_house(Options({}, folder, actor="@ada", journal=folder / "record.db"), SystemClock())
    war = WarRoom(house, SystemClock())
    try:
        await war.go_live()
        await war.room.perform(Start("trouble", "", **more))
        yield war
    finally:
        await war.close()
        await house.close()


async def over(flight: Flight) -> Flight:
    """A flight that has ended."""
    await eventually(lambda: flight.over)
    return flight


async def planned(war: WarRoom, id: str) -> Plan:
    """A step's preview."""
    return await war.prepare(war.jobs.step(id))


def messages(war: WarRoom) -> list[str]:
    """The words of the record's messages."""
    return [entry.payload["text"] for entry in war.room.timeline.entries if entry.kind == "message"]


def sent(folder: Path) -> str:
    """What the customers read."""
    path = folder / "paper.txt"
    return path.read_text() if path.exists() else ""


async def test_the_preview_is_the_message(tmp_path: Path) -> None:
    """To whom, by which channel, and every word; nothing is written or sent before somebody says yes."""
    async with opened(tmp_path) as war:
        plan = await planned(war, "words")
        assert (plan.risk, plan.confirm.kind, plan.refusals) == ("changing", "yes", ())
        assert (plan.object, plan.request) == ("audience/customers", "to customers by paper")
        assert "+Payments with <cards> fail, $(we) are on it." in plan.change
        refused = await over(war.launch(plan, Confirmation()))
        assert "not confirmed" in refused.trouble
        assert (messages(war), sent(tmp_path)) == ([], "")


async def test_one_plan_is_one_message(tmp_path: Path) -> None:
    """The key is pressed twice: the second time nothing is said, and the record has one run and one delivery."""
    async with opened(tmp_path) as war:
        plan = await planned(war, "words")
        first, second = war.launch(plan, Confirmation(yes=True)), war.launch(plan, Confirmation(yes=True))
        await over(first)
        await over(second)
        assert first.result is not None
        assert first.result.outcome == "succeeded"
        assert "sent to customers by paper" in first.result.output
        assert second.result is None
        assert "executed already" in second.trouble
        third = await over(war.launch(plan, Confirmation(yes=True)))
        assert "executed already" in third.trouble
        assert messages(war) == ["Payments with <cards> fail, $(we) are on it."]
        kinds = [entry.kind for entry in war.room.timeline.entries]
        assert (kinds.count("run-intent"), kinds.count("message"), kinds.count("delivery")) == (1, 1, 1)
        await war.delivering.go_on()
        assert sent(tmp_path).count("Payments with <cards> fail") == 1


async def test_what_a_template_says_is_what_is_previewed(tmp_path: Path) -> None:
    """Its title and its text, filled from the record."""
    async with opened(tmp_path) as war:
        plan = await planned(war, "template")
        assert plan.command == "cockpit message send status-page-initial"
        assert plan.change[0] == "+shop - Service Disruption"
        await over(war.launch(plan, Confirmation(yes=True)))
        text = sent(tmp_path)
        assert all(line.removeprefix("+") in text for line in plan.change)


@pytest.mark.parametrize(
    ("id", "why"),
    [
        ("press", "no channel reaches 'press'"),
        ("wrong", "is for customers, not for internal"),
        ("absent", "no-such-template"),
    ],
)
async def test_what_cannot_be_sent_is_refused_in_the_preview(tmp_path: Path, id: str, why: str) -> None:
    """It is said why, and nothing is recorded."""
    async with opened(tmp_path) as war:
        plan = await planned(war, id)
        assert why in plan.refusals[0]
        assert (messages(war), sent(tmp_path)) == ([], "")


async def test_a_channel_that_fails_is_no_success(tmp_path: Path) -> None:
    """The message stands in the record, to be tried again; the run says that nobody was reached."""
    (tmp_path / "paper.txt").mkdir()
    async with opened(tmp_path) as war:
        flight = await over(war.launch(await planned(war, "words"), Confirmation(yes=True)))
        assert flight.result is not None
        assert flight.result.outcome == "failed"
        assert "not delivered: paper: " in flight.result.error
        assert "cockpit message retry" in flight.result.error
        assert len(messages(war)) == 1


async def test_a_drill_reaches_nobody(tmp_path: Path) -> None:
    """What it says goes to a file of its own."""
    async with opened(tmp_path, drill=True) as war:
        plan = await planned(war, "words")
        assert plan.refusals == ()
        assert plan.request == "to customers by drill:paper"
        flight = await over(war.launch(plan, Confirmation(yes=True)))
        assert flight.result is not None
        assert flight.result.outcome == "succeeded"
    assert sent(tmp_path) == ""
    assert "are on it" in (tmp_path / "paper.txt.drill").read_text()
