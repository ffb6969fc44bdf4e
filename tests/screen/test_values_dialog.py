"""What a step must be told before it runs, typed by keys: checked at once, given as typed, and secret where it is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from screen.flying import Flown, flying, paste

from tests.shop import program, script, shop, step

pytestmark = pytest.mark.anyio

SECRET = "correct-horse-battery"
WORDS: dict[str, Any] = {"name": "words", "placeholder": "<what to say>"}
ORDER: dict[str, Any] = {"name": "order", "title": "Order number", "pattern": "ord_[0-9]{4}"}
TIER: dict[str, Any] = {"name": "tier", "choices": ["gold", "silver"]}
COUNT: dict[str, Any] = {"name": "count", "type": "integer", "default": "3"}
KEY: dict[str, Any] = {"name": "key", "secret": True}


@asynccontextmanager
async def asked(folder: Path, text: str, *parameters: dict[str, Any], **more: Any) -> AsyncIterator[Flown]:
    """A cockpit with an incident, in which a step that runs `text` in a shell was opened."""
    mend = step("say", script(text), parameters=list(parameters), risk="changing", **more)
    config = shop(folder, mend)
    async with flying(folder, config) as cockpit:
        await cockpit.press("D", "enter")
        await cockpit.records("declared")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.press("a")
        await cockpit.goes_to("ActPage")
        await cockpit.press("enter")
        yield cockpit


async def typed(cockpit: Flown, text: str) -> None:
    """Type as a keyboard does, every character its own key."""
    await cockpit.press(*("space" if each == " " else each for each in text))


async def confirmed(cockpit: Flown) -> str:
    """Say yes to the preview, and wait for the end; gives the preview."""
    await cockpit.goes_to("RunScreen")
    preview = await cockpit.sees("no (default)")
    await cockpit.press("y")
    await cockpit.records("run-verified")
    await cockpit.sees("undo" if "undo" in preview else "verified")
    return preview


async def home(cockpit: Flown) -> None:
    """Back to the cockpit, over whatever lies between."""
    for _ in range(4):
        if cockpit.screen == "CockpitScreen":
            break
        await cockpit.press("escape")
        await cockpit.settles()
    await cockpit.goes_to("CockpitScreen")


def of_the_record(folder: Path) -> bytes:
    """Every byte of what the cockpit keeps: the journal with what SQLite has beside it, drafts, whole outputs."""
    shop_s = {folder / "cockpit.yaml", folder / "books" / "shop.yaml", folder / "said"}
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path not in shop_s)


async def test_nothing_is_previewed_before_every_value_fits(tmp_path: Path) -> None:
    """Missing, not of the pattern, none of the choices, no number: each said at its own line, nothing typed is lost."""
    async with asked(tmp_path, "echo $WORDS $ORDER $TIER $COUNT", WORDS, ORDER, TIER, COUNT) as cockpit:
        await cockpit.goes_to("ValuesDialog")
        seen = await cockpit.sees("Order number", "one of gold, silver", "count (default) · integer", "3")
        assert "words · <what to say> in the document" in seen
        await cockpit.press("enter")
        await cockpit.sees("words: it is empty", "enter: the next · tab moves")
        await typed(cockpit, "all is well")
        await cockpit.press("enter")
        await typed(cockpit, "ord_12")
        await cockpit.press("enter")
        await cockpit.sees("Order number: `ord_12` does not match ord_[0-9]{4}")
        await typed(cockpit, "34")
        await cockpit.press("enter")
        await typed(cockpit, "bronze")
        await cockpit.press("enter")
        await cockpit.sees("tier: `bronze` is none of gold, silver")
        await cockpit.press(*["backspace"] * 6)
        await typed(cockpit, "gold")
        await cockpit.press("enter", "3", "x", "enter")
        await cockpit.sees("count: `3x` is no whole number", "enter previews it · tab moves")
        assert cockpit.screen == "ValuesDialog"
        assert "all is well" in cockpit.text
        await cockpit.press("backspace", "enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("WORDS='all is well'", "ORDER=ord_1234", "TIER=gold", "COUNT=3")
        assert "run-intent" not in cockpit.kinds


async def test_a_value_that_was_left_by_tab_is_checked_too(tmp_path: Path) -> None:
    """The last enter looks at all of them, and goes to the one that does not fit."""
    async with asked(tmp_path, "echo $WORDS $ORDER", WORDS, ORDER) as cockpit:
        await cockpit.goes_to("ValuesDialog")
        await cockpit.press("tab")
        await typed(cockpit, "ord_1234")
        await cockpit.press("enter")
        await cockpit.sees("words: it is empty")
        await typed(cockpit, "here")
        await cockpit.press("tab", "enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("WORDS=here", "ORDER=ord_1234")


NASTY = [
    "'; touch owned; ' \"; touch owned; \"",
    "$(touch owned) `touch owned` && touch owned > owned #",
    "-rf *? ~ {1,2} !! \\",
]


def made(folder: Path, name: str) -> list[Path]:
    """Files of that name."""
    return list(folder.rglob(name))


@pytest.mark.parametrize("value", NASTY)
async def test_a_value_arrives_as_it_was_typed(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes and what a shell would act on are only characters."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    async with asked(tmp_path, 'printf %s "$WORDS" > "$FOLDER/said"', WORDS) as cockpit:
        await cockpit.goes_to("ValuesDialog")
        await typed(cockpit, value)
        await cockpit.press("enter")
        await confirmed(cockpit)
        assert (tmp_path / "said").read_text() == value
        assert not made(tmp_path, "owned")


async def test_a_paste_cannot_command_the_terminal(tmp_path: Path) -> None:
    """Several lines become one, without control sequences."""
    async with asked(tmp_path, "echo $WORDS", WORDS) as cockpit:
        await cockpit.goes_to("ValuesDialog")
        await paste(cockpit, "one\x1b[31m\ntwo\x07\n")
        await cockpit.press("enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("WORDS='one two'")


async def test_a_secret_is_nowhere_but_in_the_program_s_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not on the screen while it is typed, previewed and printed; not in a byte of what is kept."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    text = 'printf %s "$KEY" > "$FOLDER/said"; echo "the key is $KEY"; echo "$KEY" >&2'
    pictures = []
    async with asked(tmp_path, text, KEY) as cockpit:
        await cockpit.goes_to("ValuesDialog")
        await cockpit.sees("never stored, never shown")
        for each in SECRET:
            await cockpit.press(each)
            pictures.append(cockpit.text)
        await cockpit.sees("•" * len(SECRET))
        await cockpit.press("enter")
        preview = await confirmed(cockpit)
        assert 'KEY="$KEY"' in preview
        await cockpit.sees("the key is")
        pictures += [preview, cockpit.text, cockpit.app.export_screenshot()]
        await home(cockpit)
        pictures.append(cockpit.text)
        assert (tmp_path / "said").read_text() == SECRET, "the program had it"
        told = [json.dumps(dict(entry.payload)) for entry in cockpit.entries]
    kept = of_the_record(tmp_path)
    assert b"run-intent" in kept
    assert SECRET.encode() not in kept
    assert not [picture for picture in pictures if SECRET in picture]
    assert not [entry for entry in told if SECRET in entry]


async def test_a_secret_of_the_environment_is_not_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step goes straight to its preview; its value is as secret as a typed one."""
    monkeypatch.setenv("KEY", SECRET)
    async with asked(tmp_path, 'echo "the key is $KEY"', KEY) as cockpit:
        preview = await confirmed(cockpit)
        assert SECRET not in preview + cockpit.text
    assert SECRET.encode() not in of_the_record(tmp_path)


