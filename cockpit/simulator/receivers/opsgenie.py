"""A receiver for Opsgenie: alerts by their alias, the asynchronous answers, and who is on call.

After docs.opsgenie.com: "Response" (codes), "Alert API" (202 and the request's status; a second alert with the alias of
an open one counts it up; lengths), "Who is On Call API", "User API", "Contact API", "API rate limiting".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cockpit.simulator.receivers.opsgenie_checks import wrong_alert, wrong_note
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


@dataclass(slots=True)
class Alert:
    """An alert, with what happened to it, oldest first."""

    id: str
    tiny: int
    alias: str
    message: str
    priority: str
    created: str
    status: str = "open"
    acknowledged: bool = False
    count: int = 1
    notes: list[str] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """As the API has it."""
        return {
            "id": self.id, "tinyId": str(self.tiny), "alias": self.alias, "message": self.message,
            "status": self.status, "acknowledged": self.acknowledged, "count": self.count, "createdAt": self.created,
            "priority": self.priority, "tags": self.given.get("tags", []), "source": self.given.get("source", ""),
            "description": self.given.get("description", ""), "details": self.given.get("details", {}),
            "responders": self.given.get("responders", []),
        }  # fmt: skip


class Opsgenie(Web):
    """An account with one API integration and one schedule.

    Args:
        people: names, addresses and telephone numbers of those on call.
        slow: how often the status of a request is 404 before it is known.

    Attributes:
        key: of the integration.
        schedule: the name of the schedule.
    """

    name = "opsgenie"

    def __init__(self, around: Surroundings, people: Iterable[tuple[str, str, str]] = (), *, slow: int = 0) -> None:
        super().__init__(around)
        self.key, self.schedule = str(uuid4()), "primary"
        self.people = [*people] or [("Dana Base", "dba@example.com", "1-5550100")]
        self.alerts: list[Alert] = []
        self._requests: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, int] = {}
        self._slow = slow
        self._rate = Rate(100, 60)

    def app(self) -> ASGIApp:
        """The API."""
        one = "/v2/alerts/{id}"
        routes = [
            Route("/v2/alerts", self._checked(self._create), methods=["POST"]),
            Route("/v2/alerts/requests/{id}", self._checked(self._request), methods=["GET"]),
            Route(one, self._checked(self._get), methods=["GET"]),
            Route(f"{one}/notes", self._checked(self._notes), methods=["GET"]),
            Route(f"{one}/{{action}}", self._checked(self._act), methods=["POST"]),
            Route("/v2/account", self._checked(self._account), methods=["GET"]),
            Route("/v2/schedules/{id}/on-calls", self._checked(self._on_calls), methods=["GET"]),
            Route("/v2/users/{id}", self._checked(self._user), methods=["GET"]),
            Route("/v2/users/{id}/contacts", self._checked(self._contacts), methods=["GET"]),
        ]
        handlers: dict[Any, Any] = {RefusedError: refused, HTTPException: not_found({"message": "Not found"})}
        return Starlette(routes=routes, exception_handlers=handlers)

    def shown(self) -> list[str]:
        """Every alert with its log and notes."""
        lines = []
        for each in self.alerts:
            state = "acknowledged" if each.acknowledged and each.status == "open" else each.status
            lines.append(f"#{each.tiny} x{each.count} {each.priority} [{state}] {each.message} – alias {each.alias}")
            lines += [f"  {at} {what}" for at, what in each.log]
            lines += [f"  note: {note}" for note in each.notes]
        return lines

    def held(self) -> Any:
        """The alerts."""
        return [{**each.described(), "notes": each.notes, "log": each.log} for each in self.alerts]

    async def _account(self, request: Request) -> Response:
        plan = {"maxUserCount": 50, "name": "Essentials", "isYearly": False}
        return JSONResponse({"data": {"name": "demo", "userCount": 7, "plan": plan}, "took": 0.01, "requestId": "demo"})

    def _checked(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            if request.headers.get("authorization") != f"GenieKey {self.key}" or revoked(request):
                raise _error(401, "Could not authenticate")
            if self.limited(self._rate):
                headers = {"X-RateLimit-State": "THROTTLED", "X-RateLimit-Reason": "ACCOUNT"}
                raise _error(429, "You are making too many requests!", headers=headers)
            return await answer(request)

        return checked

    async def _create(self, request: Request) -> Response:
        given = await _object(request)
        if errors := wrong_alert(given):
            raise _error(422, "Request body is not processable. Please check the errors.", errors=errors)
        id = str(uuid4())
        alias = str(given.get("alias") or id)
        found = next((each for each in self.alerts if each.alias == alias and each.status == "open"), None)
        what, status = "create", "Created alert"
        if found is None:
            found = Alert(
                id, len(self.alerts) + 1, alias, given["message"], given.get("priority") or "P3", self.stamp()
            )
            found.given = given
            found.log.append((self.stamp(), "created"))
            self.alerts.append(found)
        else:
            found.count += 1
            found.log.append((self.stamp(), f"counted up to {found.count}"))
            what, status = "counted", "Deduplicated"
        self.arrived.add("opsgenie", what, text=given["message"], id=found.id, key=alias, data=given)
        return self._taken("Create", status, found)

    async def _act(self, request: Request) -> Response:
        action, given = request.path_params["action"], await _object(request, optional=True)
        if action not in ("acknowledge", "close", "notes"):
            raise _error(404, "Not found")
        if action == "notes" and (errors := wrong_note(given)):
            raise _error(422, "Request body is not processable. Please check the errors.", errors=errors)
        found = self._sought(request)
        if found is None or (found.status == "closed" and action != "notes"):
            status = "Alert does not exist" if found is None else "Alert is already closed"
            return self._taken(action.capitalize(), status, found, success=False)
        if action == "notes":
            found.notes.append(str(given["note"]))
        elif action == "close":
            found.status = "closed"
        else:
            found.acknowledged = True
        if action != "notes":
            found.log.append((self.stamp(), f"{action}d"))
        what, text = ("note", str(given["note"])) if action == "notes" else (action, found.message)
        self.arrived.add("opsgenie", what, text=text, id=found.id, key=found.alias, data=given)
        return self._taken(action.capitalize(), f"{action} done", found)

    def _taken(self, action: str, status: str, alert: Alert | None, *, success: bool = True) -> Response:
        """202: what becomes of it is told by its request."""
        id = str(uuid4())
        named = {"alertId": alert.id if alert else "", "alias": alert.alias if alert else ""}
        done = {"success": success, "isSuccess": success, "action": action, "status": status}
        self._requests[id] = {**done, "processedAt": self.stamp(), "integrationId": "api", **named}
        return JSONResponse({"result": "Request will be processed", "took": 0.01, "requestId": id}, 202)

    async def _request(self, request: Request) -> Response:
        id = request.path_params["id"]
        self._asked[id] = self._asked.get(id, 0) + 1
        if id not in self._requests or self._asked[id] <= self._slow:
            raise _error(404, "Request not found. It might not be processed, yet.")
        return _data(self._requests[id])

    async def _get(self, request: Request) -> Response:
        return _data(self._alert(request).described())

    async def _notes(self, request: Request) -> Response:
        return _data(
            [{"note": note, "owner": "api", "offset": str(i)} for i, note in enumerate(self._alert(request).notes)]
        )

    async def _on_calls(self, request: Request) -> Response:
        kind = request.query_params.get("scheduleIdentifierType", "id")
        if request.path_params["id"] != (self.schedule if kind == "name" else "schedule-1"):
            raise _error(404, "Schedule not found")
        parent = {"id": "schedule-1", "name": self.schedule, "enabled": True}
        addresses = [email for _, email, _ in self.people]
        if request.query_params.get("flat") == "true":
            return _data({"_parent": parent, "onCallRecipients": addresses})
        people = [{"id": each, "name": each, "type": "user"} for each in addresses]
        return _data({"_parent": parent, "onCallParticipants": people})

    async def _user(self, request: Request) -> Response:
        name, email, _ = self._person(request)
        return _data({"id": email, "username": email, "fullName": name, "role": {"id": "User", "name": "User"}})

    async def _contacts(self, request: Request) -> Response:
        _, email, phone = self._person(request)
        ways = (("email", email), ("voice", phone), ("sms", phone))
        return _data(
            [{"id": method, "method": method, "to": to, "status": {"enabled": True}} for method, to in ways if to]
        )

    def _person(self, request: Request) -> tuple[str, str, str]:
        for each in self.people:
            if each[1] == request.path_params["id"]:
                return each
        raise _error(404, "No user exists with the given identifier")

    def _sought(self, request: Request) -> Alert | None:
        """The newest alert by its id, alias or number."""
        kind, id = request.query_params.get("identifierType", "id"), request.path_params["id"]
        for each in reversed(self.alerts):
            if id == {"alias": each.alias, "tiny": str(each.tiny)}.get(kind, each.id):
                return each
        return None

    def _alert(self, request: Request) -> Alert:
        found = self._sought(request)
        if found is None:
            raise _error(404, "Alert does not exist")
        return found


def _data(data: Any) -> Response:
    return JSONResponse({"data": data, "took": 0.01, "requestId": str(uuid4())})


async def _object(request: Request, *, optional: bool = False) -> dict[str, Any]:
    if optional and not await request.body():
        return {}
    try:
        found = await body_of(request)
    except ValueError:
        raise _error(400, "Could not parse request body as JSON") from None
    if not isinstance(found, dict):
        raise _error(400, "Could not parse request body as JSON")
    return found


def _error(status: int, message: str, *, headers: dict[str, str] | None = None, **more: Any) -> RefusedError:
    return RefusedError(status, {"message": message, **more, "took": 0.01, "requestId": str(uuid4())}, headers)
