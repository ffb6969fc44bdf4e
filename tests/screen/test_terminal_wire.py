"""What goes over the line: every picture arrives whole, and a second in which little changes costs little."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from screen.flying import flown
from screen.staged import stage, staged, story
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from cockpit.screen.terminal.wire import Wire
from tests.grid import Grid

WIDTH, HEIGHT = 12, 3
CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = [Style.parse(each) for each in ("red", "on blue", "bold green", "default")]

pieces = st.lists(
    st.tuples(st.text(st.sampled_from("ab ▲界"), max_size=9), st.sampled_from(STYLES)), min_size=1, max_size=4
)
lines = pieces.map(lambda found: Strip([Segment(text, style) for text, style in found]).adjust_cell_length(WIDTH))
frames = st.lists(lines, min_size=HEIGHT, max_size=HEIGHT)
spans = st.sets(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1)), min_size=1, max_size=3)


def whole(frame: Sequence[Strip]) -> LayoutUpdate:
    """A picture that is painted whole."""
    return LayoutUpdate([[strip] for strip in frame], Region(0, 0, WIDTH, HEIGHT))


def shown(frame: Sequence[Strip]) -> list[list[tuple[str, str]]]:
    """What a terminal shows of a picture, were it sent as Textual sends it."""
    grid = Grid(WIDTH, HEIGHT)
    grid.feed(whole(frame).render_segments(CONSOLE))
    return grid.cells


@given(st.lists(frames, min_size=1, max_size=5))
def test_what_differs_makes_every_picture_whole(pictures: list[list[Strip]]) -> None:
    wire, grid = Wire(), Grid(WIDTH, HEIGHT)
    for frame in pictures:
        grid.feed(wire.render(whole(frame), CONSOLE))
        assert grid.cells == shown(frame)
    assert wire.render(whole(pictures[-1]), CONSOLE) == ""


@given(frames, frames, spans)
def test_a_part_of_the_picture_is_painted_as_textual_paints_it(
    first: list[Strip], second: list[Strip], where: set[tuple[int, int]]
) -> None:
    half = WIDTH // 2
    chops = [{0: strip.crop(0, half), half: strip.crop(half, WIDTH)} for strip in second]
    found = sorted((y, x, WIDTH) for y, x in dict(where).items())
    update = ChopsUpdate(chops, found, [[half, WIDTH]] * HEIGHT)
    wire, narrowed, plain = Wire(), Grid(WIDTH, HEIGHT), Grid(WIDTH, HEIGHT)
    narrowed.feed(wire.render(whole(first), CONSOLE) + wire.render(update, CONSOLE))
    plain.feed(whole(first).render_segments(CONSOLE) + update.render_segments(CONSOLE))
    assert narrowed.cells == plain.cells


def test_what_the_terminal_lost_is_sent_again() -> None:
    wire, frame = Wire(), [Strip([Segment("a" * WIDTH, STYLES[0])])] * HEIGHT
    first = wire.render(whole(frame), CONSOLE)
    assert wire.render(whole(frame), CONSOLE) == ""
    wire.forget()
    assert wire.render(whole(frame), CONSOLE) == first


@pytest.mark.anyio
@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_second_in_which_only_the_clocks_move_costs_a_few_hundred_bytes(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path, size) as cockpit:
        wire = Wire()

        def sent() -> str:
            update = cockpit.app.screen._compositor.render_full_update()
            return wire.render(update, CONSOLE)

        await cockpit.sees("INC-2026-001" if size[0] > 100 else "1 Pods")
        cockpit.app.screen.draw()  # type: ignore[attr-defined]
        await cockpit.settles()
        first, before = sent(), cockpit.text
        war.clock.advance(1)  # type: ignore[attr-defined]
        cockpit.app.screen.draw()  # type: ignore[attr-defined]
        await cockpit.settles()
        second, after = sent(), cockpit.text
        differ = sum(a != b for a, b in zip(before, after, strict=True))
        assert 0 < differ < 60
        assert 0 < len(second) < 60 * differ < len(first)
        assert sent() == ""
