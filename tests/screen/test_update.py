"""The status update by keys: one question for all that is told, nothing sent before a yes, nothing typed lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screen.telling import telling, told

from cockpit.incident.terms import Status
from cockpit.screen.update.form import Form

pytestmark = pytest.mark.anyio

AUDIENCES = "customers: [paper], internal: [paper], merchants: [paper], partners: []"


async def test_one_yes_records_the_status_and_tells_everybody_who_is_ticked(tmp_path: Path) -> None:
    async with telling(tmp_path, audiences=AUDIENCES) as cockpit:
        await cockpit.press("u")
        await cockpit.goes_to("UpdateScreen")
        await cockpit.type("the pool is exhausted")
        await cockpit.press("ctrl+right", "ctrl+down", "G", "k", "space")  # merchants too, before partners at the end
        await cockpit.sees("[x] customers", "[x] internal", "[x] merchants", " -  partners", "[identified]")
        await cockpit.press("enter")
        await cockpit.goes_to("SendDialog")
        await cockpit.sees(
            "sets the status identified: the pool is exhausted", "tells customers by paper", "tells merchants"
        )
        await cockpit.press("enter", "n")
        await cockpit.goes_to("UpdateScreen")
        assert not {"message", "status"} & set(cockpit.kinds)
        await cockpit.press("enter")
        await cockpit.goes_to("SendDialog")
        await cockpit.press("y")
        await cockpit.goes_to("SentPage")
        await cockpit.sees("nothing is on its way any more", "✓ sent", "customers", "internal", "merchants")
        wrote = [entry for entry in cockpit.entries if entry.kind in ("status", "message")]
        assert [entry.kind for entry in wrote] == ["status", "message", "message", "message"]
        assert len({entry.recorded.at for entry in wrote}) == 1
        assert told(tmp_path).count("=== message") == 3
        assert cockpit.war.draft("update") is None
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")


async def test_what_was_typed_and_ticked_survives_leaving(tmp_path: Path) -> None:
    async with telling(tmp_path, audiences=AUDIENCES) as cockpit:
        await cockpit.press("u")
        await cockpit.goes_to("UpdateScreen")
        await cockpit.type("half a sent")
        await cockpit.press("ctrl+right", "ctrl+down", "g", "space")
        await cockpit.sees("[ ] customers")
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.press("u")
        await cockpit.sees("[ ] customers", "half a sent", "[identified]")
        await cockpit.type("ence")
        await cockpit.sees("half a sentence")


async def test_only_the_status_where_nobody_is_told(tmp_path: Path) -> None:
    async with telling(tmp_path) as cockpit:
        await cockpit.press("u")
        await cockpit.goes_to("UpdateScreen")
        await cockpit.press("ctrl+right", "ctrl+o")
        await cockpit.sees("tells nobody, only the status")
        await cockpit.press("enter", "enter", "enter")  # as a slow line brings them: it asks once
        await cockpit.goes_to("SendDialog")
        assert [type(each).__name__ for each in cockpit.app.screen_stack].count("SendDialog") == 1
        await cockpit.press("y")
        await cockpit.goes_to("CockpitScreen")
        assert (await cockpit.records("status")).payload["status"] == "identified"
        assert "message" not in cockpit.kinds


async def test_what_is_not_for_the_public_is_asked_twice(tmp_path: Path) -> None:
    async with telling(tmp_path, "status identified it is known") as cockpit:
        await cockpit.press("u")
        await cockpit.goes_to("UpdateScreen")
        await cockpit.press("ctrl+down")
        for _ in range(8):  # through the templates, to one that asks for something
            if "status-page-update (" in cockpit.text:
                break
            await cockpit.press("right")
            await cockpit.settles()
        await cockpit.press("ctrl+up", "down")
        await cockpit.type("the pool at 10.1.0.7 is full")
        await cockpit.press("enter")
        await cockpit.goes_to("SendDialog")
        await cockpit.sees("▲ public, and it names the internal address 10.1.0.7")
        await cockpit.press("y")
        await cockpit.sees("Really? It will be public")
        assert "message" not in cockpit.kinds
        await cockpit.press("y")
        await cockpit.goes_to("SentPage")
        await eventually(lambda: "10.1.0.7" in told(tmp_path))


async def test_the_last_answer_is_offered_and_taken_by_a_key(tmp_path: Path) -> None:
    async with telling(tmp_path, audiences="internal: [paper]") as cockpit:
        for number in range(2):
            await cockpit.press("u")
            await cockpit.goes_to("UpdateScreen")
            await cockpit.sees("what is wrong for those who use")
            await cockpit.press(*("down",) * (number + 1))  # an update asks one thing more than a declaration
            if number:
                await cockpit.sees("last time (ctrl+r): cards are refused")
                await cockpit.press("ctrl+r")
            else:
                await cockpit.type("cards are refused")
            await cockpit.sees("Impact: cards are refused")
            await cockpit.press("enter")
            await cockpit.goes_to("SendDialog")
            await cockpit.press("y")
            await cockpit.goes_to("SentPage")
            await cockpit.press("escape")
            await cockpit.goes_to("CockpitScreen")
        await eventually(lambda: told(tmp_path).count("Impact: cards are refused") == 2)


LINES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40)
NAMES = st.text("abcdefghijk-", min_size=1, max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(
    st.sampled_from(Status), LINES, st.dictionaries(NAMES, LINES), st.dictionaries(NAMES, st.booleans()),
    st.dictionaries(NAMES, NAMES), st.dictionaries(NAMES, st.dictionaries(NAMES, LINES, min_size=1)),
)  # fmt: skip
def test_a_draft_is_taken_up_as_it_was_left(
    to: Status, text: str, fields: dict[str, str], ticks: dict[str, bool], templates: dict[str, str],
    options: dict[str, dict[str, str]],
) -> None:  # fmt: skip
    form = Form(Status.MITIGATING, text, {k: v for k, v in fields.items() if v}, ticks, templates, options)
    again = Form(Status.MITIGATING)
    again.take_up(form.draft())
    assert again == form


@given(st.text())
def test_a_draft_of_another_kind_is_words_for_the_timeline(text: str) -> None:
    form = Form(Status.INVESTIGATING)
    form.take_up(text)
    first = next((line for line in text.split("\n") if "=" not in line and line), "")
    assert first in form.text or "=" in text
