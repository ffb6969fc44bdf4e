"""The signals after a change: kept as it begins, looked at again, judged; by whichever cockpit is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.effect import verdict
from cockpit.room.house import House
from cockpit.room.requests import Announce, Facts, Refusal, Reopen, Resolve, Several, Start, staying
from cockpit.room.runs.effects import Effects
from cockpit.room.views.signals import PodsView, SignalView, SourceView
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


class Board:
    """What the signals say, as the test sets it."""

    def __init__(self) -> None:
        self.value, self.state = 30.0, "breach"

    def __call__(self) -> tuple[Sequence[SignalView], PodsView]:
        signal = SignalView("error-rate", "Error rate", "percent", self.value, self.state, "> 5")
        return (signal,), PodsView(SourceView("pods", "k8s", "loading", START))


def change(run: str = "r-1", **more: object) -> kinds.RunIntent:
    return kinds.RunIntent.model_validate(
        {"run": run, "title": "Roll back", "command": "kubectl", "risk": "changing", **more}
    )


async def record(house: House, *payloads: kinds.Payload) -> None:
    await house.room.perform(Facts(lambda _: [(each, None) for each in payloads]))


def told(house: House, run: str = "r-1") -> list[tuple[int, str]]:
    return [(effect.after, effect.verdict) for effect, _ in house.room.state.runs[run].effects]


async def test_a_change_is_looked_at_before_and_after_1_5_and_10_minutes(tmp_path: Path) -> None:
    clock, board = ManualClock(START), Board()
    async with opened(tmp_path, clock=clock) as house:
        effects = Effects(house.room, board, lambda: True)
        house.room.subscribe(effects.note_beginnings)
        await house.room.perform(Start("x", "p1"))
        await record(house, change(), change("r-2", risk="read-only"))
        board.value, board.state = 0.3, "ok"  # what it did is seen at once, and what was before is kept all the same
        await effects.look()
        assert house.room.state.runs["r-1"].effects[0][0].readings[0].value == 30.0
        assert verdict(house.room.state.runs["r-1"]) == "effect unknown: nobody saw its end"
        clock.advance(20)
        await record(house, kinds.RunResult(run="r-1", outcome="succeeded", exit=0))
        assert verdict(house.room.state.runs["r-1"]) == "looked at again at 02:01:20Z"
        clock.advance(61)
        await effects.look()
        assert told(house) == [(0, ""), (1, "helped")]
        assert verdict(house.room.state.runs["r-1"]) == "helped after 1 min"
        board.value, board.state = 55.0, "breach"
        clock.advance(240)
        await effects.look()
        await effects.look()
        clock.advance(600)
        await effects.look()
        assert told(house) == [(0, ""), (1, "helped"), (5, "worse"), (10, "unknown")]
        last = house.room.state.runs["r-1"].effects[-1][0]
        assert last.findings == ("no cockpit was looking then",), "five minutes late is another time"
        assert told(house, "r-2") == []


async def test_two_cockpits_say_it_once_and_a_failed_run_has_no_effect(tmp_path: Path) -> None:
    clock, board = ManualClock(START), Board()
    async with opened(tmp_path, clock=clock) as alice, opened(tmp_path, actor="@bob", clock=clock) as bob:
        await alice.room.perform(Start("x", "p1"))
        await bob.room.refresh()
        pair = [Effects(house.room, board, lambda: True) for house in (alice, bob)]
        alice.room.subscribe(pair[0].note_beginnings)
        await record(alice, change(), change("r-2"))
        await pair[0].look()
        await record(
            alice, kinds.RunResult(run="r-1", outcome="unknown"), kinds.RunResult(run="r-2", outcome="failed", exit=1)
        )
        clock.advance(timedelta(minutes=1, seconds=2).total_seconds())
        for effects in pair:
            await effects.look()
        await alice.room.refresh()
        assert told(alice) == [(0, ""), (1, "no effect")]
        assert told(alice, "r-2") == [(0, "")]


async def test_what_is_still_in_place_is_asked_about_before_it_is_resolved(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        room = house.room
        await room.perform(Start("x", "p1"))
        ended = [kinds.RunResult(run=run, outcome="succeeded", exit=0) for run in ("r-1", "r-2", "u-2", "r-4")]
        undo = kinds.RunIntent(run="u-2", title="Undo", command="kubectl", risk="changing", undo_of="r-2")
        look = kinds.RunIntent(run="r-4", title="Look", command="kubectl")
        unknown = kinds.RunIntent(run="r-3", title="Scale up", command="kubectl", risk="changing")
        await record(house, change(), change("r-2"), undo, look, *ended, unknown)
        assert verdict(room.state.runs["r-1"]) == "effect unknown: no cockpit saw how it was before"
        request = Several((Resolve("all is well"), Announce()))
        assert [run.intent.run for run in room.undecided(request)] == ["r-3", "r-1"], "the undone one is not in place"
        with pytest.raises(Refusal, match=r"still in place: Scale up.*outcome unknown.*; Roll back.*--stays"):
            await room.perform(Resolve("all is well"))
        with pytest.raises(Refusal, match="still in place: Scale up"):
            await room.perform(staying(Resolve(), [room.state.runs["r-1"]]))
        entries = await room.perform(staying(Resolve(), room.undecided(Resolve())))
        assert [entry.kind for entry in entries] == ["mitigation-left", "mitigation-left", "status"]
        await room.perform(Reopen("it came back"))
        assert room.undecided(Resolve()) == [], "it was asked about already"
