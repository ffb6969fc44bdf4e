"""The simulated Opsgenie against docs.opsgenie.com: alerts by alias, asynchronous answers, who is on call."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulator.receivers.asking import Wall, asking

pytestmark = pytest.mark.anyio

ALIAS = {"identifierType": "alias"}


async def became(client: httpx.AsyncClient, answer: httpx.Response) -> dict[str, Any]:
    """What became of a request that was taken."""
    assert answer.status_code == 202, answer.text
    told = await client.get(f"/v2/alerts/requests/{answer.json()['requestId']}")
    found: dict[str, Any] = told.json()["data"]
    return found


async def test_an_alias_opens_counts_and_closes_one_alert() -> None:
    async with asking("opsgenie") as (receivers, client):
        alert = {"message": "down", "alias": "m-1", "priority": "P1", "tags": ["incident"], "details": {"a": "b"}}
        first = await became(client, await client.post("/v2/alerts", json=alert))
        assert (first["isSuccess"], first["alias"]) == (True, "m-1")
        await client.post("/v2/alerts", json=alert)
        (held,) = receivers.opsgenie.alerts
        assert (held.count, held.status) == (2, "open")
        path = "/v2/alerts/m-1"
        await client.post(f"{path}/acknowledge", params=ALIAS, json={})
        assert held.acknowledged
        await client.post(f"{path}/notes", params=ALIAS, json={"note": "on it"})
        assert [each["note"] for each in (await client.get(f"{path}/notes", params=ALIAS)).json()["data"]] == ["on it"]
        await client.post(f"{path}/close", params=ALIAS)
        assert (await client.get(path, params=ALIAS)).json()["data"]["status"] == "closed"
        again = await became(client, await client.post(f"{path}/close", params=ALIAS))
        assert (again["isSuccess"], again["status"]) == (False, "Alert is already closed")
        whats = [each.what for each in receivers.arrived.of("opsgenie")]
        assert whats == ["create", "counted", "acknowledge", "note", "close"]


async def test_what_is_taken_may_still_fail_and_is_not_known_at_once() -> None:
    async with asking("opsgenie", slow=1) as (_, client):
        taken = await client.post("/v2/alerts/none/close", params=ALIAS, json={})
        path = f"/v2/alerts/requests/{taken.json()['requestId']}"
        early = await client.get(path)
        assert (early.status_code, early.json()["message"]) == (
            404, "Request not found. It might not be processed, yet.",
        )  # fmt: skip
        assert (await client.get(path)).json()["data"]["status"] == "Alert does not exist"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": ""}, "message"), ({"message": "x" * 131}, "message"), ({"alias": "x" * 513}, "alias"),
        ({"description": "x" * 15_001}, "description"), ({"priority": "P6"}, "priority"),
        ({"tags": ["x"] * 21}, "tags"), ({"tags": ["x" * 51]}, "tags"), ({"details": {"a": 1}}, "details"),
        ({"responders": [{"name": "ops"}]}, "responders"), ({"source": "x" * 101}, "source"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_an_alert_is_422_by_field(change: dict[str, Any], field: str) -> None:
    async with asking("opsgenie") as (receivers, client):
        answer = await client.post("/v2/alerts", json={"message": "down", **change})
        assert (answer.status_code, [*answer.json()["errors"]]) == (422, [field])
        assert len(receivers.arrived) == 0


async def test_a_key_is_wanted_and_requests_are_counted() -> None:
    wall = Wall()
    async with asking("opsgenie", wall) as (_, client):
        other = await client.post("/v2/alerts", json={"message": "x"}, headers={"Authorization": "GenieKey other"})
        assert (other.status_code, other.json()["message"]) == (401, "Could not authenticate")
        assert (await client.post("/v2/alerts", content="{")).status_code == 400
        for _ in range(99):
            await client.get("/v2/alerts/none", params=ALIAS)
        limited = await client.post("/v2/alerts", json={"message": "x"})
        assert (limited.status_code, limited.headers["x-ratelimit-state"]) == (429, "THROTTLED")


async def test_who_is_on_call() -> None:
    async with asking("opsgenie") as (_, client):
        asked = {"scheduleIdentifierType": "name", "flat": "true"}
        on_call = (await client.get("/v2/schedules/primary/on-calls", params=asked)).json()["data"]
        assert on_call["onCallRecipients"] == ["dba@example.com"]
        assert (await client.get("/v2/schedules/other/on-calls", params=asked)).status_code == 404
        assert (await client.get("/v2/users/dba@example.com")).json()["data"]["fullName"] == "Dana Base"
        contacts = (await client.get("/v2/users/dba@example.com/contacts")).json()["data"]
        assert ("voice", "1-5550100") in [(each["method"], each["to"]) for each in contacts]
        assert (await client.get("/v2/users/nobody")).status_code == 404
