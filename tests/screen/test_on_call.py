"""Who is on call, on the page of contacts: with telephone numbers while no pager answers, and without in a drill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from screen.flying import flying
from screen.telling import configure, say

from cockpit.message.oncall.copy import Fetched, OnCallCopy
from cockpit.message.oncall.person import OnCallPerson

pytestmark = pytest.mark.anyio

PAGER = """\
channels:
  pager:
    {{type: pagerduty, routing_key: {{file: {token}}}, token: {{file: {token}}}, from: ic@example.com,
     url: "http://127.0.0.1:1", events_url: "http://127.0.0.1:1"}}
"""
DANA = OnCallPerson("Dana Base", "@dana", "+1 5550100", "dana@example.com", "Databases, level 1")


def down(folder: Path) -> Path:
    """A configuration whose pager does not answer, and what it said two hours ago."""
    config, token = configure(folder), folder / "token"
    token.write_text("t0k3n")
    config.write_text(config.read_text().replace("channels:\n", PAGER.format(token=token), 1))
    two_hours_ago = datetime.now(UTC) - timedelta(hours=2)
    OnCallCopy.beside(folder / "record.db").keep("pager", Fetched((DANA,), two_hours_ago))
    return config


async def test_they_are_there_while_no_pager_answers(tmp_path: Path) -> None:
    """With the age of that knowledge and why it is not fresher; and one key pages them."""
    async with flying(tmp_path, down(tmp_path)) as cockpit:
        await say(cockpit, "start payment-failure p1")
        await cockpit.press("p")
        await cockpit.goes_to("ContactsPage")
        await cockpit.sees("On call ─ pager, as it said 2:00:0", "it does not answer: PagerDuty cannot be reached")
        await cockpit.sees("Dana Base", "+1 5550100 · @dana · Databases, level 1")


async def test_a_drill_shows_no_telephone(tmp_path: Path) -> None:
    """It rings nobody's, and asks no pager."""
    async with flying(tmp_path, down(tmp_path)) as cockpit:
        await say(cockpit, "start payment-failure p1 --drill")
        await cockpit.press("p")
        await cockpit.goes_to("ContactsPage")
        seen = await cockpit.sees("Dana Base")
        assert "5550100" not in seen
