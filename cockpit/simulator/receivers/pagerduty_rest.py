"""PagerDuty's REST API, as far as the receiver has it: incidents, notes, who is on call, users and how they are met."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cockpit.simulator.receivers.receiver import Rate, RefusedError, body_of, revoked

if TYPE_CHECKING:
    from cockpit.simulator.receivers.pagerduty import Incident, OnCall, PagerDuty

STATUSES = ("triggered", "acknowledged", "resolved")
LONGEST_NOTE = 65_535
"""Characters of a note."""


class Rest:
    """The REST API of an account."""

    def __init__(self, account: PagerDuty) -> None:
        self._account = account
        self._rate = Rate(960, 60)  # "960 requests per minute" for each key

    def routes(self) -> list[Route]:
        """Its paths."""
        return [
            Route("/incidents", self._checked(self._list), methods=["GET"]),
            Route("/incidents", self._checked(self._create, writes=True), methods=["POST"]),
            Route("/incidents/{id}", self._checked(self._get), methods=["GET"]),
            Route("/incidents/{id}", self._checked(self._update, writes=True), methods=["PUT"]),
            Route("/incidents/{id}/notes", self._checked(self._notes), methods=["GET"]),
            Route("/incidents/{id}/notes", self._checked(self._add_note, writes=True), methods=["POST"]),
            Route("/escalation_policies", self._checked(self._policies), methods=["GET"]),
            Route("/oncalls", self._checked(self._oncalls), methods=["GET"]),
            Route("/users", self._checked(self._users), methods=["GET"]),
            Route("/users/{id}", self._checked(self._user), methods=["GET"]),
            Route("/users/{id}/contact_methods", self._checked(self._contacts), methods=["GET"]),
        ]

    def described(self, incident: Incident) -> dict[str, Any]:
        """An incident as the API has it."""
        account = self._account
        people = [self._reference(each) for each in account.people if each.name in incident.assigned]
        service = {"id": "PSERVICE", "type": "service_reference", "summary": incident.service}
        return {
            "id": incident.id, "type": "incident", "summary": f"[#{incident.number}] {incident.title}",
            "self": f"{account.url}/incidents/{incident.id}", "html_url": f"{account.url}/page/{incident.id}",
            "incident_number": incident.number, "title": incident.title, "status": incident.status,
            "incident_key": incident.key, "created_at": incident.created, "urgency": incident.urgency,
            "service": service, "escalation_policy": self._policy(),
            "assignments": [{"at": incident.created, "assignee": each} for each in people],
        }  # fmt: skip

    def _checked(
        self, answer: Callable[[Request], Awaitable[Response]], *, writes: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        """`answer`, given only to whoever may ask, not too often, and says who he is where he writes."""

        async def checked(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme != "Token" or token != f"token={self._account.token}" or revoked(request):
                raise _error(401, "Authentication failed", 2006)
            if self._account.limited(self._rate, token):
                raise _error(429, "Rate Limit Exceeded", 2020, **{"ratelimit-reset": "60", "ratelimit-remaining": "0"})
            if writes and request.headers.get("from", "") not in {each.email for each in self._account.people}:
                raise _error(400, "Requester User Not Found", 1008)
            return await answer(request)

        return checked

    async def _list(self, request: Request) -> Response:
        key, statuses = request.query_params.get("incident_key"), request.query_params.getlist("statuses[]")
        if not set(statuses) <= set(STATUSES):
            raise _invalid("Status must be a list of triggered, acknowledged, or resolved.")
        found = [
            self.described(each)
            for each in reversed(self._account.incidents)
            if key in (None, each.key) and (not statuses or each.status in statuses)
        ]
        return JSONResponse(_page("incidents", found, request))

    async def _create(self, request: Request) -> Response:
        given = (await _object(request)).get("incident")
        if not isinstance(given, dict) or not given.get("title"):
            raise _invalid("Title cannot be empty.")
        if not isinstance(given.get("service"), dict) or given["service"].get("id") != "PSERVICE":
            raise _invalid("Service cannot be empty.")
        key = str(given.get("incident_key") or "")
        if key and self._account.open_of(key):
            raise _invalid("Open incident with matching dedup key already exists on this service")
        details = (given.get("body") or {}).get("details")
        assigned = self._assigned(given)
        made = self._account.open(key, str(given["title"]), details, str(given.get("urgency") or "high"))
        made.assigned = assigned or made.assigned
        self._account.arrived.add(
            "pagerduty", "incident", where=made.service, text=made.title, id=made.id, key=key, data=given
        )
        return JSONResponse({"incident": self.described(made)}, 201)

    def _assigned(self, given: dict[str, Any]) -> list[str]:
        """The people, or the policy, whom an incident is made for; nobody: the service's own policy."""
        policy, wanted = (given.get("escalation_policy") or {}).get("id"), given.get("assignments") or []
        if policy and wanted:
            raise _invalid("Assignments and escalation policy can not both be given.")
        if policy and policy not in self._account.policies:
            raise _invalid("Escalation policy not found.")
        ids = [each["assignee"]["id"] for each in wanted]
        known = {f"PUSER{number}": each.name for number, each in enumerate(self._account.people, 1)}
        if not set(ids) <= set(known):
            raise _invalid("Assignee not found.")
        return [self._account.policies[policy]] if policy else [known[id] for id in ids]

    async def _policies(self, request: Request) -> Response:
        query = request.query_params.get("query", "").lower()
        kind = {"type": "escalation_policy"}
        named = [(id, name) for id, name in self._account.policies.items() if query in name.lower()]
        found = [{"id": id, "name": name, "summary": name, **kind} for id, name in named]
        return JSONResponse(_page("escalation_policies", found, request))

    async def _get(self, request: Request) -> Response:
        return JSONResponse({"incident": self.described(self._found(request))})

    async def _update(self, request: Request) -> Response:
        incident, given = self._found(request), (await _object(request)).get("incident")
        status = given.get("status") if isinstance(given, dict) else None
        if status not in STATUSES[1:]:
            raise _invalid("Status must be acknowledged or resolved.")
        if incident.status == "resolved":
            raise _invalid("Incident Already Resolved")
        incident.status = str(status)
        self._account.note(incident, f"{status} by {request.headers['from']}")
        self._account.arrived.add("pagerduty", str(status), where=incident.service, text=incident.title, id=incident.id)
        return JSONResponse({"incident": self.described(incident)})

    async def _notes(self, request: Request) -> Response:
        return JSONResponse({"notes": self._found(request).notes})

    async def _add_note(self, request: Request) -> Response:
        incident, given = self._found(request), (await _object(request)).get("note")
        content = given.get("content") if isinstance(given, dict) else None
        if not isinstance(content, str) or not content.strip():
            raise _invalid("Content cannot be empty.")
        if len(content) > LONGEST_NOTE:
            raise _invalid(f"Content is too long (maximum is {LONGEST_NOTE} characters)")
        writer = next(each for each in self._account.people if each.email == request.headers["from"])
        number = sum(len(each.notes) for each in self._account.incidents) + 1
        note = {"id": f"PNOTE{number}", "user": self._reference(writer), "content": content}
        note |= {"created_at": self._account.stamp(), "channel": {"summary": "The PagerDuty website or APIs"}}
        incident.notes.append(note)
        self._account.arrived.add("pagerduty", "note", where=incident.key, text=content, id=str(note["id"]))
        return JSONResponse({"note": note})

    async def _oncalls(self, request: Request) -> Response:
        policies, whole = (
            request.query_params.getlist("escalation_policy_ids[]"),
            request.query_params.getlist("include[]"),
        )
        wanted = not policies or self._account.policy in policies
        found = [
            {
                "escalation_policy": self._policy(),
                "escalation_level": each.level,
                "schedule": None,
                "user": self._whole(each, contacts=False) if "users" in whole else self._reference(each),
                "start": None,
                "end": None,
            }
            for each in self._account.people
            if wanted
        ]
        return JSONResponse(_page("oncalls", found, request))

    async def _users(self, request: Request) -> Response:
        contacts = "contact_methods" in request.query_params.getlist("include[]")
        query = request.query_params.get("query", "").lower()
        people = [each for each in self._account.people if query in each.name.lower() or query in each.email.lower()]
        found = [self._whole(each, contacts=contacts) for each in people]
        return JSONResponse(_page("users", found, request))

    async def _user(self, request: Request) -> Response:
        contacts = "contact_methods" in request.query_params.getlist("include[]")
        return JSONResponse({"user": self._whole(self._person(request), contacts=contacts)})

    async def _contacts(self, request: Request) -> Response:
        return JSONResponse({"contact_methods": _ways(self._person(request))})

    def _person(self, request: Request) -> OnCall:
        for number, each in enumerate(self._account.people, 1):
            if request.path_params["id"] == f"PUSER{number}":
                return each
        raise _error(404, "Not Found", 2100)

    def _found(self, request: Request) -> Incident:
        for each in self._account.incidents:
            if each.id == request.path_params["id"]:
                return each
        raise _error(404, "Not Found", 2100)

    def _reference(self, person: OnCall) -> dict[str, Any]:
        id = f"PUSER{self._account.people.index(person) + 1}"
        head = {"id": id, "type": "user_reference", "summary": person.name, "self": f"{self._account.url}/users/{id}"}
        return {**head, "html_url": f"{self._account.url}/users/{id}"}

    def _whole(self, person: OnCall, *, contacts: bool) -> dict[str, Any]:
        head = {**self._reference(person), "type": "user", "name": person.name, "email": person.email}
        ways = _ways(person)
        if not contacts:
            ways = [
                {**{key: way[key] for key in ("id", "summary")}, "type": f"{way['type']}_reference"} for way in ways
            ]
        return {**head, "time_zone": "Etc/UTC", "role": "user", "contact_methods": ways}

    def _policy(self) -> dict[str, Any]:
        return {"id": self._account.policy, "type": "escalation_policy_reference", "summary": "Default"}


