"""Whom one can call: asked for while all is well, there while nothing answers, and never asked for by a drill."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.message.oncall.person import OnCallPerson
from cockpit.room.contacts import EVERY, everybody
from cockpit.room.requests import Start
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.receivers import Receivers, receiving
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio

CONFIGURATION = """\
version: 1
services: {{payment-service: {{runbook: payment-service}}}}
channels:
  pager:
    type: pagerduty
    routing_key: {{file: {folder}/token}}
    token: {{file: {folder}/token}}
    from: ic@example.com
    url: {url}
    events_url: {url}
targets:
  database-team: {{channels: [pager], handles: ["@dba"], phone: "+1 555 0100"}}
"""
DANA = OnCallPerson("Dana Base", "@dba", "+1 5550100", "dba@example.com", "Default, level 1")


def configure(folder: Path, receivers: Receivers) -> None:
    """A configuration with the receiver for its pager."""
    (folder / "token").write_text(receivers.pagerduty.token)
    (folder / "cockpit.yaml").write_text(CONFIGURATION.format(folder=folder, url=receivers.pagerduty.url))


async def test_they_are_there_when_the_pager_is_not(tmp_path: Path) -> None:
    """With when it was asked; and why it does not answer now."""
    async with receiving("pagerduty") as receivers:
        configure(tmp_path, receivers)
        async with opened(tmp_path) as house:
            assert house.contacts.on_call() == []
            await house.contacts.refresh()
            (view,) = house.contacts.on_call()
            assert (view.source, view.people, view.at, view.trouble) == ("pager", (DANA,), START, "")
    later = ManualClock(START)
    later.advance(3600)
    async with opened(tmp_path, clock=later) as house:
        await house.contacts.load()
        await house.contacts.refresh()
        (view,) = house.contacts.on_call()
        assert (view.people, view.at) == ((DANA,), START)
        assert "PagerDuty cannot be reached" in view.trouble
        listed = everybody(house.plans, house.contacts.on_call())
        assert [(each.group, each.name, each.phone) for each in listed[:2]] == [
            ("target", "database-team", "+1 555 0100"), ("on call", "Dana Base", "+1 5550100"),
        ]  # fmt: skip
        assert {each.group for each in listed[2:]} == {"runbook"}
        assert not any("[" in each.how for each in listed)


async def test_a_cockpit_asks_again_and_again(tmp_path: Path) -> None:
    """In the background, from its start."""
    clock = ManualClock(START)
    async with receiving("pagerduty") as receivers:
        configure(tmp_path, receivers)
        async with opened(tmp_path, clock=clock) as house:
            war = WarRoom(house, clock)
            await war.go_live()
            try:
                await eventually(lambda: house.contacts.on_call())
                asked = len(receivers.asked("pagerduty"))

                def again() -> bool:
                    clock.advance(EVERY)  # again, for whoever had not begun to wait when it was first
                    return len(receivers.asked("pagerduty")) >= 2 * asked

                await eventually(again)
            finally:
                await war.close()


async def test_a_drill_asks_nobody(tmp_path: Path) -> None:
    """It reaches nothing but this machine, and asking is reaching."""
    async with receiving("pagerduty") as receivers:
        configure(tmp_path, receivers)
        async with opened(tmp_path) as house:
            await house.room.perform(Start("payment-failure", "p1", source="monitoring", drill=True))
            await house.contacts.refresh()
            assert house.contacts.on_call() == []
            assert receivers.asked("pagerduty") == []


async def test_a_cockpit_that_only_looks_writes_no_copy(tmp_path: Path) -> None:
    """It shows what the pager says all the same."""
    async with receiving("pagerduty") as receivers:
        configure(tmp_path, receivers)
        async with opened(tmp_path):
            pass
        async with opened(tmp_path, read_only=True) as house:
            await house.contacts.refresh()
            assert [view.people for view in house.contacts.on_call()] == [(DANA,)]
        assert not (tmp_path / "oncall.json").exists()
