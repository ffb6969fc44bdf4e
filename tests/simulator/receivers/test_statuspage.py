"""The simulated Statuspage against developer.statuspage.io: incidents, updates, components, limits."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulator.receivers.asking import Wall, asking

pytestmark = pytest.mark.anyio

BASE = "/v1/pages/demopage0001"


async def create(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    """Make an incident."""
    given = {"name": "Payments - Service Disruption", "status": "investigating", "body": "We look into it.", **fields}
    return await client.post(f"{BASE}/incidents", json={"incident": given})


async def test_an_incident_is_made_updated_and_resolved() -> None:
    async with asking("statuspage") as (receivers, client):
        fields = {"components": {"payments00001": "partial_outage"}, "component_ids": ["payments00001"]}
        made = await create(client, deliver_notifications=False, metadata={"cockpit": {"message": "m"}}, **fields)
        assert made.status_code == 201
        incident = made.json()
        assert (incident["impact"], incident["metadata"]) == ("major", {"cockpit": {"message": "m"}})
        assert [each["name"] for each in incident["components"]] == ["Payments"]
        path = f"{BASE}/incidents/{incident['id']}"
        update = {"status": "resolved", "body": "It works.", "components": {"payments00001": "operational"}}
        done = await client.patch(path, json={"incident": {**update, "deliver_notifications": False}})
        assert done.status_code == 200
        assert [each["body"] for each in done.json()["incident_updates"]] == ["It works.", "We look into it."]
        assert done.json()["resolved_at"] is not None
        assert receivers.statuspage.components["payments00001"]["status"] == "operational"
        assert receivers.statuspage.notified == 0
        assert [each["id"] for each in (await client.get(f"{BASE}/incidents.json")).json()] == [incident["id"]]
        assert (await client.get(f"{BASE}/incidents/unresolved")).json() == []
        assert (await client.get(path)).json()["status"] == "resolved"
        whats = [(each.what, each.where) for each in receivers.arrived.of("statuspage")]
        assert whats == [("incident", "investigating"), ("update", "resolved")]
        page = (await client.get("/")).text
        assert "[resolved] Payments - Service Disruption" in page
        assert "(nobody notified): It works." in page


async def test_who_does_not_say_no_notifies_the_subscribers() -> None:
    async with asking("statuspage", subscribers=7) as (receivers, client):
        await create(client)
        assert receivers.statuspage.notified == 7


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": " "}, "Name can't be blank"),
        ({"name": "x" * 256}, "Name is too long (maximum is 255 characters)"),
        ({"body": "x" * 25_001}, "Body is too long (maximum is 25000 characters)"),
        ({"status": "mitigating"}, "Status is not included in the list"),
        ({"impact_override": "P1"}, "Impact override is not included in the list"),
        ({"deliver_notifications": "no"}, "Deliver notifications is not a boolean"),
        ({"component_ids": ["nothing"]}, "Component nothing does not exist"),
        ({"components": {"payments00001": "broken"}}, "Component status broken is not included in the list"),
    ],
)
async def test_what_is_wrong_is_422(fields: dict[str, Any], error: str) -> None:
    async with asking("statuspage") as (receivers, client):
        answer = await create(client, **fields)
        assert (answer.status_code, answer.json()) == (422, {"error": [error]})
        assert len(receivers.arrived) == 0


async def test_keys_pages_and_incidents_that_are_not_there() -> None:
    async with asking("statuspage") as (_, client):
        for header in ("", "OAuth other"):
            answer = await client.get(f"{BASE}/incidents", headers={"Authorization": header})
            assert (answer.status_code, answer.json()) == (401, {"error": "Could not authenticate"})
        assert (await client.get("/v1/pages/other/incidents")).status_code == 404
        assert (await client.patch(f"{BASE}/incidents/none", json={"incident": {}})).status_code == 404
        assert (await client.post(f"{BASE}/incidents", json={"name": "x"})).status_code == 400
        assert (await client.post(f"{BASE}/incidents", content="{")).status_code == 400


@pytest.mark.parametrize("status", [420, 429])
async def test_a_request_a_second_over_a_minute(status: int) -> None:
    wall = Wall()
    async with asking("statuspage", wall, too_many=status) as (_, client):
        for _ in range(60):
            assert (await client.get(f"{BASE}/components")).status_code == 200
        limited = await client.get(f"{BASE}/components")
        assert (limited.status_code, limited.headers["retry-after"]) == (status, "60")
        wall.move(60)
        assert (await client.get(f"{BASE}/components")).status_code == 200


async def test_components_are_set() -> None:
    async with asking("statuspage") as (receivers, client):
        path = f"{BASE}/components/payments00001"
        assert (await client.patch(path, json={"component": {"status": "degraded_performance"}})).status_code == 200
        assert (await client.patch(path, json={"component": {"status": "odd"}})).status_code == 422
        assert (await client.get(f"{BASE}/components")).json()[0]["status"] == "degraded_performance"
        assert receivers.arrived.of()[0].text == "degraded_performance"
