"""The simulated Alertmanager against the recorded answers of a real one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from cockpit.simulator.receivers.alertmanager import Firing
from tests.simulator.receivers.asking import START, Wall, asking

pytestmark = pytest.mark.anyio

LABELS = {"alertname": "PodCrashLooping", "service": "payment-service", "severity": "critical", "pod": "payment-1"}


def silence(**change: Any) -> dict[str, Any]:
    """A silence of an hour from now on."""
    matcher = {"name": "alertname", "value": "PodCrashLooping", "isRegex": False, "isEqual": True}
    times = {"startsAt": _text(START), "endsAt": _text(START + timedelta(hours=1))}
    return {"matchers": [matcher], **times, "createdBy": "oncall", "comment": "INC-2026-001", **change}


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def recorded(shared: Path, name: str) -> Any:
    """A recorded exchange."""
    (path,) = (shared / "prometheus-recordings").glob(f"{name}-*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """What of an answer does not change: keys, types and lengths; the values of labels."""
    if isinstance(value, dict):
        return {key: value[key] if key in ("labels", "matchers", "state") else shape(value[key]) for key in value}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__


async def test_it_answers_as_the_recorded_one(shared: Path) -> None:
    wall = Wall()
    async with asking("alertmanager", wall) as (_, client):
        for name in ("28", "29", "30", "31", "32", "33", "34", "35", "36", "37"):
            exchange = recorded(shared, name)
            asked, wanted = exchange["request"], exchange["response"]
            path, body = asked["path"], asked["body"]
            if name == "32":
                body = silence()
            if name == "36":
                (made,) = (await client.get("/api/v2/silences")).json()
                path = f"/api/v2/silence/{made['id']}"
            answer = await client.request(asked["method"], path, params=asked["params"], json=body)
            assert answer.status_code == wanted["status"], (name, answer.text)
            got = answer.json() if answer.content else ""
            assert shape(got) == shape(wanted["body"]), name
            if name == "35":
                assert got == wanted["body"]


async def test_what_prometheus_says_fires_has_the_real_fingerprint_and_can_be_filtered() -> None:
    wall = Wall()
    told = [Firing(LABELS, {"summary": "pod crash loops"}, START)]
    async with asking("alertmanager", wall, firing=lambda: told) as (_, client):
        (alert,) = (await client.get("/api/v2/alerts")).json()
        assert (alert["fingerprint"], alert["startsAt"]) == ("df0fb28c9c7f99d0", "2026-11-21T03:12:00.000Z")

        async def count(*filters: str, **more: str) -> int:
            answer = await client.get("/api/v2/alerts", params={"filter": list(filters), **more})
            return len(answer.json())

        assert await count('service="payment-service"', 'severity=~"crit.*"') == 1
        assert await count('service!="payment-service"') == 0
        assert await count('pod!~"payment-.*"') == 0
        assert (await client.get("/api/v2/alerts", params={"filter": "nonsense"})).status_code == 400
        await client.post("/api/v2/silences", json=silence())
        assert (await count(silenced="false"), await count(active="false")) == (0, 1)
        told.clear()
        assert await count() == 0


async def test_a_silence_begins_ends_and_is_replaced() -> None:
    wall = Wall()
    async with asking("alertmanager", wall) as (receivers, client):
        late = silence(startsAt=_text(START + timedelta(minutes=10)))
        id = (await client.post("/api/v2/silences", json=late)).json()["silenceID"]

        async def state(of: str = id) -> str:
            return str((await client.get(f"/api/v2/silence/{of}")).json()["status"]["state"])

        assert await state() == "pending"
        wall.move(600)
        assert await state() == "active"
        longer = silence(id=id, endsAt=_text(START + timedelta(hours=2)))
        assert (await client.post("/api/v2/silences", json=longer)).json()["silenceID"] == id
        other = silence(id=id, matchers=[{"name": "service", "value": "x", "isRegex": False}])
        new = (await client.post("/api/v2/silences", json=other)).json()["silenceID"]
        assert (new != id, await state(), await state(new)) == (True, "expired", "active")
        assert (await client.delete(f"/api/v2/silence/{new}")).status_code == 200
        assert (await client.delete(f"/api/v2/silence/{new}")).status_code == 500
        assert (await client.delete("/api/v2/silence/none")).status_code == 404
        assert [each.what for each in receivers.arrived.of()] == ["silence", "silence", "silence", "expire"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"comment": None}, 422), ({"createdBy": None}, 422), ({"matchers": []}, 422), ({"startsAt": "now"}, 400),
        ({"endsAt": "2026-11-21T03:00:00Z"}, 400), ({"id": "none"}, 404),
        ({"startsAt": "2026-11-20T00:00:00Z", "endsAt": "2026-11-20T01:00:00Z"}, 400),
        ({"matchers": [{"name": "a", "value": "[", "isRegex": True}]}, 422),
        ({"matchers": [{"name": "a", "value": "", "isRegex": False}]}, 400),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_silence(change: dict[str, Any], status: int) -> None:
    async with asking("alertmanager", Wall()) as (receivers, client):
        answer: httpx.Response = await client.post("/api/v2/silences", json=silence(**change))
        assert answer.status_code == status, answer.text
        assert receivers.alertmanager.silences == {}


async def test_a_proxy_before_it_may_want_a_token() -> None:
    async with asking("alertmanager", token="t") as (_, client):
        assert (await client.get("/api/v2/status")).status_code == 401
        allowed = await client.get("/api/v2/status", headers={"Authorization": "Bearer t"})
        assert allowed.json()["cluster"]["status"] == "disabled"
