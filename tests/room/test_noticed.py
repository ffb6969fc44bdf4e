"""The detection is offered from what the record's own signals noticed first, and is never set by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.measures import measures
from cockpit.incident.noticed import noticed
from cockpit.room.house import House
from cockpit.room.requests import Facts, Refusal, Start
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


def breach(id: str, state: str = "breach") -> kinds.ThresholdCrossed:
    return kinds.ThresholdCrossed(id=id, title=id, before="ok", state=state, value=12.4, unit="percent", bound="> 5")


async def told(house: House, *payloads: kinds.Payload, at: datetime | None = None) -> None:
    await house.room.perform(Facts(lambda _: [(each, at) for each in payloads], actor="cockpit"))


async def test_what_was_seen_first_of_what_is_amiss_now_is_the_detection(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        room = house.room
        assert noticed(room.state) == []
        clock.advance(600)
        await told(house, breach("slow", "warning"), breach("over"))
        clock.advance(60)
        await told(house, breach("over", "ok"))
        await told(house, breach("errors"), at=START)  # by the source's past it began before
        clock.advance(60)
        await told(house, kinds.Pods(state="crashing", count=3, total=5, reason="OOMKilled"))
        clock.advance(60)
        await told(house, kinds.EndpointChanged(id="health", before="ok", state="failing", reason="503"),
                   kinds.Pods(state="unready", count=1, total=5, reason="NotReady"))  # fmt: skip
        found = noticed(room.state)
        assert [each.what for each in found] == [
            "errors 12.4 % over 5 %", "3/5 pods crash: OOMKilled", "endpoint health failing: 503", "1/5 pods not ready",
        ]  # fmt: skip
        assert (found[0].began, found[0].at) == (START, START + timedelta(seconds=660))
        await room.perform(Start("x", seen="first"))
        state = room.state
        assert state.detected is not None
        assert (state.detected.at, state.detected_by) == (START + timedelta(seconds=660), "monitoring")
        entry = next(each for each in room.timeline.entries if each.kind == "detected")
        assert (entry.actor, entry.payload["what"], entry.payload["seen"]) == (
            "@alice", "errors 12.4 % over 5 %", found[0].entry,
        )  # fmt: skip
        assert next(each.seconds for each in measures(state) if each.name == "detect") == 660
        assert noticed(state) == [], "it is said by now"


async def test_nothing_is_set_unasked_and_what_is_well_again_is_refused(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await told(house, breach("errors"), breach("p95"))
        errors = noticed(house.room.state)[0].entry
        clock.advance(60)
        await told(house, breach("errors", "ok"))
        with pytest.raises(Refusal, match="is well again"):
            await house.room.perform(Start("x", seen=errors))
        with pytest.raises(Refusal, match="leave --source out"):
            await house.room.perform(Start("x", seen="first", source="customer"))
        earlier = START - timedelta(minutes=5)
        await house.room.perform(Start("x", seen="first", detected=earlier))
        assert house.room.state.detected is not None
        assert house.room.state.detected.at == earlier, "somebody knows better"
    async with opened(tmp_path, clock=clock) as house:
        await house.room.perform(Start("y", another=True))
        assert house.room.state.detected is None
        with pytest.raises(Refusal, match="tell of nothing that is amiss now"):
            await house.room.perform(Start("z", another=True, seen="first"))
