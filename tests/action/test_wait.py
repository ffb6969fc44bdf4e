"""Waiting and watching: a countdown that a new breach ends, and that an unknown reading does not fool."""

from __future__ import annotations

import asyncio

import pytest
from conftest import eventually

from cockpit.action.kubernetes.reading import Heading
from cockpit.action.wait import Wait
from cockpit.incident.kinds import RunResult
from tests.action.alone import Alone
from tests.action.stand import Board, Reading

pytestmark = pytest.mark.anyio


def board() -> Board:
    return Board([Reading("ok", value=0.4), Reading("ok", "p95", "p95", "seconds", 0.31, "> 2")])


async def begun(here: Alone, action: Wait) -> asyncio.Task[RunResult]:
    """The run, once it has begun to count."""
    running = asyncio.create_task(here.run(action))
    await eventually(lambda: here.told)
    return running


async def test_it_counts_down_and_says_that_all_holds() -> None:
    here = Alone()
    running = await begun(here, Wait(200.0, (), board(), Heading("Watch it")))
    assert here.told[0].text == "3:20 left, all thresholds hold"
    here.clock.skip(80)
    await eventually(lambda: here.told[-1].text.startswith(("2:00 left", "1:59 left")))
    here.clock.skip(130)
    result = await running
    assert (result.outcome, result.exit) == ("succeeded", 0)
    assert result.output.splitlines() == [
        "error rate: ok, 0.4 % (alarms over 5 %)",
        "p95: ok, 310 ms (alarms over 2 s)",
    ]


async def test_the_plan_says_for_how_long_and_what_is_watched() -> None:
    plan = await Alone().plan(Wait(900.0, ("p95",), board()))
    assert plan.request == "waits 15 min, stops as soon as one of these breaks: p95"
    assert (plan.risk, plan.confirm.kind, plan.context) == ("read-only", "none", "")
    assert plan.timeout > 900


async def test_a_threshold_that_is_not_there_is_refused() -> None:
    plan = await Alone().plan(Wait(900.0, ("p99",), board()))
    assert plan.refusals == ("there is no threshold `p99` to watch; there are: error-rate, p95",)


async def test_a_new_breach_ends_it_with_name_and_value() -> None:
    here, signals = Alone(), board()
    running = await begun(here, Wait(900.0, (), signals))
    signals.shown[1] = Reading("breach", "p95", "p95", "seconds", 2.5, "> 2")
    result = await running
    assert (result.outcome, result.exit) == ("failed", 1)
    assert result.error.startswith("p95: breach, 2.5 s (alarms over 2 s): stopped with 1")


async def test_what_is_in_breach_already_ends_it_only_after_it_has_recovered() -> None:
    here, signals = Alone(), board()
    signals.shown[0] = Reading("breach")
    running = await begun(here, Wait(900.0, (), signals))
    assert here.told[0].text == "15:00 left, error rate in breach"
    signals.shown[0] = Reading("unknown", reason="no answer")
    await eventually(lambda: "error rate unknown" in here.told[-1].text)
    signals.shown[0] = Reading("breach")
    await eventually(lambda: "error rate in breach" in here.told[-1].text)
    signals.shown[0] = Reading("ok")
    await eventually(lambda: "all thresholds hold" in here.told[-1].text)
    signals.shown[0] = Reading("breach", value=9.0)
    assert "error rate: breach, 9 %" in (await running).error


async def test_only_those_named_are_watched() -> None:
    here, signals = Alone(), board()
    running = await begun(here, Wait(60.0, ("p95",), signals))
    signals.shown[0] = Reading("breach")
    here.clock.skip(61)
    assert (await running).outcome == "succeeded"


@pytest.mark.parametrize(("named", "outcome"), [((), "succeeded"), (("p95",), "unknown")])
async def test_an_unknown_reading_is_said_and_is_not_ok(named: tuple[str, ...], outcome: str) -> None:
    """Whoever named it wants to know that it held."""
    here, signals = Alone(), board()
    signals.shown[1] = Reading("unknown", "p95", "p95", "seconds", None, "> 2", "no data for 40 s")
    running = await begun(here, Wait(60.0, named, signals))
    assert "p95 unknown" in here.told[0].text
    here.clock.skip(61)
    result = await running
    assert result.outcome == outcome
    assert "p95: unknown, no data for 40 s" in result.output


async def test_without_signals_it_only_waits() -> None:
    here = Alone()
    running = await begun(here, Wait(3700.0))
    assert here.told[0].text == "1:01:40 left, no threshold is watched"
    here.clock.skip(3701)
    assert (await running).outcome == "succeeded"


async def test_it_can_be_stopped() -> None:
    here = Alone()
    running = await begun(here, Wait(900.0, (), board()))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert getattr(here.notebook.entries[-1], "outcome", "") == "cancelled"
