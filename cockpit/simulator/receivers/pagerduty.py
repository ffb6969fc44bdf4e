"""A receiver for PagerDuty: the Events API v2, and of the REST API what is asked about on-call people and incidents.

After developer.pagerduty.com: "Events API v2" (202, 400, 413, 429; an event with the dedup_key of an open alert is
merged into it; one for an alert that is not open is taken and does nothing), and of the REST API reference
"Authentication", "Errors", "Rate limits", "List incidents", "Create an incident", "Manage incidents", "Create a note on
an incident", "List all of the on-calls", "Get a user", "List users' contact methods".
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cockpit.simulator.receivers import pagerduty_events
from cockpit.simulator.receivers.pagerduty_rest import Rest
from cockpit.simulator.receivers.receiver import (
    Rate,
    RefusedError,
    Surroundings,
    Web,
    not_found,
    refused,
    revoked,
)

_DONE = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}


@dataclass(frozen=True, slots=True)
class OnCall:
    """Somebody who is on call: a name, an address, a telephone number and the level of escalation, from 1."""

    name: str
    email: str
    phone: str
    level: int = 1


@dataclass(slots=True)
class Incident:
    """An incident with its alert; `log` has what happened to it, oldest first."""

    number: int
    id: str
    key: str
    title: str
    service: str
    created: str
    urgency: str = "high"
    status: str = "triggered"
    details: Any = None
    log: list[tuple[str, str]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)


class PagerDuty(Web):
    """An account with one service.

    Args:
        people: who is on call.

    Attributes:
        routing_key: of the service's Events API v2 integration.
        token: of the REST API.
        sender: the address of a user, for the header From.
        policy: the id of the escalation policy.
        policies: every policy's name, by its id.
    """

    name = "pagerduty"

    def __init__(self, around: Surroundings, people: Iterable[OnCall] = ()) -> None:
        super().__init__(around)
        self.routing_key, self.token = token_hex(16), token_hex(10)
        self.policy, self.service = "PPOLICY", "payment-service"
        self.policies = {self.policy: "Default"}
        self.people = [*people] or [OnCall("Dana Base", "dba@example.com", "+1 5550100")]
        self.sender = self.people[0].email
        self.incidents: list[Incident] = []
        self._numbers = itertools.count(1)
        self._events = Rate(120, 60)  # "120 events per minute" for each routing key
        self._rest = Rest(self)

    def app(self) -> ASGIApp:
        """Both APIs, and each incident as a page."""
        routes = [
            Route("/v2/enqueue", self._enqueue, methods=["POST"]),
            Route("/page/{id}", self._page),
            *self._rest.routes(),
        ]
        missing = {"error": {"message": "Not Found", "code": 2100}}
        return Starlette(routes=routes, exception_handlers={RefusedError: refused, HTTPException: not_found(missing)})

    def open_of(self, key: str) -> Incident | None:
        """The incident of `key` that is not resolved."""
        return next((each for each in self.incidents if each.key == key and each.status != "resolved"), None)

    def open(self, key: str, title: str, details: Any = None, urgency: str = "high") -> Incident:
        """A new incident, for whoever is on call first."""
        number = next(self._numbers)
        made = Incident(number, f"Q{number:06d}DEMO", key, title, self.service, self.stamp(), urgency, details=details)
        made.assigned = [each.name for each in self.people if each.level == 1]
        self.note(made, "triggered")
        self.incidents.append(made)
        return made

    def note(self, incident: Incident, what: str) -> None:
        """Put a line into an incident's log."""
        incident.log.append((self.stamp(), what))

    def shown(self) -> list[str]:
        """Every incident with its log and notes."""
        lines = []
        for each in self.incidents:
            lines.append(f"#{each.number} [{each.status}] {each.title} – {each.service}, key {each.key}")
            lines.append(f"  paged: {', '.join(each.assigned)}; urgency {each.urgency}")
            lines += [f"  {at} {what}" for at, what in each.log]
            lines += [f"  note by {note['user']['summary']}: {note['content']}" for note in each.notes]
        return lines

    def held(self) -> Any:
        """The incidents."""
        return [{**self._rest.described(each), "log": each.log, "notes": each.notes} for each in self.incidents]

    async def _enqueue(self, request: Request) -> Response:
        body = await request.body()
        if len(body) > pagerduty_events.LARGEST:
            return PlainTextResponse("Payload Too Large", 413)
        try:
            event = json.loads(body)
        except ValueError:
            return _invalid(["Event object is invalid"], "Bad Request")
        if errors := pagerduty_events.wrong(event):
            return _invalid(errors)
        if event["routing_key"] != self.routing_key or revoked(request):
            return _invalid(["Invalid routing key"])
        if self.limited(self._events, event["routing_key"]):
            message = "Requests for this service are arriving too quickly. Please retry later."
            return JSONResponse({"status": "throttle exceeded", "message": message}, 429)
        key = event.get("dedup_key") or token_hex(16)
        self._take(event, key)
        return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)

    def _take(self, event: Mapping[str, Any], key: str) -> None:
        """What an event does: it opens, is merged, changes the state, or nothing."""
        action, found = event["event_action"], self.open_of(key)
        text, repeated = str(event.get("payload", {}).get("summary", "")), False
        if action == "trigger":
            repeated = found is not None
            if found is None:
                found = self.open(key, text, event["payload"].get("custom_details"))
            else:
                self.note(found, f"merged: {text}")
        elif found is not None and found.status != _DONE[action]:
            found.status = _DONE[action]
            self.note(found, found.status)
        what = "merged" if repeated else action
        data = {name: value for name, value in event.items() if name != "routing_key"}
        where = self.service if found is not None else "nothing open"
        more = {"id": found.id if found else "", "key": key, "data": data}
        self.arrived.add("pagerduty", what, where=where, text=text or (found.title if found else ""), **more)

    async def _page(self, request: Request) -> Response:
        found = any(each.id == request.path_params["id"] for each in self.incidents)
        return PlainTextResponse("\n".join([*self.shown(), ""]), 200 if found else 404)


def _invalid(errors: list[str], message: str = "Event object is invalid") -> Response:
    return JSONResponse({"status": "invalid event", "message": message, "errors": errors}, 400)