def _ways(person: OnCall) -> list[dict[str, Any]]:
    """How somebody is met: the country's code and the number of a telephone stand apart."""
    code, _, number = person.phone.removeprefix("+").partition(" ")
    phone: dict[str, Any] = {
        "type": "phone_contact_method",
        "label": "Mobile",
        "country_code": int(code or 1),
        "address": number,
    }
    email: dict[str, Any] = {"type": "email_contact_method", "label": "Default", "address": person.email}
    return [{"id": f"PWAY{kind['type'][0].upper()}", "summary": kind["label"], **kind} for kind in (email, phone)]


def _page(name: str, found: list[Any], request: Request) -> dict[str, Any]:
    """Classic pagination: limit (at most 100) and offset."""
    try:
        limit, offset = (int(request.query_params.get(key, usual)) for key, usual in (("limit", 25), ("offset", 0)))
    except ValueError:
        raise _invalid("limit and offset must be integers") from None
    limit = min(limit, 100)
    more = len(found) > offset + limit
    return {name: found[offset : offset + limit], "limit": limit, "offset": offset, "total": None, "more": more}


async def _object(request: Request) -> dict[str, Any]:
    try:
        found = await body_of(request)
    except ValueError:
        raise _invalid("The body is no JSON.") from None
    return found if isinstance(found, dict) else {}


def _invalid(*errors: str) -> RefusedError:
    return RefusedError(400, {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": list(errors)}})


def _error(status: int, message: str, code: int, **headers: str) -> RefusedError:
    return RefusedError(status, {"error": {"message": message, "code": code}}, headers)
