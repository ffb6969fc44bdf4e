"""A receiver for Atlassian Statuspage: a page with its incidents, their updates, and its components.

After developer.statuspage.io: "Authentication" (OAuth and the key), "Rate limiting" (a request a second for each key,
measured over sixty), "Errors", "Incidents" and "Components"; and the notice "Upcoming rate limiting changes to
Statuspage REST API" (420 or 429, with Retry-After).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cockpit.simulator.receivers.receiver import (
    Rate,
    RefusedError,
    Surroundings,
    Web,
    body_of,
    not_found,
    refused,
    revoked,
)

REALTIME = ("investigating", "identified", "monitoring", "resolved")
SCHEDULED = ("scheduled", "in_progress", "verifying", "completed")
IMPACTS = ("none", "maintenance", "minor", "major", "critical")
COMPONENT = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
_OF_COMPONENT = dict(zip(COMPONENT, IMPACTS, strict=True))
"""The impact that an incident has by the worst status of its components, where none is given."""
LONGEST_NAME, LONGEST_BODY = 255, 25_000
LARGEST_PAGE = 100


class Statuspage(Web):
    """One page.

    Args:
        components: its components' ids and names.
        subscribers: how many people are notified where a message asks for it.
        too_many: the status of an answer to too many requests: 420, or 429 as announced.

    Attributes:
        token: the API key.
        page: the page's id.
        notified: how many notifications went to subscribers.
    """

    name = "statuspage"

    def __init__(
        self,
        around: Surroundings,
        components: Mapping[str, str] | None = None,
        subscribers: int = 250,
        too_many: int = 420,
    ) -> None:
        super().__init__(around)
        self.token, self.page = token_hex(32), "demopage0001"
        self.components: dict[str, dict[str, Any]] = {
            id: {"id": id, "name": name, "status": "operational", "page_id": self.page, "group_id": None}
            for id, name in (components or {"payments00001": "Payments"}).items()
        }
        self.subscribers, self.notified = subscribers, 0
        self.incidents: list[dict[str, Any]] = []
        self._too_many = too_many
        self._rate = Rate(60, 60)

    def app(self) -> ASGIApp:
        """The API, and the page itself as its readers see it, at /."""
        base, one = f"/v1/pages/{self.page}", "{id}"
        routes = [
            Route("/", self._public),
            *self._both(base, self._profile, ["GET"]),
            *self._both(f"{base}/incidents", self._create, ["POST"]),
            *self._both(f"{base}/incidents", self._list, ["GET"]),
            *self._both(f"{base}/incidents/unresolved", self._unresolved, ["GET"]),
            *self._both(f"{base}/incidents/{one}", self._get, ["GET"]),
            *self._both(f"{base}/incidents/{one}", self._update, ["PATCH", "PUT"]),
            *self._both(f"{base}/components", self._components, ["GET"]),
            *self._both(f"{base}/components/{one}", self._set_component, ["PATCH", "PUT"]),
        ]
        handlers: dict[Any, Any] = {RefusedError: refused, HTTPException: not_found({"error": "Not found"})}
        return Starlette(routes=routes, exception_handlers=handlers)

    def shown(self) -> list[str]:
        """The page as its readers see it, the newest incident first."""
        lines = [f"{each['name']}: {each['status'].replace('_', ' ')}" for each in self.components.values()]
        for each in reversed(self.incidents):
            lines.append(f"[{each['status']}] {each['name']} – impact {each['impact']}")
            for update in each["incident_updates"]:
                told = "subscribers notified" if update["deliver_notifications"] else "nobody notified"
                first, *rest = update["body"].splitlines() or [""]
                lines.append(f"  {update['created_at']} {update['status']} ({told}): {first}")
                lines += [f"    {line}" for line in rest]
        return lines

    def held(self) -> Any:
        """Its incidents and components."""
        return {"incidents": self.incidents, "components": list(self.components.values()), "notified": self.notified}

    def _both(self, path: str, answer: Callable[[Request], Awaitable[Response]], methods: list[str]) -> list[Route]:
        """A path, with and without `.json` at its end, for whoever may ask."""

        async def checked(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            token = token if scheme == "OAuth" else request.query_params.get("api_key", "")
            if token != self.token or revoked(request):
                raise RefusedError(401, {"error": "Could not authenticate"})
            if wait := self.limited(self._rate, token):
                seconds = {"Retry-After": str(max(1, round(wait)))}
                raise RefusedError(self._too_many, {"error": "API rate limit exceeded"}, seconds)
            return await answer(request)

        return [Route(f"{path}.json", checked, methods=methods), Route(path, checked, methods=methods)]

    async def _profile(self, request: Request) -> Response:
        return JSONResponse({"id": self.page, "name": "Demo", "url": self.url, "time_zone": "UTC"})

    async def _create(self, request: Request) -> Response:
        given = await _given(request, "incident")
        if not str(given.get("name") or "").strip():
            raise _unprocessable("Name can't be blank")
        self._check(given, REALTIME + SCHEDULED)
        at, id = self.stamp(), f"inc{len(self.incidents) + 1:09d}"
        made: dict[str, Any] = {
            "id": id, "page_id": self.page, "name": given["name"], "status": given.get("status") or "investigating",
            "created_at": at, "updated_at": at, "started_at": at, "monitoring_at": None, "resolved_at": None,
            "impact": "none", "impact_override": None, "shortlink": f"{self.url}/#{id}", "metadata": {},
            "incident_updates": [], "components": [],
        }  # fmt: skip
        self.incidents.append(made)
        self._apply(made, given, "incident")
        return JSONResponse(made, 201)

    async def _update(self, request: Request) -> Response:
        found, given = self._found(request), await _given(request, "incident")
        if "name" in given and not str(given["name"] or "").strip():
            raise _unprocessable("Name can't be blank")
        self._check(given, REALTIME + SCHEDULED)
        self._apply(found, given, "update")
        return JSONResponse(found)

    def _check(self, given: Mapping[str, Any], statuses: tuple[str, ...]) -> None:
        """Raises RefusedError 422 with all that is wrong."""
        wrong = []
        if given.get("status") is not None and given["status"] not in statuses:
            wrong.append("Status is not included in the list")
        if given.get("impact_override") is not None and given["impact_override"] not in IMPACTS:
            wrong.append("Impact override is not included in the list")
        if len(str(given.get("name") or "")) > LONGEST_NAME:
            wrong.append(f"Name is too long (maximum is {LONGEST_NAME} characters)")
        if len(str(given.get("body") or "")) > LONGEST_BODY:
            wrong.append(f"Body is too long (maximum is {LONGEST_BODY} characters)")
        if not isinstance(given.get("deliver_notifications", True), bool):
            wrong.append("Deliver notifications is not a boolean")
        if not isinstance(given.get("metadata") or {}, dict):
            wrong.append("Metadata must be an object")
        named = {**dict.fromkeys(given.get("component_ids") or [], "operational"), **(given.get("components") or {})}
        wrong += [f"Component {id} does not exist" for id in named if id not in self.components]
        wrong += [f"Component status {each} is not included in the list" for each in _odd(given)]
        if wrong:
            raise _unprocessable(*wrong)

    def _apply(self, incident: dict[str, Any], given: Mapping[str, Any], what: str) -> None:
        """Change an incident, add its update, notify, and note what arrived."""
        at = self.stamp()
        for name in ("name", "status", "impact_override", "metadata"):
            if given.get(name) is not None:
                incident[name] = given[name]
        for id, status in (given.get("components") or {}).items():
            self.components[id]["status"] = status
        for id in given.get("component_ids") or given.get("components") or []:
            if all(each["id"] != id for each in incident["components"]):
                incident["components"].append(self.components[id])
        worst = max((each["status"] for each in incident["components"]), key=COMPONENT.index, default="operational")
        incident["impact"] = incident["impact_override"] or _worse(incident["impact"], _OF_COMPONENT[worst])
        incident["updated_at"] = at
        if incident["status"] in ("monitoring", "resolved"):
            incident[f"{incident['status']}_at"] = incident[f"{incident['status']}_at"] or at
        if given.get("body") is not None or given.get("status") is not None:
            self._tell(incident, given, at)
        more = {"id": incident["id"], "data": dict(given)}
        key = json.dumps(given["metadata"], sort_keys=True) if given.get("metadata") else ""
        self.arrived.add(
            "statuspage", what, where=incident["status"], text=given.get("body") or incident["name"], key=key, **more
        )

    def _tell(self, incident: dict[str, Any], given: Mapping[str, Any], at: str) -> None:
        notify = given.get("deliver_notifications", True)  # as documented: who does not say no, notifies
        update = {
            "id": f"upd{sum(len(each['incident_updates']) for each in self.incidents) + 1:09d}",
            "incident_id": incident["id"], "status": incident["status"], "body": str(given.get("body") or ""),
            "created_at": at, "updated_at": at, "display_at": at, "deliver_notifications": notify,
            "affected_components": [
                {"code": id, "name": self.components[id]["name"], "new_status": status}
                for id, status in (given.get("components") or {}).items()
            ],
        }  # fmt: skip
        incident["incident_updates"].insert(0, update)
        if notify:
            self.notified += self.subscribers

    async def _list(self, request: Request) -> Response:
        try:
            limit = min(int(request.query_params.get("limit", LARGEST_PAGE)), LARGEST_PAGE)
            page = int(request.query_params.get("page", 1))
        except ValueError:
            raise RefusedError(400, {"error": "limit and page must be integers"}) from None
        sought = request.query_params.get("q", "").lower()
        found = [each for each in reversed(self.incidents) if sought in each["name"].lower()]
        return JSONResponse(found[(page - 1) * limit : page * limit])

    async def _unresolved(self, request: Request) -> Response:
        return JSONResponse(
            [each for each in reversed(self.incidents) if each["status"] not in ("resolved", "completed")]
        )

    async def _get(self, request: Request) -> Response:
        return JSONResponse(self._found(request))

    async def _components(self, request: Request) -> Response:
        return JSONResponse(list(self.components.values()))

    async def _set_component(self, request: Request) -> Response:
        found, given = self.components.get(request.path_params["id"]), await _given(request, "component")
        if found is None:
            raise RefusedError(404, {"error": "Not found"})
        if given.get("status") not in COMPONENT:
            raise _unprocessable("Status is not included in the list")
        found["status"] = given["status"]
        self.arrived.add(
            "statuspage", "component", where=found["name"], text=found["status"], id=found["id"], data=given
        )
        return JSONResponse(found)

    async def _public(self, request: Request) -> Response:
        return PlainTextResponse("\n".join([*self.shown(), ""]))

    def _found(self, request: Request) -> dict[str, Any]:
        for each in self.incidents:
            if each["id"] == request.path_params["id"]:
                return each
        raise RefusedError(404, {"error": "Not found"})


def _odd(given: Mapping[str, Any]) -> list[str]:
    return [each for each in (given.get("components") or {}).values() if each not in COMPONENT]


def _worse(one: str, other: str) -> str:
    return max(one, other, key=IMPACTS.index)


async def _given(request: Request, name: str) -> dict[str, Any]:
    """The object `name` of the body; raises RefusedError where there is none."""
    try:
        body = await body_of(request)
    except ValueError:
        raise RefusedError(400, {"error": "There was a problem in the JSON you submitted"}) from None
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise RefusedError(400, {"error": f"{name} is missing"})
    return found


def _unprocessable(*errors: str) -> RefusedError:
    return RefusedError(422, {"error": list(errors)})
