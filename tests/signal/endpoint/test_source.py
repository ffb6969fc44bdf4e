"""All endpoints as a source of the board: changes told once, unknown never ok, none in another's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from conftest import eventually
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cockpit.clock import ManualClock, SystemClock
from cockpit.config import Config, EndpointConfig
from cockpit.incident import kinds
from cockpit.incident.state import State
from cockpit.room.facts.signals import told_by
from cockpit.signal.board import Board
from cockpit.signal.changes import Change, EndpointChanged
from cockpit.signal.endpoint import source as source_module
from cockpit.signal.endpoint.check import Check, Verdict
from cockpit.signal.endpoint.course import EndpointState
from cockpit.signal.endpoint.source import EndpointsSource
from tests.listeners import listening, refusing, silent
from tests.signal.endpoint.test_direct import NOW

pytestmark = pytest.mark.anyio


class Server:
    """A server whose answer can be changed."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0

    async def __call__(self, _: Request) -> Response:
        self.asked += 1
        return PlainTextResponse("", self.status)


class Watched:
    """A source that runs on a clock that is moved by hand."""

    def __init__(self, source: EndpointsSource, clock: ManualClock, changes: list[Change]) -> None:
        self.source = source
        self.clock = clock
        self.changes = changes

    def one(self, id: str = "health") -> EndpointState:
        return next(each for each in self.source.endpoints() if each.id == id)

    async def round(self, times: int = 1, id: str = "health") -> None:
        """Let so many checks of it go by."""
        for _ in range(times):
            before = len(self.one(id).past)
            self.clock.advance(20)
            await eventually(lambda before=before: len(self.one(id).past) > before)


@asynccontextmanager
async def watching(**endpoints: dict[str, Any]) -> AsyncIterator[Watched]:
    """The endpoints, each asked once."""
    clock, changes = ManualClock(NOW), list[Change]()

    def changed(told: Sequence[Change]) -> None:
        changes.extend(told)

    wanted = {name: EndpointConfig.model_validate(each) for name, each in endpoints.items()}
    source = EndpointsSource(wanted, clock, None, changed)
    running = asyncio.create_task(source.run())
    seen = Watched(source, clock, changes)
    await eventually(lambda: all(each.past for each in source.endpoints()))
    yield seen
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def told(changes: Sequence[Change]) -> list[str]:
    return [f"{each.id} {each.before} → {each.after}" for each in changes if isinstance(each, EndpointChanged)]


async def test_failing_and_being_well_again_are_told_once_each_and_one_lost_check_is_not() -> None:
    server = Server()
    async with serving(answering(server.__call__)) as url, watching(health={"http": url}) as seen:
        assert (seen.one().state, seen.changes) == ("ok", []), "that all is well at the start is no news"
        server.status = 503
        await seen.round()
        server.status = 200
        await seen.round(3)
        assert told(seen.changes) == []
        server.status = 503
        await seen.round(4)
        assert (seen.one().state, seen.one().reason) == ("failing", "it answered 503, expected 200-299")
        server.status = 200
        await seen.round(4)
    assert told(seen.changes) == ["health ok → failing", "health failing → ok"]


async def test_one_that_flaps_is_one_entry_and_what_it_settled_to_another() -> None:
    clock, changes = ManualClock(NOW), list[EndpointChanged]()
    wanted = EndpointConfig.model_validate({"tcp": "127.0.0.1:1", "failures": 1})
    watched = source_module._Watched("health", wanted, source_module.asker(wanted, clock, None))

    def took(verdict: Verdict, times: int = 1) -> None:
        for _ in range(times):
            clock.advance(15)
            changes.extend(
                each for each in watched.take(clock.now(), Check(verdict, "", 0.1)) if isinstance(each, EndpointChanged)
            )

    took("ok")
    for _ in range(20):
        took("failing")
        took("ok")
    plain, folded = changes[:4], changes[4:]
    assert [each.crossings for each in plain] == [0, 0, 0, 0]
    assert len(folded) <= 2, "not each of forty changes"
    assert (folded[0].crossings, folded[0].lasted, folded[0].after) == (5, 60.0, "failing")
    took("ok", 30)
    settled = changes[-1]
    assert (settled.settled, settled.before, settled.after, settled.crossings) == (True, "failing", "ok", 40)
    state, told = State(), list[str]()
    for change in changes:
        for payload, _ in told_by(change, state):
            assert isinstance(payload, kinds.EndpointChanged)
            state.endpoints["health"] = (payload, None)  # type: ignore[assignment]  # who told it does not matter here
            told.append(f"{payload.state} {payload.crossings or ''} {payload.settled or ''}".strip())
    assert told[-1] == "ok 40 True"
    assert told[4].startswith("failing 5")
    took("failing")
    assert changes[-1].crossings == 0, "it begins anew"


async def test_what_fails_from_the_start_is_news() -> None:
    async with watching(health={"tcp": f"127.0.0.1:{refusing()}"}) as seen:
        assert seen.one().state == "unknown"
        await seen.round()
        assert (seen.one().state, told(seen.changes)) == ("failing", ["health unknown → failing"])


async def test_a_check_that_disagrees_is_repeated_sooner() -> None:
    async with watching(health={"tcp": f"127.0.0.1:{refusing()}", "interval": "300s", "failures": 5}) as seen:
        seen.clock.advance(110)
        await eventually(lambda: len(seen.one().past) == 2)


