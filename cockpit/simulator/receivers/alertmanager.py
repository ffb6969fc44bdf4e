"""An Alertmanager: the alerts that fire now, and silences.

After prometheus/alertmanager's api/v2/openapi.yaml and its answers as version 0.25 gives them: 422 for what the schema
refuses, 400 with a sentence for what makes no sense, 404 without a body.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cockpit.simulator.receivers.alertmanager_matchers import Matcher, fingerprint
from cockpit.simulator.receivers.receiver import RefusedError, Surroundings, Web, refused, revoked

RESOLVE = timedelta(minutes=5)
"""After how long an alert without an end counts as resolved when nobody tells of it again (resolve_timeout)."""


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires, as Prometheus tells of it."""

    labels: dict[str, str]
    annotations: dict[str, str]
    since: datetime


@dataclass(slots=True)
class _Told:
    """An alert that was posted."""

    labels: dict[str, str]
    annotations: dict[str, str]
    starts: datetime
    ends: datetime
    updated: datetime


@dataclass(slots=True)
class Silence:
    """A silence."""

    id: str
    matchers: list[Matcher]
    starts: datetime
    ends: datetime
    updated: datetime
    by: str
    comment: str

    def state(self, now: datetime) -> str:
        """pending, active or expired."""
        if self.ends <= now:
            return "expired"
        return "pending" if self.starts > now else "active"

    def described(self, now: datetime) -> dict[str, Any]:
        """As the API has it."""
        times = {"startsAt": _milli(self.starts), "endsAt": _milli(self.ends), "updatedAt": _milli(self.updated)}
        matchers = [each.described() for each in self.matchers]
        head = {"id": self.id, "status": {"state": self.state(now)}, "comment": self.comment, "createdBy": self.by}
        return {**head, **times, "matchers": matchers}


