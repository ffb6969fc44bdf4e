"""Churn Saver over HTTP: its health, its webhooks and scheduler, and its host's interface for `vercel`."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from json import JSONDecodeError

import psycopg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from cockpit.simulator.churn.platform import Platform
from cockpit.simulator.churn.work import RefusedError, Work

RELEASE, PREVIOUS = "2.8.0", "2.7.4"
_WAITING = "SELECT count(*), min(created_at) FROM events WHERE processed_at IS NULL"
_JOBS = (
    "SELECT count(*) FILTER (WHERE status = 'pending'), (SELECT max(finished_at) FROM scheduler_runs) FROM job_queue"
)
Answer = Callable[[Request], Awaitable[Response]]


class Application:
    """The routes.

    Args:
        secret: that webhooks, the scheduler and the host's interface ask for as a bearer token.
    """

    def __init__(self, work: Work, platform: Platform, secret: str) -> None:
        self._work = work
        self._platform = platform
        self._secret = secret

    def app(self) -> Starlette:
        """As an ASGI application."""
        guarded = [
            Route("/api/webhooks/whop", self._guarded(self._whop), methods=["POST"]),
            Route("/api/scheduler/reminders", self._guarded(self._remind), methods=["POST"]),
            Route("/host/env", self._guarded(self._settings), methods=["GET"]),
            Route("/host/env/{name}", self._guarded(self._setting), methods=["PUT", "DELETE"]),
            Route("/host/cron/{state}", self._guarded(self._cron), methods=["POST"]),
            Route("/host/logs", self._guarded(self._logs), methods=["GET"]),
        ]
        health = [
            Route("/api/health", self._health),
            Route("/api/health/db", self._database),
            Route("/api/health/webhooks", self._webhooks),
            Route("/api/scheduler/reminders", self._scheduler, methods=["GET"]),
        ]
        return Starlette(routes=[*health, *guarded])

    def _guarded(self, answer: Answer) -> Answer:
        """Only for who has the secret; what cannot be done now says so."""

        async def checked(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._secret}".encode()):
                self._platform.say("ERROR", f"{request.url.path}: signature or token is invalid")
                return JSONResponse({"error": "unauthorized"}, 401)
            try:
                return await answer(request)
            except RefusedError as refused:
                return JSONResponse({"error": str(refused)}, refused.status)
            except psycopg.Error as error:
                return JSONResponse({"error": str(error)}, 500)

        return checked

    async def _health(self, request: Request) -> Response:
        found, code = await self._ask("SELECT 1")
        back = self._platform.on("ROLLBACK_MODE")
        told = {"status": "ok" if found else "degraded", "release": PREVIOUS if back else RELEASE, "rollback": back}
        return JSONResponse({**told, "readOnly": self._platform.on("READ_ONLY_MODE")}, code)

    async def _database(self, request: Request) -> Response:
        found, code = await self._ask("SELECT count(*) FROM pg_stat_activity")
        return JSONResponse({"status": "ok", "connections": found[0]} if found else {"status": "unreachable"}, code)

    async def _webhooks(self, request: Request) -> Response:
        found, code = await self._ask(_WAITING)
        if not found:
            return JSONResponse({"status": "unknown"}, code)
        enabled, oldest = self._platform.on("WEBHOOK_PROCESSING_ENABLED"), str(found[1]) if found[1] else None
        told = {"status": "ok" if enabled else "disabled", "processing": enabled, "backlog": found[0]}
        return JSONResponse({**told, "oldest": oldest})

    async def _scheduler(self, request: Request) -> Response:
        found, code = await self._ask(_JOBS)
        if not found:
            return JSONResponse({"status": "unknown"}, code)
        told = {"enabled": self._platform.on("SCHEDULER_ENABLED"), "cronsPaused": self._platform.crons_paused}
        return JSONResponse({**told, "pending": found[0], "lastRun": str(found[1])})

    async def _ask(self, query: str) -> tuple[tuple[object, ...] | None, int]:
        """One row and 200, or none and 503."""
        try:
            async with await self._work.session() as session:
                return await (await session.execute(query.encode())).fetchone(), 200
        except psycopg.Error as error:
            self._platform.say("ERROR", f"health: {error}")
            return None, 503

    async def _whop(self, request: Request) -> Response:
        try:
            action = (await request.json()).get("action")
        except (JSONDecodeError, UnicodeDecodeError, AttributeError):
            return JSONResponse({"error": "the body must be a JSON object"}, 400)
        if action != "process-backlog":
            return JSONResponse({"error": "unknown action; there is process-backlog"}, 400)
        total = 0
        while done := await self._work.process_backlog():
            total += done
        return JSONResponse({"processed": total})

    async def _remind(self, request: Request) -> Response:
        return JSONResponse({"jobs": await self._work.remind()})

    async def _settings(self, request: Request) -> Response:
        return JSONResponse(self._platform.settings)

    async def _setting(self, request: Request) -> Response:
        name = request.path_params["name"]
        if request.method == "DELETE":
            known = self._platform.settings.pop(name, None) is not None
            return JSONResponse({}, 200 if known else 404)
        self._platform.settings[name] = (await request.body()).decode("utf-8", "replace")
        self._platform.say("INFO", f"setting {name} changed")
        return JSONResponse({})

    async def _cron(self, request: Request) -> Response:
        state = request.path_params["state"]
        if state not in ("pause", "resume"):
            return JSONResponse({"error": "pause or resume"}, 404)
        self._platform.crons_paused = state == "pause"
        self._platform.say("INFO", f"cron {state}d")
        return JSONResponse({})

    async def _logs(self, request: Request) -> Response:
        try:
            since = float(request.query_params.get("since", "3600"))
        except ValueError:
            return JSONResponse({"error": "since is a number of seconds"}, 400)
        return PlainTextResponse("".join(f"{line}\n" for line in self._platform.log(timedelta(seconds=since))))