async def test_a_slow_answer_is_a_warning() -> None:
    clock: list[ManualClock] = []

    async def slow(_: Request) -> Response:
        if clock:
            clock[0].advance(2)
        return PlainTextResponse("")

    async with (
        serving(answering(slow)) as url,
        watching(health={"http": url, "warning": "1s", "failures": 1}) as seen,
    ):
        clock.append(seen.clock)
        await seen.round()
        await eventually(lambda: seen.one().state == "warning")
        assert seen.one().reason == "slow: 2 s, expected at most 1 s"


async def test_what_nobody_could_ask_is_unknown_and_tells_nothing() -> None:
    async with watching(health={"statuspage": f"http://127.0.0.1:{refusing()}", "failures": 1}) as seen:
        assert (seen.one().state, seen.changes) == ("unknown", [])
        fresh = seen.source.freshness()
        assert (fresh.state, fresh.as_of) == ("error", None)
        assert "status page cannot be read" in fresh.detail


async def test_what_is_not_asked_any_more_is_unknown_whatever_it_was() -> None:
    server = Server()
    async with serving(answering(server.__call__)) as url, watching(health={"http": url}) as seen:
        assert seen.one().state == "ok"
    seen.clock.advance(51)
    assert (seen.one().state, seen.one().reason) == ("unknown", "not asked for 51 s")


async def test_nine_black_holes_keep_another_waiting_for_one_timeout_at_most() -> None:
    """Eight may be under way at once."""
    server = Server()
    async with listening(silent) as port, serving(answering(server.__call__)) as url:
        holes = {
            f"hole{number}": {"tcp": f"127.0.0.1:{port}", "speaks": "redis", "timeout": "0.3s"} for number in range(9)
        }
        async with watching(**holes, health={"http": url, "failures": 1}) as seen:
            assert seen.one().state == "ok"
            assert {each.state for each in seen.source.endpoints() if each.id != "health"} == {"unknown"}


async def test_a_defect_in_one_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()

    async def broken(_: Any) -> Any:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("cockpit.signal.endpoint.tcp.DirectTcp.ask", broken)
    async with (
        serving(answering(server.__call__)) as url,
        watching(bad={"tcp": "127.0.0.1:1", "failures": 1}, health={"http": url}) as seen,
    ):
        assert (seen.one("bad").state, seen.one().state) == ("unknown", "ok")
        assert "ZeroDivisionError" in seen.one("bad").reason
        assert seen.source.freshness().state == "live"


async def test_the_past_is_bounded() -> None:
    server = Server()
    async with serving(answering(server.__call__)) as url, watching(health={"http": url, "interval": "180s"}) as seen:
        for number in range(2, 26):
            seen.clock.advance(200)
            await eventually(
                lambda number=number: server.asked >= number and seen.one().past[-1].at == seen.clock.now()
            )
        assert len(seen.one().past) == 20, "an hour's worth"


async def test_the_board_has_them_and_tells_their_changes() -> None:
    server = Server()
    server.status = 503
    async with serving(answering(server.__call__)) as url:
        endpoints = {"health": {"http": url, "interval": "1s", "failures": 1}}
        config = Config.model_validate({"services": {"shop": {"endpoints": endpoints}}})
        board = Board("shop", config, (), SystemClock())
        changes: list[Change] = []
        board.listen(changes.append)
        await board.start()
        try:
            await eventually(lambda: told(changes))
            assert [each.state for each in board.endpoints] == ["failing"]
            assert (board.freshness("endpoints").state, board.parts["endpoints"].name) == ("live", "endpoints")
        finally:
            await board.stop()
    assert told(changes) == ["health unknown → failing"]


def test_two_cockpits_tell_it_once() -> None:
    change = EndpointChanged("health", "GET http://shop/", "ok", "failing", "it answered 503", 0.1, NOW)
    ((payload, at),) = told_by(change, State())
    assert isinstance(payload, kinds.EndpointChanged)
    assert (payload.id, payload.before, payload.state, payload.reason, at) == (
        "health", "ok", "failing", "it answered 503", NOW,
    )  # fmt: skip
    state = State()
    state.endpoints["health"] = (payload, None)  # type: ignore[assignment]  # who told it does not matter here
    assert told_by(change, state) == ()
    well = EndpointChanged("health", "", "failing", "ok", "", 0.1, NOW)
    assert len(told_by(well, state)) == 1
    assert told_by(well, State()) == (), "what nobody said was ill need not be said to be well"


async def test_when_it_was_known_last_outlives_the_checks_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "HISTORY", 20.0)
    answers = [JSONResponse({"status": {"indicator": "none"}})]

    async def page(_: Request) -> Response:
        return answers[-1]

    async with serving(answering(page)) as url, watching(gateway={"statuspage": url, "interval": "10s"}) as seen:
        assert seen.source.freshness().state == "live"
        answers.append(PlainTextResponse("", 500))
        for _ in range(22):
            before = seen.one("gateway").past[-1].at
            seen.clock.advance(20)
            await eventually(lambda before=before: seen.one("gateway").past[-1].at > before)
        fresh = seen.source.freshness()
    assert (fresh.state, fresh.as_of) == ("stale", NOW)
