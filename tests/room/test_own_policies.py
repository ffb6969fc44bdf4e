"""A team's own policy and calendar in a real house: what times the incident, also after it was read again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cockpit.cli.incident.standing import state_lines
from cockpit.clock import ManualClock
from cockpit.incident.clocks import Due
from cockpit.room import grammar
from cockpit.room.house import House
from cockpit.room.journal.listing import listing
from cockpit.room.requests import Refusal
from cockpit.scribe.markdown import export
from tests.room.rooms import configure, opened
from tests.stories import START

pytestmark = pytest.mark.anyio

OWN = """\
calendar: {timezone: Europe/Berlin, hours: "08:00-16:00"}
policies:
  house:
    extends: payment-service
    levels:
      P2: {acknowledge: 10m, update: {internal: next business day}, notify: {database-team: 30m, team-lead: none}}
"""


def configured(folder: Path, policy: str = "house") -> None:
    path = configure(folder)
    of_service = "    runbook: payment-service\n"
    path.write_text(path.read_text().replace(of_service, f"{of_service}    policy: {policy}\n") + OWN)


async def does(house: House, line: str) -> None:
    await house.room.perform(grammar.parse(line, house.room.clock.now))


def by_name(clocks: list[Due]) -> dict[str, Due]:
    return {clock.name: clock for clock in clocks}


async def test_the_clocks_are_the_teams_own_and_the_same_after_a_restart(tmp_path: Path) -> None:
    configured(tmp_path)
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await does(house, "start payment-failure p2")
        clock.advance(60)
        await does(house, "ack")
        before = house.room.clocks()
        found = by_name(before)
        assert found["ack"].title == "acknowledge"
        assert found["ack"].due == START + timedelta(minutes=10)
        assert found["notify:database-team"].due == START + timedelta(minutes=30)
        assert "notify:team-lead" not in found
        monday = datetime.fromisoformat("2026-03-16T15:00:00Z")  # four in the afternoon in Berlin
        assert found["update:internal"].due == found["escalate:vp-engineering"].due == monday
        (listed,) = await listing(house.store, house.room.setting.clocks_of)
        assert list(listed.clocks) == before
    async with opened(tmp_path, clock=clock) as house:
        assert house.room.clocks() == before
        assert house.room.state.policy == "house"


async def test_an_incident_keeps_its_policy_whatever_the_configuration_has_become(tmp_path: Path) -> None:
    configured(tmp_path)
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await does(house, "start payment-failure p2")
        before = house.room.clocks()
    configured(tmp_path, "order-service")
    async with opened(tmp_path, clock=clock) as house:
        assert house.room.clocks() == before
        await does(house, "severity p1 --why worse")
        (listed,) = await listing(house.store, house.room.setting.clocks_of)
        assert list(listed.clocks) == house.room.clocks()
        await does(house, "resolve fixed")
        await does(house, "close")
        with pytest.raises(Refusal, match="'p1' is no severity of this policy; it has SEV-1, SEV-2"):
            await does(house, "start another p1")
        await does(house, "start another sev-1")
        assert by_name(house.room.clocks())["ack"].title == "respond"
        assert house.room.state.policy == "order-service"


async def test_a_deadline_that_was_put_off_is_told_so_in_the_document(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        room = house.room
        await does(house, "start payment-failure p1")
        await does(house, 'snooze respond 2h --why "the storm | comes first"')
        assert "respond: running, 2:00:00, due 2026-03-14 04:00:00Z, snoozed until then: the storm" in "\n".join(
            state_lines(room)
        )
        clock.advance(3600)
        await does(house, "ack")
        document = export(room.timeline, label=room.label, now=clock.now(), policy=room.policy)
        assert "| met, put off: the storm \\| comes first |" in document
