"""A receiver for Slack: the Web API for a bot's token, and an incoming webhook.

After docs.slack.dev: "Web API" (ok, error, 429 and Retry-After), "Rate limits" (a message a second for each channel,
tiers for the other methods), "Message metadata", "Sending messages using incoming webhooks" (its plain answers), and
the page of each method.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cockpit.simulator.receivers.receiver import Rate, Surroundings, Web, revoked
from cockpit.simulator.receivers.slack_table import FORMS_ONLY, METHODS, PER_MINUTE, SCOPES
from cockpit.simulator.receivers.slack_workspace import (
    LONGEST_TEXT,
    Conversation,
    Person,
    Posted,
    SlackError,
    Workspace,
)

_TOLERANCE = 0.9
"""Seconds that pass for the second between two messages: Slack lets short bursts through, networks are uneven."""


class _LimitedError(Exception):
    """Too many requests; come back after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = max(1, round(seconds))


class Slack(Web):
    """A workspace with one bot and one webhook.

    Args:
        people: handles of those who are there, each with an address at example.com.
        channels: names of the channels that are there, the first being the webhook's.

    Attributes:
        token: the bot's.
        scopes: what the token may do; every scope at first.
    """

    name = "slack"

    def __init__(
        self, around: Surroundings, people: Iterable[str] = ("dba",), channels: Iterable[str] = ("incidents",)
    ) -> None:
        super().__init__(around)
        self.token = f"xoxb-{token_hex(12)}"
        self.scopes = set(SCOPES.values())
        known = [Person(f"U0DEMO{i:03d}", name, f"{name}@example.com") for i, name in enumerate(people, 1)]
        self.workspace = Workspace(around.now, known, channels)
        self._hook = f"/services/T0DEMO/B0HOOK/{token_hex(12)}"
        self._rate = Rate(1, _TOLERANCE)
        self._tiers = {method: Rate(count, 60) for method, count in PER_MINUTE.items()}

    @property
    def api(self) -> str:
        """The address of the Web API."""
        return f"{self.url}/api"

    @property
    def webhook(self) -> str:
        """The whole address of the webhook, which is a secret."""
        return f"{self.url}{self._hook}"

    def app(self) -> ASGIApp:
        """The Web API under /api, the webhook under /services, and each channel as a page under /archives."""
        return Starlette(
            routes=[
                Route("/api/{method}", self._api, methods=["GET", "POST"]),
                Route("/services/{rest:path}", self._webhook, methods=["POST"]),
                Route("/archives/{channel}/{message:path}", self._page),
            ]
        )

    def shown(self) -> list[str]:
        """The channels."""
        return self.workspace.shown()

    def held(self) -> Any:
        """The channels with their messages."""
        return [
            {
                **each.described(self.workspace.bot.id),
                "messages": [posted.described(with_metadata=True) for posted in each.messages],
            }
            for each in self.workspace.channels.values()
        ]

    def limit(self, key: str) -> None:
        """Raises when the channel `key` has had its message of this second."""
        if wait := self.limited(self._rate, key):
            raise _LimitedError(wait)

    def post(
        self,
        channel: Conversation,
        text: str,
        metadata: dict[str, Any] | None,
        thread: str,
        blocks: list[Any],
        given: Mapping[str, Any],
    ) -> Posted:
        """Put a message into a channel."""
        posted = Posted(self.workspace.ts(), self.workspace.bot.id, text, metadata, thread, blocks)
        channel.messages.append(posted)
        key = json.dumps(metadata["event_payload"], sort_keys=True) if metadata else ""
        what = "reply" if thread else "message"
        data = {name: value for name, value in given.items() if name != "token"}
        self.arrived.add("slack", what, where=f"#{channel.name}", text=text, id=posted.ts, key=key, data=data)
        return posted

    def link(self, channel: Conversation, posted: Posted) -> str:
        """Where a message is, for people."""
        return f"{self.url}/archives/{channel.id}/p{posted.ts.replace('.', '')}"

    async def _api(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            given = await _arguments(request, method)
            self._authorise(request, method, given)
            if method not in METHODS:
                raise SlackError("unknown_method", req_method=method)
            if method in self._tiers and (wait := self.limited(self._tiers[method])):
                raise _LimitedError(wait)
            return JSONResponse({"ok": True, **METHODS[method](self, given)})
        except SlackError as error:
            return JSONResponse({"ok": False, "error": error.error, **error.more})
        except _LimitedError as error:
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(error.seconds)})

    def _authorise(self, request: Request, method: str, given: Mapping[str, Any]) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if scheme.lower() == "bearer" else str(given.get("token") or "")
        if not token:
            raise SlackError("not_authed")
        if revoked(request):
            raise SlackError("token_revoked")
        if token != self.token:
            raise SlackError("invalid_auth")
        needed = SCOPES.get(method, "")
        if needed and needed not in self.scopes:
            raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))

    async def _webhook(self, request: Request) -> Response:
        if request.url.path != self._hook:
            return PlainTextResponse("no_service", 404)
        if revoked(request):
            return PlainTextResponse("invalid_token", 403)
        try:
            given = _payload(request, await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        text = str(given.get("text") or "")
        if not text and not given.get("blocks") and not given.get("attachments"):
            return PlainTextResponse("no_text", 400)
        channel = next(iter(self.workspace.channels.values()))
        if channel.archived:
            return PlainTextResponse("channel_is_archived", 410)
        if wait := self.limited(self._rate, channel.id):
            return PlainTextResponse("rate_limited", 429, {"Retry-After": str(max(1, round(wait)))})
        self.post(channel, text[:LONGEST_TEXT], None, "", given.get("blocks") or [], given)
        return PlainTextResponse("ok")

    async def _page(self, request: Request) -> Response:
        wanted = request.path_params["channel"]
        lines = self.workspace.shown() if wanted in self.workspace.channels else []
        return PlainTextResponse("\n".join([*lines, ""]), 200 if lines else 404)


def _payload(request: Request, body: bytes) -> dict[str, Any]:
    """What a webhook was sent: JSON, or JSON in the field `payload` of a form. Raises ValueError."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body = dict(parse_qsl(body.decode())).get("payload", "").encode()
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


async def _arguments(request: Request, method: str) -> dict[str, Any]:
    """A method's arguments, from the query, a form or JSON; raises SlackError where they cannot be read."""
    given: dict[str, Any] = dict(request.query_params)
    if request.method == "GET":
        return given
    body, kind = await request.body(), request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        try:
            found = json.loads(body)
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(found, dict):
            raise SlackError("json_not_object")
        return given if method in FORMS_ONLY else given | found
    if body and kind != "application/x-www-form-urlencoded":
        raise SlackError("invalid_post_type")
    return given | dict(parse_qsl(body.decode(errors="replace")))
