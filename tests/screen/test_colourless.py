"""Without colours: what is bad stands out, and only what is quiet is dim."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from screen.flying import Flown, flown
from screen.staged import stage, staged, story
from textual.color import Color

from cockpit.screen.terminal.themes import NAMES

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _colourless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def drawn(cockpit: Flown) -> Iterator[Segment]:
    """The segments of the screen in front as the terminal is sent them."""
    for strip in cockpit.app.screen._compositor.render_strips():
        yield from strip


def style_of(cockpit: Flown, words: str) -> Style:
    """The style of the first text that holds `words`."""
    found = next((each for each in drawn(cockpit) if words in each.text), None)
    assert found is not None, f"{words!r} is not on the screen:\n{cockpit.text}"
    assert found.style is not None
    return found.style


def contrast(style: Style) -> float:
    """How far a text's brightness is from its ground's; of a terminal's own colours, by what it is asked to do."""
    assert style.color is not None
    assert style.bgcolor is not None
    if style.color.is_default and style.bgcolor.is_default:
        return 0.5 if style.dim else 1.0
    text, ground = (Color.from_rich_color(each).brightness for each in (style.color, style.bgcolor))
    return abs(text - ground)


@pytest.mark.parametrize("theme", NAMES)
async def test_what_is_bad_stands_out_and_only_the_quiet_is_dim(tmp_path: Path, theme: str) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        cockpit.app._use(theme)
        await cockpit.press("4")
        await cockpit.sees("2 breached", "CrashLoop")
        plain, quiet = style_of(cockpit, "Running"), style_of(cockpit, ">80")
        for bad in (style_of(cockpit, "9xw2p"), style_of(cockpit, "Response time")):
            assert bad.bold, bad
            assert contrast(bad) >= contrast(plain), (bad, plain)
        assert contrast(quiet) < contrast(plain)
        title = style_of(cockpit, "2 breached")
        assert (title.bold, title.reverse) == (True, True)
        assert not style_of(cockpit, "3 Checklist").reverse


async def test_what_is_refused_stands_out(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("slash")
        await cockpit.type("severty P1")
        await cockpit.press("enter")
        await cockpit.sees("No such command")
        assert style_of(cockpit, "No such command").bold