class Alertmanager(Web):
    """An Alertmanager with one receiver.

    Args:
        firing: gives what Prometheus says fires now.
        token: what a proxy before it wants of its bearer; None: it is open, as it is by itself.
    """

    name = "alertmanager"

    def __init__(
        self, around: Surroundings, firing: Callable[[], Iterable[Firing]] = tuple, token: str | None = None
    ) -> None:
        super().__init__(around)
        self.token = token
        self.silences: dict[str, Silence] = {}
        self._firing = firing
        self._told: dict[str, _Told] = {}
        self._began = around.now()

    def app(self) -> ASGIApp:
        """The API v2."""
        routes = [
            Route("/api/v2/status", self._checked(self._status), methods=["GET"]),
            Route("/api/v2/alerts", self._checked(self._alerts), methods=["GET"]),
            Route("/api/v2/alerts", self._checked(self._post), methods=["POST"]),
            Route("/api/v2/alerts/groups", self._checked(self._groups), methods=["GET"]),
            Route("/api/v2/silences", self._checked(self._list), methods=["GET"]),
            Route("/api/v2/silences", self._checked(self._silence), methods=["POST"]),
            Route("/api/v2/silence/{id}", self._checked(self._get), methods=["GET"]),
            Route("/api/v2/silence/{id}", self._checked(self._expire), methods=["DELETE"]),
        ]
        return Starlette(routes=routes, exception_handlers={RefusedError: refused})

    def shown(self) -> list[str]:
        """What fires and what is silenced."""
        now = self.around.now()
        alerts = [f"{each['labels'].get('alertname', '?')} {each['status']['state']}" for each in self.alerts()]
        silences = [
            f"silence {each.state(now)} until {each.ends:%H:%M:%S} by {each.by}: "
            f"{', '.join(map(str, each.matchers))} – {each.comment}"
            for each in self.silences.values()
        ]
        return alerts + silences

    def held(self) -> Any:
        """The alerts and the silences."""
        now = self.around.now()
        return {"alerts": self.alerts(), "silences": [each.described(now) for each in self.silences.values()]}

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert that is not resolved, as the API has it."""
        now = self.around.now()
        found = {fingerprint(each.labels): _Told(each.labels, each.annotations, each.since, now + RESOLVE, now)
                 for each in self._firing()}  # fmt: skip
        found |= {key: each for key, each in self._told.items() if each.ends > now}
        return [self._described(key, each, now) for key, each in sorted(found.items())]

    def _described(self, key: str, alert: _Told, now: datetime) -> dict[str, Any]:
        by = [
            each.id
            for each in self.silences.values()
            if each.state(now) == "active" and all(matcher.fits(alert.labels) for matcher in each.matchers)
        ]
        status = {"inhibitedBy": [], "silencedBy": by, "state": "suppressed" if by else "active"}
        times = {"startsAt": _milli(alert.starts), "endsAt": _milli(alert.ends), "updatedAt": _milli(alert.updated)}
        head = {"annotations": alert.annotations, "fingerprint": key, "receivers": [{"name": "hook"}], **times}
        return {**head, "status": status, "labels": alert.labels}

    def _checked(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def checked(request: Request) -> Response:
            wanted = f"Bearer {self.token}"
            if revoked(request) or (self.token is not None and request.headers.get("authorization") != wanted):
                return Response("Unauthorized", 401)
            found: Response = await answer(request)
            return found

        return checked

    async def _status(self, request: Request) -> Response:
        version = {"version": "0.25.0", "branch": "HEAD", "revision": "", "buildUser": "", "buildDate": ""}
        return JSONResponse(
            {
                "cluster": {"peers": [], "status": "disabled"},
                "config": {"original": "route:\n  receiver: hook\nreceivers:\n- name: hook\n"},
                "uptime": _milli(self._began),
                "versionInfo": {**version, "goVersion": "go1.19.8"},
            }
        )

    async def _alerts(self, request: Request) -> Response:
        return JSONResponse(self._wanted(request))

    def _wanted(self, request: Request) -> list[dict[str, Any]]:
        """The alerts that a request's filters leave."""
        matchers = _filters(request)
        shown = {state: request.query_params.get(name, "true") == "true"
                 for state, name in (("active", "active"), ("suppressed", "silenced"))}  # fmt: skip
        return [
            each
            for each in self.alerts()
            if shown[each["status"]["state"]] and all(matcher.fits(each["labels"]) for matcher in matchers)
        ]

    async def _groups(self, request: Request) -> Response:
        groups: dict[tuple[str, str], list[Any]] = {}
        for each in self._wanted(request):
            labels = each["labels"]
            groups.setdefault((labels.get("alertname", ""), labels.get("service", "")), []).append(each)
        made = [
            {
                "alerts": alerts,
                "labels": dict(zip(("alertname", "service"), key, strict=True)),
                "receiver": {"name": "hook"},
            }
            for key, alerts in groups.items()
        ]
        return JSONResponse(made)

    async def _post(self, request: Request) -> Response:
        given, now = await _json(request), self.around.now()
        if not isinstance(given, list) or not all(isinstance(each, dict) and each.get("labels") for each in given):
            return JSONResponse("start: labels in body is required", 400)
        for each in given:
            starts, ends = (_instant(each.get(name)) for name in ("startsAt", "endsAt"))
            told = _Told(each["labels"], each.get("annotations") or {}, starts or now, ends or now + RESOLVE, now)
            self._told[fingerprint(each["labels"])] = told
        return Response()

    async def _list(self, request: Request) -> Response:
        now, matchers = self.around.now(), _filters(request)
        found = [
            each.described(now)
            for each in self.silences.values()
            if all(any(str(own) == str(wanted) for own in each.matchers) for wanted in matchers)
        ]
        return JSONResponse(found)

    async def _silence(self, request: Request) -> Response:
        given, now = await _json(request), self.around.now()
        matchers, starts, ends = _checked(given)
        if starts >= ends:
            raise RefusedError(400, "Failed to create silence: start time must be before end time")
        if ends < now:
            raise RefusedError(400, "Failed to create silence: end time can't be in the past")
        if all(matcher.fits({}) for matcher in matchers):
            raise RefusedError(400, "invalid silence: at least one matcher must match a non-empty string")
        old = self.silences.get(given.get("id") or "")
        if given.get("id") and old is None:
            raise RefusedError(404, "silence not found")
        id = str(uuid4())
        if old is not None and old.state(now) == "active" and old.matchers == matchers:
            id = old.id
        elif old is not None:
            old.ends = old.updated = now
        made = Silence(id, matchers, max(starts, now), ends, now, given["createdBy"], given["comment"])
        self.silences[id] = made
        where = ", ".join(map(str, matchers))
        self.arrived.add("alertmanager", "silence", where=where, text=made.comment, id=id, data=given)
        return JSONResponse({"silenceID": id})

    async def _get(self, request: Request) -> Response:
        found = self.silences.get(request.path_params["id"])
        return JSONResponse(found.described(self.around.now())) if found else Response(status_code=404)

    async def _expire(self, request: Request) -> Response:
        found, now = self.silences.get(request.path_params["id"]), self.around.now()
        if found is None:
            return Response(status_code=404)
        if found.state(now) == "expired":
            return JSONResponse(f"silence {found.id} already expired", 500)
        found.ends = found.updated = now
        self.arrived.add("alertmanager", "expire", where=", ".join(map(str, found.matchers)), id=found.id)
        return Response()


def _checked(given: Any) -> tuple[list[Matcher], datetime, datetime]:
    """The parts of a silence; raises RefusedError 422, as the schema refuses it."""
    if not isinstance(given, dict):
        raise RefusedError(400, {"code": 400, "message": "parsing silence body failed"})
    for name in ("comment", "createdBy", "endsAt", "matchers", "startsAt"):
        if given.get(name) is None:
            raise RefusedError(422, {"code": 602, "message": f"{name} in body is required"})
    if not given["matchers"]:
        raise RefusedError(422, {"code": 612, "message": "matchers in body should have at least 1 items"})
    times = [_instant(given[name]) for name in ("startsAt", "endsAt")]
    if None in times:
        raise RefusedError(400, {"code": 400, "message": "parsing silence body failed: invalid date-time"})
    try:
        matchers = sorted((Matcher.read(each) for each in given["matchers"]), key=str)
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(422, {"code": 602, "message": f"matchers in body: {error}"}) from None
    return matchers, *(each for each in times if each)  # type: ignore[return-value]  # none is None here


def _filters(request: Request) -> list[Matcher]:
    try:
        return [Matcher.parse(each) for each in request.query_params.getlist("filter")]
    except ValueError as error:
        raise RefusedError(400, f"bad matcher format: {error}") from None


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise RefusedError(400, {"code": 400, "message": f"parsing body failed, because {error}"}) from None


def _instant(given: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _milli(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
