"""Commands that misbehave, run by keys: the screen goes on, and the record says truly what became of each."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import Flown, flying

from cockpit.incident.entry import Entry
from tests.postgres import is_alive
from tests.shop import Step, script, shop, step

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def declared(folder: Path, *steps: Step) -> AsyncIterator[Flown]:
    """A cockpit with an incident and these steps."""
    async with flying(folder, shop(folder, *steps)) as cockpit:
        await cockpit.press("D", "enter")
        await cockpit.records("declared")
        await cockpit.goes_to("CockpitScreen")
        yield cockpit


async def home(cockpit: Flown) -> None:
    """Back to the cockpit, over whatever lies between."""
    for _ in range(4):
        if cockpit.screen == "CockpitScreen":
            break
        await cockpit.press("escape")
        await cockpit.settles()
    await cockpit.goes_to("CockpitScreen")


async def launched(cockpit: Flown, place: int) -> None:
    """Say yes to the step at `place` of the list."""
    await home(cockpit)
    await cockpit.press("a")
    await cockpit.goes_to("ActPage")
    await cockpit.press("g", *["j"] * place, "enter")
    await cockpit.goes_to("RunScreen")
    await cockpit.sees("no (default)")
    await cockpit.press("y")


async def noted(cockpit: Flown, text: str) -> Entry:
    """Write a note: the screen takes keys, and the record takes entries."""
    before = cockpit.kinds.count("note")
    await home(cockpit)
    await cockpit.press("n")
    await cockpit.type(text)
    await cockpit.press("enter")
    return await cockpit.records("note", before + 1)


MISBEHAVING: dict[str, tuple[str, str, str]] = {
    "asks-for-a-key": ("read -r answer </dev/tty && echo took $answer", "failed", "/dev/tty"),
    "asks-for-a-password": ("""python3 -c 'import getpass; getpass.getpass("Password: ")'""", "failed", "EOFError"),
    "dies": ("""echo begun; exec python3 -c 'import os; os.kill(os.getpid(), 11)'""", "failed", "ended by SIGSEGV"),
    "binary": (
        "head -c 200000 /dev/urandom; printf '\\033[2J\\033]0;owned\\007'; echo; echo over",
        "succeeded",
        "over",
    ),
    "forks": ('sleep 300 & echo $! > "$FOLDER/child"; echo parent is over', "succeeded", "was ended"),
    "floods": ("yes $(printf %0200d 0) | head -c 8000000; echo; echo the reason", "succeeded", "the reason"),
}


async def test_none_of_them_harms_the_screen_or_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other in the same cockpit, which takes a note while each runs."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    steps = [step(id, script(text), risk="changing", timeout="60s") for id, (text, _, _) in MISBEHAVING.items()]
    async with declared(tmp_path, *steps) as cockpit:
        for place, (id, (_, outcome, words)) in enumerate(MISBEHAVING.items()):
            await launched(cockpit, place)
            note = await noted(cockpit, f"n{place}")
            assert note.payload["text"] == f"n{place}"
            result = await cockpit.records("run-result", place + 1)
            assert result.payload["outcome"] == outcome, (id, result.payload)
            assert words in result.payload["output"] + result.payload["error"], (id, result.payload)
            assert len(result.payload["output"]) < 100_000
            assert "\x1b" not in result.payload["output"] + cockpit.text
        assert cockpit.kinds.count("run-intent") == cockpit.kinds.count("run-result") == len(MISBEHAVING)
        assert (await cockpit.war.house.store.verify()).sound
    assert not is_alive(int((tmp_path / "child").read_text()))


async def test_one_that_hangs_is_left_looked_past_and_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on while notes are written; X ends it, and nobody claims to know how far it came."""
    monkeypatch.setenv("FOLDER", str(tmp_path))
    hangs = script('echo $$ > "$FOLDER/pid"; trap "" TERM; echo begun; while :; do sleep 1; done')
    async with declared(tmp_path, step("hang", hangs, kind="mitigate", risk="changing", timeout="10m")) as cockpit:
        await launched(cockpit, 0)
        await cockpit.sees("begun", "X cancel")
        note = await noted(cockpit, "it hangs")
        assert note.actor == "@ada"
        pid = int((tmp_path / "pid").read_text())
        os.kill(pid, 0)
        assert "run-result" not in cockpit.kinds
        await cockpit.press("X")
        result = await cockpit.records("run-result")
        assert result.payload["outcome"] == "unknown"
        assert "cancelled" in result.payload["error"]
        assert "begun" in result.payload["output"]
        await eventually(lambda: not is_alive(pid))
        await cockpit.sees("outcome unknown")
        assert cockpit.kinds.count("run-intent") == 1
