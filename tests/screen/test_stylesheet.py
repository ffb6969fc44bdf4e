"""Styles: each theme has its own colours, also in what was read before with another theme's."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import open_staged, stage, story
from textual.color import Color
from textual.css.errors import UnresolvedVariableError

from cockpit.screen.stylesheet import KeptStylesheet
from cockpit.screen.terminal.themes import NAMES

pytestmark = pytest.mark.anyio


def sheet(ink: str) -> KeptStylesheet:
    """A style sheet with one piece, and one colour for it."""
    made = KeptStylesheet(variables={"ink": ink})
    made.add_source("Static { color: $ink; }", read_from=("", "piece"))
    return made


def test_what_was_read_is_kept_by_the_values_that_it_was_read_with() -> None:
    red, blue = sheet("red"), sheet("blue")
    [kept], [other] = red.rules, blue.rules
    assert (kept.styles.color, other.styles.color) == (Color.parse("red"), Color.parse("blue"))
    for ink, rule in (("blue", other), ("red", kept)):
        red.set_variables({"ink": ink})
        red.reparse()
        assert red.rules == [rule]


def test_what_cannot_be_read_leaves_what_was_there() -> None:
    made = sheet("red")
    [kept] = made.rules
    made.add_source("Static { color: $nothing; }", read_from=("", "broken"))
    with pytest.raises(UnresolvedVariableError):
        made.reparse()
    assert [rule.styles.color for rule in made._rules] == [kept.styles.color]


async def test_each_theme_has_its_colours_on_every_screen(tmp_path: Path) -> None:
    war = await open_staged(tmp_path, stage(), entries=story())
    async with flown(war, tmp_path) as cockpit:
        seen: dict[str, list[Color]] = {}
        for theme in (*NAMES.values(), *NAMES.values()):
            cockpit.app.theme = theme
            await cockpit.settles()
            await cockpit.press("question_mark")
            await cockpit.goes_to("HelpPage")
            colours = [screen.styles.background for screen in cockpit.app.screen_stack]
            assert seen.setdefault(theme, colours) == colours
            await cockpit.press("escape")
            await cockpit.goes_to("CockpitScreen")
        assert len({str(colours) for colours in seen.values()}) > 1
    await war.house.close()
