"""The simulated Jira against the reference of the Jira Cloud platform REST API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.receivers import Receivers
from tests.simulator.receivers.asking import Wall, asking

pytestmark = pytest.mark.anyio

FIELDS = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": "Payments are down"}
DOCUMENT = {
    "type": "doc", "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "It is down."}]}],
}  # fmt: skip


def account(receivers: Receivers) -> httpx.BasicAuth:
    """An address and a token."""
    return httpx.BasicAuth(receivers.jira.user, receivers.jira.token)


async def create(client: httpx.AsyncClient, version: int = 2, **fields: Any) -> httpx.Response:
    """Make an issue."""
    return await client.post(f"/rest/api/{version}/issue", json={"fields": {**FIELDS, **fields}})


async def test_an_issue_is_made_commented_linked_and_closed() -> None:
    async with asking("jira") as (receivers, client):
        client.auth = account(receivers)
        made = await create(client, labels=["cockpit-m1"], description="It is down.", duedate="2026-11-30")
        assert (made.status_code, made.json()["key"]) == (201, "OPS-1")
        assert (await create(client)).json()["key"] == "OPS-2"
        said = await client.post("/rest/api/2/issue/OPS-1/comment", json={"body": "rolled back"})
        assert said.status_code == 201
        comments = (await client.get("/rest/api/2/issue/OPS-1/comment", params={"orderBy": "-created"})).json()
        assert [each["body"] for each in comments["comments"]] == ["rolled back"]
        link = {"type": {"name": "Relates"}, "inwardIssue": {"key": "OPS-1"}, "outwardIssue": {"key": "OPS-2"}}
        assert (await client.post("/rest/api/2/issueLink", json=link)).status_code == 201
        steps = (await client.get("/rest/api/2/issue/OPS-1/transitions")).json()["transitions"]
        assert [each["to"]["name"] for each in steps] == ["In Progress", "Done"]
        step = {"transition": {"id": steps[-1]["id"]}}
        assert (await client.post("/rest/api/2/issue/OPS-1/transitions", json=step)).status_code == 204
        assert (await client.post("/rest/api/2/issue/OPS-1/transitions", json=step)).status_code == 400
        fields = (await client.get("/rest/api/2/issue/OPS-1")).json()["fields"]
        assert (fields["status"]["name"], fields["issuelinks"][0]["outwardIssue"]["key"]) == ("Done", "OPS-2")
        whats = [each.what for each in receivers.arrived.of("jira")]
        assert whats == ["issue", "issue", "comment", "link", "transition"]
        assert "OPS-1 [Done] Payments are down" in (await client.get("/browse/OPS-1")).text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"summary": ""}, "summary"), ({"summary": "two\nlines"}, "summary"), ({"summary": "x" * 256}, "summary"),
        ({"project": {"key": "NO"}}, "project"), ({"issuetype": {"name": "Song"}}, "issuetype"),
        ({"labels": ["two words"]}, "labels"), ({"duedate": "tomorrow"}, "duedate"),
        ({"description": DOCUMENT}, "description"), ({"description": "x" * 32_768}, "description"),
        ({"mood": "bad"}, "mood"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_an_issue_is_400_by_field(change: dict[str, Any], field: str) -> None:
    async with asking("jira") as (receivers, client):
        client.auth = account(receivers)
        answer = await create(client, **change)
        assert (answer.status_code, [*answer.json()["errors"]]) == (400, [field])
        assert receivers.jira.issues == {}


async def test_version_3_wants_documents() -> None:
    async with asking("jira") as (receivers, client):
        client.auth = account(receivers)
        assert (await create(client, 3, description="plain")).status_code == 400
        assert (await create(client, 3, description=DOCUMENT)).status_code == 201
        assert (await client.post("/rest/api/3/issue/OPS-1/comment", json={"body": DOCUMENT})).status_code == 201
        assert receivers.arrived.of("jira", "comment")[0].text == "It is down."


async def test_the_search_knows_an_issue_by_its_label_when_it_has_been_indexed() -> None:
    wall = Wall()
    async with asking("jira", wall, lag=30) as (receivers, client):
        client.auth = account(receivers)
        await create(client, labels=["cockpit-m1"])

        async def keys(jql: str, **more: Any) -> list[str]:
            answer = await client.post("/rest/api/3/search/jql", json={"jql": jql, "fields": ["labels"], **more})
            assert answer.status_code == 200, answer.text
            return [each["key"] for each in answer.json()["issues"]]

        assert await keys('labels = "cockpit-m1"') == []
        wall.move(30)
        assert await keys('labels = "cockpit-m1"') == ["OPS-1"]
        assert await keys("project = OPS AND labels in (x, cockpit-m1) ORDER BY created DESC") == ["OPS-1"]
        assert await keys('labels = "other"') == []
        for wrong in ("", "mood = bad", "labels ~ x y"):
            assert (await client.post("/rest/api/3/search/jql", json={"jql": wrong})).status_code == 400
        bare = (await client.post("/rest/api/3/search/jql", json={"jql": "project = OPS"})).json()
        assert (bare["isLast"], "fields" in bare["issues"][0]) == (True, False)
        assert (await client.post("/rest/api/2/search", json={"jql": "project = OPS"})).status_code == 410


async def test_pages_of_a_search() -> None:
    async with asking("jira") as (receivers, client):
        client.auth = account(receivers)
        for _ in range(3):
            await create(client)
        asked = {"jql": "project = OPS", "maxResults": 2}
        first = (await client.post("/rest/api/3/search/jql", json=asked)).json()
        rest = {**asked, "nextPageToken": first["nextPageToken"]}
        last = (await client.post("/rest/api/3/search/jql", json=rest)).json()
        assert [each["key"] for each in first["issues"] + last["issues"]] == ["OPS-3", "OPS-2", "OPS-1"]
        assert "nextPageToken" not in last


async def test_cloud_and_data_center_know_their_users_differently() -> None:
    async with asking("jira") as (receivers, client):
        for auth in (None, httpx.BasicAuth(receivers.jira.user, "other")):
            assert (await client.get("/rest/api/2/myself", auth=auth)).status_code == 401
        bearer = {"Authorization": f"Bearer {receivers.jira.token}"}
        assert (await client.get("/rest/api/2/myself", headers=bearer)).status_code == 401
        client.auth = account(receivers)
        assert (await client.get("/rest/api/2/issue/OPS-9")).status_code == 404
    async with asking("jira", cloud=False) as (receivers, client):
        client.headers["Authorization"] = f"Bearer {receivers.jira.token}"
        await create(client)
        found = (await client.post("/rest/api/2/search", json={"jql": "project = OPS"})).json()
        assert (found["total"], found["issues"][0]["key"]) == (1, "OPS-1")
