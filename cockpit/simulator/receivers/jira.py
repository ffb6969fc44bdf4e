"""A receiver for Jira: issues of one project, their comments, links and steps, and the search by labels.

After developer.atlassian.com, "The Jira Cloud platform REST API" (v2 and v3: create issue, add comment, get and do
transitions, link issues, search by JQL with pages of `nextPageToken`), "Basic auth for REST APIs", "Rate limiting";
`/search` is gone from the Cloud (410) and stays in a Data Center, whose personal access token comes as a bearer's.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Sequence
from secrets import token_hex
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cockpit.simulator.receivers.jira_issues import STEPS, Issue, matching, problem, text_of, wrong_fields
from cockpit.simulator.receivers.receiver import (
    RefusedError,
    Surroundings,
    Web,
    body_of,
    not_found,
    refused,
    revoked,
)

_DENIED = "Client must be authenticated to access this resource."
_MISSING = "Issue does not exist or you do not have permission to see it."


class Jira(Web):
    """A site with one project.

    Args:
        cloud: whether it is Jira Cloud (an address and a token) or a Data Center (a token alone).
        lag: seconds after which the search of the Cloud knows a new issue.
        types: the issue types of the project.

    Attributes:
        user: the account's address.
        token: its API token, or the personal access token.
    """

    name = "jira"

    def __init__(
        self,
        around: Surroundings,
        *,
        cloud: bool = True,
        lag: float = 0.0,
        project: str = "OPS",
        types: Sequence[str] = ("Task", "Bug", "Incident"),
    ) -> None:
        super().__init__(around)
        self.user, self.token = "cockpit@example.com", token_hex(24)
        self.project, self.types, self.cloud = project, types, cloud
        self.issues: dict[str, Issue] = {}
        self._lag = lag

    def app(self) -> ASGIApp:
        """The API, v2 and v3, and each issue as a page under /browse."""
        routes = [Route("/browse/{key}", self._browse)]
        for base in ("/rest/api/2", "/rest/api/3"):
            one = f"{base}/issue/{{key}}"
            routes += [
                Route(f"{base}/myself", self._checked(self._myself), methods=["GET"]),
                Route(f"{base}/issue", self._checked(self._create), methods=["POST"]),
                Route(one, self._checked(self._get), methods=["GET"]),
                Route(f"{one}/comment", self._checked(self._comments), methods=["GET"]),
                Route(f"{one}/comment", self._checked(self._comment), methods=["POST"]),
                Route(f"{one}/transitions", self._checked(self._steps), methods=["GET"]),
                Route(f"{one}/transitions", self._checked(self._step), methods=["POST"]),
                Route(f"{base}/issueLink", self._checked(self._link), methods=["POST"]),
                Route(f"{base}/search/jql", self._checked(self._search), methods=["GET", "POST"]),
                Route(f"{base}/search", self._checked(self._old_search), methods=["GET", "POST"]),
            ]
        handlers: dict[Any, Any] = {RefusedError: refused, HTTPException: not_found({"errorMessages": ["Not found"]})}
        return Starlette(routes=routes, exception_handlers=handlers)

    def shown(self) -> list[str]:
        """Every issue with its links and comments."""
        lines = []
        for each in self.issues.values():
            lines.append(f"{each.key} [{each.status}] {each.fields['summary']} – {' '.join(each.labels)}".rstrip(" –"))
            lines += [f"  {line}" for line in text_of(each.fields.get("description")).splitlines()]
            lines += [f"  {kind} {other}" for kind, other in each.links]
            lines += [f"  comment {at}: {text_of(body)}" for _, at, body in each.comments]
        return lines

    def held(self) -> Any:
        """The issues."""
        return [each.described(self.url, with_comments=True) for each in self.issues.values()]

    def _checked(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            basic = base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
            wanted = f"Basic {basic}" if self.cloud else f"Bearer {self.token}"
            if request.headers.get("authorization") != wanted or revoked(request):
                raise RefusedError(401, {"errorMessages": [_DENIED], "errors": {}})
            return await answer(request)

        return checked

    async def _myself(self, request: Request) -> Response:
        return JSONResponse({"accountId": "demo", "emailAddress": self.user, "displayName": "Incident cockpit"})

    async def _create(self, request: Request) -> Response:
        given = (await _object(request)).get("fields")
        fields = given if isinstance(given, dict) else {}
        if errors := wrong_fields(fields, self.project, self.types, rich="/api/3/" in request.url.path):
            raise RefusedError(400, {"errorMessages": [], "errors": errors})
        number = len(self.issues) + 1
        made = Issue(str(10_000 + number), f"{self.project}-{number}", self.around.now(), dict(fields))
        self.issues[made.key] = made
        text = f"{fields['summary']}\n{text_of(fields.get('description'))}"
        key = " ".join(made.labels)
        self.arrived.add("jira", "issue", where=self.project, text=text, id=made.key, key=key, data=fields)
        return JSONResponse({"id": made.id, "key": made.key, "self": made.address(self.url)}, 201)

    async def _get(self, request: Request) -> Response:
        return JSONResponse(self._found(request.path_params["key"]).described(self.url))

    async def _comments(self, request: Request) -> Response:
        found = self._found(request.path_params["key"]).described_comments()
        if request.query_params.get("orderBy", "").startswith("-"):
            found.reverse()
        limit = _number(request.query_params.get("maxResults", "100"))
        return JSONResponse({"startAt": 0, "maxResults": limit, "total": len(found), "comments": found[:limit]})

    async def _comment(self, request: Request) -> Response:
        issue, body = self._found(request.path_params["key"]), (await _object(request)).get("body")
        if wrong := problem(body, "Comment body", rich="/api/3/" in request.url.path):
            raise RefusedError(400, {"errorMessages": [], "errors": {"comment": wrong}})
        id = str(20_000 + sum(len(each.comments) for each in self.issues.values()))
        issue.comments.append((id, self.stamp(), body))
        self.arrived.add("jira", "comment", where=issue.key, text=text_of(body), id=id, data={"body": body})
        return JSONResponse(issue.described_comments()[-1], 201)

    async def _steps(self, request: Request) -> Response:
        issue = self._found(request.path_params["key"])
        steps = [{"id": id, "name": name, "to": {"name": to}} for id, name, to in STEPS if to != issue.status]
        return JSONResponse({"expand": "transitions", "transitions": steps})

    async def _step(self, request: Request) -> Response:
        issue, given = self._found(request.path_params["key"]), (await _object(request)).get("transition")
        wanted = str(given.get("id")) if isinstance(given, dict) else ""
        found = next((to for id, _, to in STEPS if id == wanted and to != issue.status), None)
        if found is None:
            message = f"It seems that you have tried to perform a workflow operation ({wanted}) that is not valid."
            raise RefusedError(400, {"errorMessages": [message], "errors": {}})
        issue.status = found
        self.arrived.add("jira", "transition", where=issue.key, text=found, id=issue.key)
        return Response(status_code=204)

    async def _link(self, request: Request) -> Response:
        given = await _object(request)
        kind = (given.get("type") or {}).get("name")
        if kind not in ("Relates", "Blocks", "Cloners", "Duplicate"):
            raise RefusedError(404, {"errorMessages": [f"No issue link type with name '{kind}' found."], "errors": {}})
        inward, outward = (
            self._found(str((given.get(name) or {}).get("key"))) for name in ("inwardIssue", "outwardIssue")
        )
        inward.links.append((kind, outward.key))
        outward.links.append((kind, inward.key))
        self.arrived.add("jira", "link", where=inward.key, text=f"{kind} {outward.key}", id=outward.key, data=given)
        return Response(status_code=201)

    async def _search(self, request: Request) -> Response:
        asked = dict(request.query_params) if request.method == "GET" else await _object(request)
        found = self._matching(asked)
        start, limit = _number(asked.get("nextPageToken") or 0), _number(asked.get("maxResults") or 50)
        fields = asked.get("fields") or []
        page = [each.described(self.url) if fields else each.named(self.url) for each in found[start : start + limit]]
        last = start + limit >= len(found)
        return JSONResponse({"issues": page, "isLast": last, **({} if last else {"nextPageToken": str(start + limit)})})

    async def _old_search(self, request: Request) -> Response:
        if self.cloud:
            said = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
            raise RefusedError(410, {"errorMessages": [said], "errors": {}})
        asked = dict(request.query_params) if request.method == "GET" else await _object(request)
        found, start, limit = (
            self._matching(asked),
            _number(asked.get("startAt") or 0),
            _number(asked.get("maxResults") or 50),
        )
        page = [each.described(self.url) for each in found[start : start + limit]]
        return JSONResponse({"startAt": start, "maxResults": limit, "total": len(found), "issues": page})

    def _matching(self, asked: dict[str, Any]) -> list[Issue]:
        """What a JQL query finds, of what the search knows by now, the newest first."""
        now = self.around.now()
        known = [each for each in self.issues.values() if (now - each.created).total_seconds() >= self._lag]
        try:
            return [each for each in reversed(known) if matching(str(asked.get("jql") or ""), each, self.project)]
        except ValueError as error:
            raise RefusedError(400, {"errorMessages": [str(error)], "errors": {}}) from None

    def _found(self, key: str) -> Issue:
        found = self.issues.get(key) or next((each for each in self.issues.values() if each.id == key), None)
        if found is None:
            raise RefusedError(404, {"errorMessages": [_MISSING], "errors": {}})
        return found

    async def _browse(self, request: Request) -> Response:
        found = request.path_params["key"] in self.issues
        return PlainTextResponse("\n".join([*self.shown(), ""]), 200 if found else 404)


async def _object(request: Request) -> dict[str, Any]:
    try:
        found = await body_of(request)
    except ValueError:
        raise RefusedError(400, {"errorMessages": ["Invalid request payload."], "errors": {}}) from None
    return found if isinstance(found, dict) else {}


def _number(given: Any) -> int:
    try:
        return int(given)
    except ValueError:
        raise RefusedError(400, {"errorMessages": [f"'{given}' is no number"], "errors": {}}) from None