async def test_a_secret_is_no_word_of_a_command(tmp_path: Path) -> None:
    """Everybody on the machine could read it there: it is refused, with what to do."""
    config = shop(tmp_path, step("say", program("echo", "$key"), parameters=[KEY]))
    async with flying(tmp_path, config) as cockpit:
        await cockpit.press("a")
        await cockpit.goes_to("ActPage")
        await cockpit.press("enter")
        await cockpit.goes_to("ValuesDialog")
        await typed(cockpit, SECRET)
        await cockpit.press("enter")
        seen = await cockpit.sees("is secret, and a word")
        assert SECRET not in seen


async def test_escape_leaves_nothing(tmp_path: Path) -> None:
    """No run, no entry, no draft; opened again, the lines are empty."""
    async with asked(tmp_path, "echo $WORDS $KEY", WORDS, KEY) as cockpit:
        await cockpit.goes_to("ValuesDialog")
        before = len(cockpit.entries)
        await typed(cockpit, "half-typed")
        await cockpit.press("enter")
        await typed(cockpit, SECRET)
        await home(cockpit)
        await cockpit.press("a")
        await cockpit.goes_to("ActPage")
        await cockpit.press("enter")
        await cockpit.goes_to("ValuesDialog")
        assert "half-typed" not in cockpit.text
        assert "•" not in cockpit.text
        await home(cockpit)
        assert len(cockpit.entries) == before
    kept = of_the_record(tmp_path)
    assert b"half-typed" not in kept
    assert SECRET.encode() not in kept


async def test_a_value_of_an_earlier_step_is_offered_with_its_origin(tmp_path: Path) -> None:
    """Read from the output of a step that was run, it is not asked for."""
    found = step("find", program("echo", "the order is ord_4711"))
    stuck = {"name": "order", "from": {"step": "find", "pattern": "ord_[0-9]+"}}
    config = shop(tmp_path, found, step("say", script("echo paid $ORDER"), parameters=[stuck], risk="changing"))
    async with flying(tmp_path, config) as cockpit:
        await cockpit.press("a", "j", "enter")
        await cockpit.goes_to("ValuesDialog")
        await home(cockpit)
        await cockpit.press("a", "enter")
        await cockpit.records("run-result")
        await home(cockpit)
        await cockpit.press("a", "j", "enter")
        await cockpit.goes_to("RunScreen")
        await cockpit.sees("ORDER=ord_4711")
        await eventually(lambda: cockpit.kinds.count("run-intent") == 1)
