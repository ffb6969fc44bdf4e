"""The line of a page's keys: keys stand apart from what they do; and help cuts nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import stage, staged, story

from cockpit.room.grammar import incident
from cockpit.screen.keys import DEEDS
from cockpit.screen.page import Page
from cockpit.screen.widgets.frame import key_spans
from cockpit.screen.widgets.lines import Lines

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("line", "shown", "keys"),
    [
        ("enter opens · R retry", "enter opens · R retry", ["enter", "R"]),
        ("←→ look · + - zoom · j k entries", "←→ look · + - zoom · j k entries", ["←→", "+ -", "j k"]),
        ("f filter  space pause  [] container", "f filter space pause [] container", ["f", "space", "[]"]),
        ("to read aloud; it goes on", "to read aloud; it goes on", []),
        ("`cockpit signals` prints the same", "`cockpit signals` prints the same", []),
        (" ctrl+↓ whom · ctrl+r repeat", " ctrl+↓ whom · ctrl+r repeat", ["ctrl+↓", "ctrl+r"]),
        ("", "", []),
    ],
)
def test_keys_stand_apart_from_what_they_do(line: str, shown: str, keys: list[str]) -> None:
    spans = key_spans(line)
    assert "".join(span.text for span in spans) == shown
    assert [span.text for span in spans if span.tone == "accent"] == keys


PAGES = {
    "a": "ActPage", "b": "BriefPage", "C": "CatchUpPage", "c": "RolloutPage", "i": "IncidentsPage", "l": "LogPage",
    "m": "MessagesPage", "M": "MeasuresPage", "p": "ContactsPage", "r": "PeoplePage", "s": "ScribePage",
    "U": "MitigationsPage", "v": "SourcesPage", "w": "ReviewPage", "enter": "PodPage", "question_mark": "HelpPage",
}  # fmt: skip


@pytest.mark.parametrize("width", [80, 60])
async def test_no_page_cuts_what_its_keys_do(tmp_path: Path, width: int) -> None:
    """At 80 columns every key is told; narrower, the last give way as a whole."""
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path, (width, 24)) as cockpit:
        await cockpit.sees("Pods ─ 2/5")
        for key, page in PAGES.items():
            await cockpit.press(*(("1", key) if key in ("l", "enter") else (key,)))
            await cockpit.goes_to(page)
            shown = cockpit.app.screen
            assert isinstance(shown, Page)
            keys = shown.page_keys.replace("  ", " ")
            last = cockpit.lines[-1].strip()
            assert last.startswith("esc back"), page
            said = last.removeprefix("esc back").strip()
            assert keys.startswith(said), page
            assert "…" not in said, page
            if width == 80:
                assert said == keys, page
            elif keys:
                assert said or len(re.split(" · |  ", shown.page_keys)[0]) > width - 11, page
            await cockpit.press("escape")
            await cockpit.goes_to("CockpitScreen")


async def test_what_went_wrong_is_said_to_its_end(tmp_path: Path) -> None:
    """A refusal ends with what to do: a title that cuts it keeps the half that helps nobody."""
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("r")
        await cockpit.sees("Incident commander")
        await cockpit.press("tab", *"@bob", "enter")
        await cockpit.sees("`handover ic @bob` offers it", "takes it where they cannot answer")
        await cockpit.pilot.resize_terminal(60, 24)
        await cockpit.sees("offers it with a brief; `--replace WHY` takes it where", "they cannot answer")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_help_cuts_nothing(tmp_path: Path, size: tuple[int, int]) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path, size) as cockpit:
        await cockpit.press("question_mark")
        await cockpit.goes_to("HelpPage")
        await cockpit.sees("Suggestions, scenarios")
        seen = []
        for _ in range(40):
            seen += [line.strip() for line in cockpit.lines if line.strip() not in seen]
            await cockpit.press("ctrl+d")
        everything = " ".join(seen)
        assert not [line for line in seen if line.endswith("…") and "resolve, …" not in line]
        assert all(" ".join(deed.help.split()[:3]) in everything for deed in DEEDS)
        assert all(name in everything for name in incident.commands)


async def test_a_colon_opens_the_command_line_too(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("colon")
        await cockpit.sees("tab completes")


async def test_a_page_without_a_database_offers_no_keys_for_sessions(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("t")
        await cockpit.goes_to("DatabasePage")
        await cockpit.sees("no database is configured")
        assert cockpit.lines[-1].strip() == "esc back"


async def test_an_offered_brief_is_cut_nowhere(tmp_path: Path) -> None:
    """Whoever takes over reads it before he does."""
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("r")
        await cockpit.goes_to("PeoplePage")
        await cockpit.press("H", *"@bob", "enter")
        await cockpit.sees("Handovers")
        (offer,) = war.room.state.handovers.values()
        rows = ["".join(span.text for span in row.spans) for row in cockpit.app.screen.query_one(Lines).rows]
        assert all(len(row) <= 80 for row in rows)
        assert set(offer.brief.split()) <= set(" ".join(rows).split())


async def test_help_tells_first_what_the_keys_of_a_page_do(tmp_path: Path) -> None:
    """One asks where one is; and the way back is to there."""
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("Pods ─ 2/5")
        for key, page in PAGES.items():
            if key == "question_mark":
                continue
            await cockpit.press(*(("1", key) if key in ("l", "enter") else (key,)))
            await cockpit.goes_to(page)
            await cockpit.press("question_mark")
            await cockpit.goes_to("HelpPage")
            await cockpit.sees("Keys of the cockpit", "Suggestions, scenarios")
            assert "…" not in "\n".join(cockpit.lines).partition("Keys of the cockpit")[0]
            if page == "RolloutPage":
                await cockpit.sees("Keys of this page", "<              compare from this revision")
            await cockpit.press("question_mark")
            await cockpit.goes_to(page)
            await cockpit.press("escape")
            await cockpit.goes_to("CockpitScreen")
