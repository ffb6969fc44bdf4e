"""The cockpit on terminals that can do less: without UTF-8, with 16 colours, without any, and as TERM names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cockpit.screen.plain import plain
from cockpit.screen.terminal.glyphs import ASCII, UNICODE, choose
from cockpit.screen.terminal.themes import without_false_colours
from tests.terminals import Terminal, environment
from tests.test_crash_cockpit import cockpit

COLOURS = re.compile(rb"\x1b\[([\d;]*)m")
TRUE, INDEXED = "38;2;", "38;5;"


@contextmanager
def opened(folder: Path, *flags: str, **more: str) -> Iterator[Terminal]:
    """A cockpit on a terminal whose environment says `more`, and nothing else of locale and colours."""
    env = environment(folder, **more)
    for name in {"COLORTERM", "LC_ALL", "LC_CTYPE", "LANG"} - set(more):
        env.pop(name, None)
    with Terminal([*cockpit(folder), *flags], env=env, cwd=folder) as terminal:
        terminal.shows(r"1 Pods[\s\S]*\? help")
        yield terminal


def tour(terminal: Terminal) -> None:
    """Open what has borders, marks, toasts and widgets of the toolkit's own."""
    for key, words in (("?", "esc back"), ("\x10", "Search"), ("D", "Declare an incident"), ("n", "enter records it")):
        terminal.send(key)
        terminal.shows(words)
        terminal.send("\x1b")
        terminal.hides(words)
        terminal.shows("1 Pods")


def graphics(terminal: Terminal) -> set[str]:
    """What was asked of colours and styles."""
    return {found.decode() for found in COLOURS.findall(terminal.output)}


@pytest.mark.parametrize("said", [{"LC_ALL": "C"}, {"LANG": "C"}], ids=str)
def test_without_utf8_no_byte_is_other_than_ascii(tmp_path: Path, said: dict[str, str]) -> None:
    with opened(tmp_path, **said) as terminal:
        tour(terminal)
        terminal.send("n")
        terminal.shows("enter records it")
        terminal.send("written\r")
        terminal.shows(r"\d\d:\d\d:\d\d\s+written")
        assert terminal.output.isascii()


def test_ascii_can_be_asked_for_and_utf8_is_the_rule(tmp_path: Path) -> None:
    with opened(tmp_path, "--ascii", LANG="C.UTF-8") as terminal:
        assert terminal.output.isascii()
    with opened(tmp_path, LANG="C.UTF-8") as terminal:
        assert "╭" in terminal.picture


@pytest.mark.parametrize(("flags", "asked"), [((), True), (("--no-mouse",), False)])
def test_the_mouse_is_left_to_the_terminal_where_that_is_asked_for(
    tmp_path: Path, flags: tuple[str, ...], asked: bool
) -> None:
    with opened(tmp_path, *flags) as terminal:
        terminal.send("q")
        assert terminal.process.wait(30) == 0
        assert bool(re.search(rb"\x1b\[\?(1000|1002|1003|1006)h", terminal.output)) is asked


@pytest.mark.parametrize("term", ["xterm", "screen"])
def test_a_terminal_of_16_colours_gets_no_other(tmp_path: Path, term: str) -> None:
    with opened(tmp_path, TERM=term, LANG="C.UTF-8") as terminal:
        found = graphics(terminal)
    assert not any(TRUE in each or INDEXED in each for each in found)
    assert any(re.search(r"\b(3|9)[0-7]\b", each) for each in found)


def test_256_colours_and_all_of_them_are_used_where_they_are_there(tmp_path: Path) -> None:
    with opened(tmp_path, TERM="screen-256color", LANG="C.UTF-8") as terminal:
        assert any(INDEXED in each for each in graphics(terminal))
        assert not any(TRUE in each for each in graphics(terminal))
    with opened(tmp_path, TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8") as terminal:
        assert any(INDEXED in each or TRUE in each for each in graphics(terminal))


@pytest.mark.parametrize("term", ["xterm", "xterm-256color"])
def test_no_color_leaves_greys_at_most(tmp_path: Path, term: str) -> None:
    with opened(tmp_path, TERM=term, LANG="C.UTF-8", NO_COLOR="1") as terminal:
        tour(terminal)
        found = graphics(terminal)
    if term == "xterm":
        assert not any(re.search(r"(?<![\d;])[3-4][0-7]", each) for each in found), "a black of 16 is no shade"
    # Of 16 the colours are 1-6 and 9-14; of 256 every grey is in the ramp from 232 on, or has three equal parts.
    greys = {0, 7, 8, 15, *range(232, 256), *(16 + 43 * part for part in range(6))}
    for each in found:
        assert not re.search(r"(?<![\d;])(?:[39][1-6]|4[1-6]|10[1-6])(?![\d])", re.sub(r"[34]8;5;\d+", "", each)), each
        assert {int(number) for number in re.findall(r"[34]8;5;(\d+)", each)} <= greys


@given(st.text())
def test_plain_text_is_ascii_in_as_many_cells(text: str) -> None:
    said = plain("".join(character for character in text if character.isprintable()))
    assert said.isascii()


@given(st.text(st.sampled_from("aé界▲●◆▸✓↑▁█─╭│…·→–“”ﬁ")))
def test_what_is_made_plain_keeps_its_place(text: str) -> None:
    assert len(plain(text)) == cell_len(text)


def test_marks_become_the_marks_of_ascii() -> None:
    ours = "".join((UNICODE.bad, UNICODE.good, UNICODE.declared, UNICODE.run, UNICODE.done, UNICODE.sparks))
    assert plain(ours) == "".join((ASCII.bad, ASCII.good, ASCII.declared, ASCII.run, ASCII.done, ASCII.sparks))
    assert plain("╭─ 1 Pods ─ 2/5 ready · café 界 ─╮") == "+- 1 Pods - 2/5 ready - cafe ?? -+"


@pytest.mark.parametrize(
    ("environ", "glyphs"),
    [
        ({}, UNICODE),
        ({"LANG": "en_GB.UTF-8"}, UNICODE),
        ({"LANG": "en_GB.utf8", "LC_ALL": "POSIX"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),  # it is Python that has set LC_CTYPE
        ({"LC_CTYPE": "C.UTF-8"}, UNICODE),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "en_US.ISO-8859-1"}, ASCII),
        ({"LANG": "en_GB.UTF-8", "COCKPIT_ASCII": "1"}, ASCII),
    ],
)
def test_the_locale_says_which_marks(environ: dict[str, str], glyphs: object) -> None:
    assert choose(environ) is glyphs


def test_gnu_screen_is_not_believed_about_its_colours() -> None:
    within = {"STY": "1.pts", "COLORTERM": "truecolor"}
    without_false_colours(within)
    assert "COLORTERM" not in within
    outside = {"COLORTERM": "truecolor"}
    without_false_colours(outside)
    assert outside == {"COLORTERM": "truecolor"}
