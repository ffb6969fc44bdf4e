"""The line of a page's keys: keys stand apart from what they do; and help cuts nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import stage, staged, story

from cockpit.room.grammar import incident
from cockpit.screen.keys import DEEDS
from cockpit.screen.page import key_spans

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
