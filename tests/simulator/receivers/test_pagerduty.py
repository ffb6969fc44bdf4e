"""The simulated PagerDuty against its Events API v2 and REST API reference (developer.pagerduty.com)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.receivers import Receivers
from tests.simulator.receivers.asking import Wall, asking

pytestmark = pytest.mark.anyio

PAYLOAD = {"summary": "payments are down", "source": "cockpit", "severity": "critical"}


async def enqueue(
    client: httpx.AsyncClient, receivers: Receivers, action: str = "trigger", **more: Any
) -> httpx.Response:
    """Send an event."""
    event = {"routing_key": receivers.pagerduty.routing_key, "event_action": action, "dedup_key": "k-1", **more}
    if action == "trigger":
        event.setdefault("payload", PAYLOAD)
    return await client.post("/v2/enqueue", json=event)


async def test_an_event_is_taken_and_another_of_its_key_merged() -> None:
    async with asking("pagerduty") as (receivers, client):
        first = await enqueue(client, receivers)
        assert (first.status_code, first.json()["dedup_key"]) == (202, "k-1")
        assert first.json() == {"status": "success", "message": "Event processed", "dedup_key": "k-1"}
        assert (await enqueue(client, receivers)).status_code == 202
        (incident,) = receivers.pagerduty.incidents
        assert [what for _, what in incident.log] == ["triggered", "merged: payments are down"]
        for action, status in (("acknowledge", "acknowledged"), ("resolve", "resolved"), ("acknowledge", "resolved")):
            assert (await enqueue(client, receivers, action)).status_code == 202
            assert incident.status == status
        assert (await enqueue(client, receivers)).status_code == 202
        assert len(receivers.pagerduty.incidents) == 2, "the key of a resolved one opens another"
        whats = [each.what for each in receivers.arrived.of("pagerduty")]
        assert whats == ["trigger", "merged", "acknowledge", "resolve", "acknowledge", "trigger"]
        assert all("routing_key" not in each.data for each in receivers.arrived.of())


async def test_without_a_key_one_is_made() -> None:
    async with asking("pagerduty") as (receivers, client):
        made = (await enqueue(client, receivers, dedup_key=None)).json()["dedup_key"]
        assert receivers.pagerduty.open_of(made) is not None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"routing_key": "short"}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        ({"routing_key": ""}, "'routing_key' is missing or blank"),
        ({"routing_key": "0" * 32}, "Invalid routing key"),
        ({"event_action": "scream"}, "'event_action' is invalid"),
        ({"event_action": "resolve", "dedup_key": ""}, "'dedup_key' is missing or blank"),
        ({"dedup_key": "x" * 256}, "'dedup_key' is too long"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": {**PAYLOAD, "summary": ""}}, "'payload.summary' is missing or blank"),
        ({"payload": {**PAYLOAD, "summary": "x" * 1025}}, "'payload.summary' is too long"),
        ({"payload": {**PAYLOAD, "severity": "P1"}}, "'payload.severity' is invalid"),
        ({"payload": {"summary": "x", "severity": "info"}}, "'payload.source' is missing or blank"),
        ({"payload": {**PAYLOAD, "timestamp": "now"}}, "'payload.timestamp' is not a valid"),
        ({"links": [{"text": "no href"}]}, "'links' must be an array"),
    ],
)
async def test_what_is_wrong_with_an_event_is_400(change: dict[str, Any], error: str) -> None:
    async with asking("pagerduty") as (receivers, client):
        answer = await enqueue(client, receivers, **change)
        assert answer.status_code == 400
        assert answer.json()["status"] == "invalid event"
        assert error in answer.json()["errors"][0]
        assert len(receivers.arrived) == 0


async def test_events_are_limited_in_number_and_size() -> None:
    wall = Wall()
    async with asking("pagerduty", wall) as (receivers, client):
        for _ in range(120):
            assert (await enqueue(client, receivers)).status_code == 202
        limited = await enqueue(client, receivers)
        assert (limited.status_code, limited.json()["status"]) == (429, "throttle exceeded")
        wall.move(61)
        assert (await enqueue(client, receivers)).status_code == 202
        big = {**PAYLOAD, "custom_details": {"text": "x" * 512 * 1024}}
        assert (await enqueue(client, receivers, payload=big)).status_code == 413
        assert (await client.post("/v2/enqueue", content="{")).status_code == 400


async def test_the_rest_api_knows_the_incident_of_a_key_and_takes_notes() -> None:
    async with asking("pagerduty") as (receivers, client):
        await enqueue(client, receivers)
        listed = (await client.get("/incidents", params={"incident_key": "k-1"})).json()
        (incident,) = listed["incidents"]
        assert (incident["incident_key"], incident["status"], listed["more"]) == ("k-1", "triggered", False)
        assert (await client.get("/incidents", params={"incident_key": "other"})).json()["incidents"] == []
        path = f"/incidents/{incident['id']}/notes"
        note = (await client.post(path, json={"note": {"content": "on it"}})).json()["note"]
        assert (note["content"], note["user"]["summary"]) == ("on it", "Dana Base")
        assert [each["content"] for each in (await client.get(path)).json()["notes"]] == ["on it"]
        assert (await client.post(path, json={"note": {}})).json()["error"]["code"] == 2001
        assert (await client.get("/incidents/QNONE")).json()["error"] == {"message": "Not Found", "code": 2100}
        assert "on it" in (await client.get(incident["html_url"])).text


async def test_whoever_writes_must_be_a_user_and_have_a_token() -> None:
    async with asking("pagerduty") as (receivers, client):
        await enqueue(client, receivers)
        path = f"/incidents/{receivers.pagerduty.incidents[0].id}/notes"
        stranger = await client.post(path, json={"note": {"content": "x"}}, headers={"From": "who@example.com"})
        assert stranger.status_code == 400
        assert stranger.json()["error"] == {"message": "Requester User Not Found", "code": 1008}
        for header in ("", "Bearer x", "Token token=x"):
            answer = await client.get("/incidents", headers={"Authorization": header})
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, 2006)


async def test_who_is_on_call_and_how_he_is_met() -> None:
    async with asking("pagerduty") as (receivers, client):
        asked = {"escalation_policy_ids[]": receivers.pagerduty.policy, "include[]": "users"}
        (on_call,) = (await client.get("/oncalls", params=asked)).json()["oncalls"]
        assert (on_call["escalation_level"], on_call["user"]["email"]) == (1, "dba@example.com")
        user = on_call["user"]["id"]
        ways = (await client.get(f"/users/{user}/contact_methods")).json()["contact_methods"]
        assert [(way["type"], way["address"]) for way in ways] == [
            ("email_contact_method", "dba@example.com"), ("phone_contact_method", "5550100"),
        ]  # fmt: skip
        none = {"escalation_policy_ids[]": "POTHER"}
        assert (await client.get("/oncalls", params=none)).json()["oncalls"] == []
        assert (await client.get("/users/PUSER9")).status_code == 404


async def test_an_incident_can_be_made_once_and_resolved() -> None:
    async with asking("pagerduty") as (receivers, client):
        given = {"incident": {"type": "incident", "title": "down", "service": {"id": "PSERVICE"}, "incident_key": "k"}}
        made = await client.post("/incidents", json=given)
        assert made.status_code == 201
        again = (await client.post("/incidents", json=given)).json()["error"]["errors"]
        assert again == ["Open incident with matching dedup key already exists on this service"]
        path = f"/incidents/{made.json()['incident']['id']}"
        done = {"incident": {"type": "incident_reference", "status": "resolved"}}
        assert (await client.put(path, json=done)).json()["incident"]["status"] == "resolved"
        assert (await client.put(path, json=done)).json()["error"]["errors"] == ["Incident Already Resolved"]
        assert [each.what for each in receivers.arrived.of()] == ["incident", "resolved"]
