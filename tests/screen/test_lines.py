"""Lists that are drawn line by line: what they show is right after every change, and little is drawn for a little."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip

from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span
from cockpit.screen.widgets.lines import Rows

pytestmark = pytest.mark.anyio

WIDTH, HEIGHT = 40, 12
LINES = HEIGHT - 2


class Drawn(Pane):
    """A pane that remembers which of its lines it was asked for."""

    def __init__(self) -> None:
        super().__init__(1, "Lines")
        self.asked: list[int] = []

    def render_line(self, y: int) -> Strip:
        """As it does."""
        self.asked.append(y)
        return super().render_line(y)


class Counted(Rows):
    """Rows that count how often one of them is made."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.made = 0

    def __len__(self) -> int:
        return len(self.texts)

    def row(self, index: int) -> Row:
        """The row at `index`."""
        self.made += 1
        return Row(f"{index}", (Span(self.texts[index]),))

    def place(self, key: str) -> int:
        """Where it is."""
        return int(key)


class Showing(App[None]):
    """One pane, all over the screen."""

    CSS = ".pane { border: round white; height: 100%; }"
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        """The pane."""
        yield Drawn()

    def picture(self) -> list[str]:
        """What is on the screen."""
        return [strip.text for strip in self.screen._compositor.render_strips()]


def within(picture: list[str]) -> list[str]:
    """The lines between the borders, without them."""
    return [line[1:-1].rstrip() for line in picture[1:-1]]


async def test_a_new_title_draws_no_line_and_a_changed_row_draws_its_own() -> None:
    app = Showing()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        pane = app.query_one(Drawn)
        texts = [f"row {n}" for n in range(LINES)]
        pane.show_rows(Counted(texts))
        await pilot.pause()
        pane.asked.clear()
        pane.answer("all well")
        pane.beneath("12 more below")
        await pilot.pause()
        assert pane.asked == []
        picture = app.picture()
        assert "1 Lines ─ all well" in picture[0]
        assert "12 more below" in picture[-1]
        assert within(picture) == texts
        again = Counted([*texts[:4], "another", *texts[5:]])
        pane.show_rows(again)
        await pilot.pause()
        assert pane.asked == [4]
        assert within(app.picture()) == list(again.texts)
        other = Counted([f"other {n}" for n in range(LINES)])
        pane.show_rows(other)
        await pilot.pause()
        assert other.made < LINES + 5, "a row that was compared is not made again to be drawn"
        assert within(app.picture()) == list(other.texts)


async def test_every_line_is_right_however_many_were_drawn_before() -> None:
    """More than are kept, in any order, while rows change, come and go, and the title changes with them."""
    app, chance = Showing(), random.Random(7)
    texts = [f"row {n}" for n in range(2_000)]
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        pane = app.query_one(Drawn)
        pane.show_rows(Counted(list(texts)))
        await pilot.pause()
        for turn in range(60):
            top = chance.randrange(len(texts) - LINES)
            pane.scroll_to(y=top, animate=False, force=True)
            for _ in range(3):
                texts[chance.randrange(top, top + LINES)] = f"turn {turn} {chance.random()}"
            if turn % 10 == 9:
                texts.append("one more")
            pane.answer(f"turn {turn}")
            pane.show_rows(Counted(list(texts)))
            await pilot.pause()
            first, picture = round(pane.scroll_offset.y), app.picture()
            assert [line[: WIDTH - 4].rstrip() for line in within(picture)] == texts[first : first + LINES]
            assert f"turn {turn}" in picture[0]


def spread(*chosen: int, lines: int = 40) -> list[Row]:
    """Rows of which only the `chosen` can be selected."""
    return [Row(f"{n}" if n in chosen else "", (Span(f"line {n}"),)) for n in range(lines)]


@pytest.mark.parametrize("chosen", [(), (2,), (2, 5)], ids=["none", "one", "two"])
async def test_what_cannot_be_selected_can_still_be_read_to_its_end(chosen: tuple[int, ...]) -> None:
    """A page of text with few rows to choose, or none: every key of movement moves what is seen."""
    app = Showing()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        pane = app.query_one(Drawn)
        pane.show_rows(spread(*chosen))
        pane.focus()
        await pilot.pause()
        await pilot.press("G")
        assert within(app.picture())[-1] == "line 39"
        await pilot.press("k")
        assert within(app.picture())[-1] == "line 38"
        await pilot.press("ctrl+u")
        assert within(app.picture())[-1] == "line 33"
        await pilot.press("g")
        assert within(app.picture())[0] == "line 0"
        await pilot.press(*["ctrl+d"] * 9)
        assert within(app.picture())[-1] == "line 39"
        await pilot.press("g", *["j"] * 32)
        assert within(app.picture())[-1] == "line 39"


async def test_a_page_that_is_read_stays_where_it_is_while_what_it_says_changes() -> None:
    app = Showing()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        pane = app.query_one(Drawn)
        pane.show_rows(spread(2))
        pane.focus()
        await pilot.pause()
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+d")
        seen = within(app.picture())
        pane.show_rows(spread(2))
        await pilot.pause()
        assert within(app.picture()) == seen


async def test_back_from_the_end_goes_line_by_line_until_the_row_under_the_cursor_is_seen() -> None:
    app = Showing()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        pane = app.query_one(Drawn)
        pane.show_rows(spread(2, 5))
        pane.focus()
        await pilot.pause()
        await pilot.press("G", "k", "k", "k")
        assert within(app.picture())[-1] == "line 36"
        assert pane.selected == "5"
        await pilot.press(*["k"] * 23, "k")
        assert pane.selected == "2"
