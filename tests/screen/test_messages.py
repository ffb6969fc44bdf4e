"""What was told to whom, by keys: the meter, the log with what became of each message, retrying, copying, settling."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from screen.telling import telling, told

from cockpit.incident.deliveries import Attempt
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import Delivery, Message
from cockpit.room.messages.sending import Update
from cockpit.room.requests import Facts
from cockpit.screen.messages.rows import became
from tests.stories import START

pytestmark = pytest.mark.anyio


async def test_a_message_that_no_channel_took_is_copied_and_tried_again(tmp_path: Path) -> None:
    async with telling(tmp_path, "page unreachable the pool is full") as cockpit:
        await cockpit.records("delivery")
        await cockpit.sees("▲ not told: page:unreachable (m)")
        await cockpit.press("m")
        await cockpit.goes_to("MessagesPage")
        await cockpit.sees("Comms meter", "page:unreachable", "blocked", "Y copies it")
        await cockpit.press("Y")
        await eventually(lambda: "What for: the pool is full" in cockpit.app.clipboard)
        assert cockpit.app.clipboard.startswith("To: page:unreachable\n")
        (tmp_path / "blocked").rmdir()
        await cockpit.press("R")
        await cockpit.sees("✓ sent", "blocked took it at ")
        assert "What for: the pool is full" in (tmp_path / "blocked").read_text()


async def test_the_meter_says_who_was_told_when_and_what_was_promised(tmp_path: Path) -> None:
    audiences = "customers: [paper], internal: [paper], support: [paper]"
    async with telling(tmp_path, audiences=audiences) as cockpit:
        messages = cockpit.war.messages
        await messages.send(Update(messages.compose("status-page-initial", {})))
        await eventually(lambda: "We are investigating" in told(tmp_path))
        await cockpit.press("m")
        await cockpit.sees(
            "customers       told 0:0", "next in ", "internal        told nothing yet", "told nothing: support"
        )
        await cockpit.press("tab", "enter")
        await cockpit.goes_to("MessagePage")
        await cockpit.sees(
            "✓ sent",
            "to         customers by paper",
            "promises   the next by",
            "paper sent:",
        )


async def test_the_meter_says_whose_message_only_a_file_took(tmp_path: Path) -> None:
    async with telling(tmp_path, audiences="customers: [blocked, paper]") as cockpit:
        messages = cockpit.war.messages
        await messages.send(Update(messages.compose("status-page-initial", {})))
        await eventually(lambda: "We are investigating" in told(tmp_path))
        await cockpit.press("m")
        seen = await cockpit.sees("customers       told nothing yet", "1 not delivered", "1 kept")
        assert "nobody has heard it" in seen
        assert "paper took it at" in seen


async def test_of_a_message_that_may_have_arrived_a_person_says_whether_it_did(tmp_path: Path) -> None:
    async with telling(tmp_path) as cockpit:
        page = Message(
            message="m-1",
            template="",
            audience="customers",
            channels=("gone",),
            title="Of which nobody knows",
            text="x",
        )
        unknown = Delivery(
            message="m-1", channel="gone", state="unknown", reason="no answer after it was sent", attempt=1
        )
        await cockpit.war.room.perform(Facts(lambda _: [(page, None), (unknown, None)]))
        assert "not told" not in await cockpit.sees("? told or not: ")
        await cockpit.press("m")
        await cockpit.sees("? unknown", "gone may have taken it", "S says whether it arrived")
        await cockpit.press("S")
        await cockpit.goes_to("SettleDialog")
        await cockpit.sees("no answer after it was sent", "Look at gone for it.")
        await cockpit.press("enter", "escape")
        await cockpit.goes_to("MessagesPage")
        await cockpit.sees("? unknown")
        await cockpit.press("S", "y")
        await cockpit.sees("✓ sent", "noted: it arrived")


@pytest.mark.parametrize(("taken", "words"), [(False, "tried again now"), (True, "")])
def test_once_some_channel_took_it_no_other_is_tried(taken: bool, words: str) -> None:
    attempt = Attempt("pager", "failed", Fact(START, "@ada", "e-1"), words="no answer", next_try=START)
    said, _ = became(attempt, START, taken=taken)
    assert said == " · ".join(part for part in ("pager failed: no answer", words) if part)
