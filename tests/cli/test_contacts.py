"""`cockpit contacts`: whom one can call, from the shell, also while the pager is down."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.receivers import receiving
from tests.room.test_contacts import configure

pytestmark = pytest.mark.anyio


async def test_who_is_on_call_is_kept(shell: Shell, tmp_path: Path) -> None:
    """Asked for once, it is printed with its age when nothing answers any more."""
    async with receiving("pagerduty") as receivers:
        configure(tmp_path, receivers)
        asked = (await asyncio.to_thread(shell, "contacts", "--refresh")).ok()
        assert "  database-team  by pager · @dba · +1 555 0100" in asked.out
        assert "On call, as said by pager 0" in asked.out
        assert "  Dana Base  @dba · +1 5550100 · dba@example.com · Default, level 1" in asked.out
    down = shell("contacts", "--refresh").failed("pager: PagerDuty cannot be reached")
    assert "+1 5550100" in down.out
    listed = shell("contacts", "--json").ok().json
    assert [(each["source"], each["trouble"]) for each in listed["pagers"]] == [("pager", "")]
    on_call = [each for each in listed["contacts"] if each["group"] == "on call"]
    assert [(each["name"], each["phone"], each["at"] is not None) for each in on_call] == [
        ("Dana Base", "+1 5550100", True)
    ]


async def test_a_drill_asks_no_pager(shell: Shell, tmp_path: Path) -> None:
    """What was kept is shown; nothing is asked."""
    async with receiving("pagerduty") as receivers:
        configure(tmp_path, receivers)
        await asyncio.to_thread(shell, "incident", "start", "payment-failure", "p1", "--drill")
        (await asyncio.to_thread(shell, "contacts", "--refresh")).wrong("a drill asks no pager")
        assert receivers.asked("pagerduty") == []


def test_nobody_is_known(shell: Shell) -> None:
    """And what to do about it."""
    (shell.folder / "cockpit.yaml").write_text("version: 1\n")
    assert "write `targets:` into the configuration" in shell("contacts").ok().out


def test_the_ladder_says_who_is_next(shell: Shell) -> None:
    """As the cockpit's page does; each page moves it on."""
    (shell.folder / "cockpit.yaml").write_text(LADDER)
    shell("incident", "start", "payment-failure", "p1").ok()
    out = shell("contacts").ok().out
    assert "Ladder: declared 0:0" in out
    assert "nobody was paged; Primary is next, if nobody acknowledges within 30:00" in out
    assert "  Primary                          next" in out
    shell("incident", "page", "Primary").ok()
    found = shell("contacts", "--json").ok().json["ladder"]
    assert (found["next"], found["due"], found["within"]) == ("second", False, 1800.0)
    assert [rung["who"] for rung in found["rungs"] if rung["reached"]] == ["Primary"]
    shell("incident", "ack").ok()
    assert "Ladder: acknowledged by " in shell("contacts").ok().out


def test_a_page_that_only_a_file_took_has_reached_nobody(shell: Shell) -> None:
    """A line in a file wakes nobody."""
    (shell.folder / "folder").mkdir()
    channels = "{none: {type: file, path: folder}, paper: {type: file, path: told.txt}}"
    second = '{handles: ["@secondary"], channels: [none, paper]}'
    head = LADDER.partition("targets:")[0]
    (shell.folder / "cockpit.yaml").write_text(f"{head}channels: {channels}\ntargets: {{second: {second}}}\n")
    shell("incident", "start", "payment-failure", "p1").ok()
    paged = shell("incident", "page", "second")
    assert (paged.code, "only kept by paper, nobody has heard it" in paged.out) == (1, True)
    assert "paged, and nobody has heard it yet" in shell("contacts").ok().out


LADDER = """\
version: 1
services: {payment-service: {runbook: payment-service, policy: payment-service}}
targets: {second: {handles: ["@secondary"], phone: "+1 555 0101"}}
"""
