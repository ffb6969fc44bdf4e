"""What arrived and what is wrong, over HTTP and in a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cockpit.simulator.receivers import NAMES, Arrived
from cockpit.simulator.receivers.written import written_to
from tests.conftest import eventually
from tests.receivers import receiving

pytestmark = pytest.mark.anyio


async def test_the_page_shows_every_receiver_and_sets_its_trouble() -> None:
    async with receiving() as receivers, httpx.AsyncClient(base_url=receivers.url) as client:
        headers = {"Authorization": f"Bearer {receivers.slack.token}"}
        message = {"channel": "#incidents", "text": "payments are down\nfor all"}
        await client.post(f"{receivers.slack.api}/chat.postMessage", json=message, headers=headers)
        page = (await client.get("/")).text
        assert [line.split()[1] for line in page.splitlines() if line.startswith("== ")] == [*NAMES]
        assert "cockpit: payments are down" in page
        (arrival,) = (await client.get("/arrived", params={"receiver": "slack", "what": "message"})).json()
        assert (arrival["text"], arrival["data"]) == (message["text"], message)
        assert (await client.get("/arrived", params={"receiver": "mail"})).json() == []
        assert (await client.get("/held")).json()["slack"][0]["messages"][0]["text"] == message["text"]
        wanted = {"slack": [{"kind": "answer", "status": 418, "next": 1}], "mail": {"kind": "refuse"}}
        told = (await client.put("/trouble", json=wanted)).json()
        assert (told["slack"]["faults"][0]["status"], told["mail"]["faults"][0]["kind"]) == (418, "refuse")
        assert (await client.post(f"{receivers.slack.api}/auth.test", headers=headers)).status_code == 418
        ended = (await client.put("/trouble", json={"mail": None})).json()
        assert (ended["mail"]["faults"], ended["slack"]["asked"]) == ([], 2)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "send an object"), ({"fax": None}, "there is no receiver fax; there are slack"),
        ({"slack": {"kind": "fire"}}, "there is no trouble 'fire'"), ({"slack": {"kind": "cut", "x": 1}}, "'x'"),
    ],
)  # fmt: skip
async def test_trouble_that_makes_no_sense_changes_nothing(wrong: object, said: str) -> None:
    async with receiving("slack") as receivers, httpx.AsyncClient(base_url=receivers.url) as client:
        answer = await client.put("/trouble", json=wrong)
        assert answer.status_code == 422
        assert said in answer.json()["error"]
        assert receivers.slack.trouble.faults == []


async def test_the_file_grows_with_what_arrives(tmp_path: Path) -> None:
    arrived, path = Arrived(lambda: datetime(2026, 11, 21, 3, 12, tzinfo=UTC)), tmp_path / "arrived.txt"
    path.write_text("of before")
    async with written_to(path, arrived, "What arrived"):
        arrived.add("slack", "message", where="#incidents", text="down\nfor all")
        await eventually(lambda: "for all" in path.read_text())
        arrived.add("pagerduty", "trigger")
    assert path.read_text() == (
        "What arrived\n\n03:12:00 slack: message #incidents\n    down\n    for all\n\n03:12:00 pagerduty: trigger\n\n"
    )
