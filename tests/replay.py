"""Small loopback servers for tests: what a handler answers, a kubeconfig that leads there, recorded answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Handler = Callable[[Request], Any]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@asynccontextmanager
async def serving(app: Any, *, dated: bool = False) -> AsyncIterator[str]:
    """Serve an ASGI app on a free loopback port, and give its address.

    Args:
        dated: whether the app sends a `Date` itself; else the server does.
    """
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1,
        date_header=not dated,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()  # without its main loop, which looks ten times a second whether it shall end
    telling = asyncio.create_task(_tell_the_time(server))
    await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        telling.cancel()
        await _end(server)


async def _tell_the_time(server: uvicorn.Server) -> None:
    """What its main loop does once a second: put the time into the headers of its answers."""
    while True:
        await server.on_tick(0)
        await asyncio.sleep(1)


async def _end(server: uvicorn.Server) -> None:
    """Close what is open. What is being answered yet may go on for a moment, and nobody waits for the rest."""
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    for _ in range(20):
        if not (server.server_state.connections or server.server_state.tasks):
            return
        await asyncio.sleep(0.005)


def answering(handler: Handler) -> Starlette:
    """An app in which one async handler answers everything."""

    async def endpoint(request: Request) -> Response:  # Starlette would take an object with __call__ for an app
        answer: Response = await handler(request)
        return answer

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=METHODS)])


def kubeconfig(folder: Path, server: str, *, context: str = "prod-eu", user: dict[str, Any] | None = None) -> Path:
    """Write a kubeconfig with one context for `server`; the user has the token `good` unless told."""
    path = folder / "kubeconfig"
    written = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "good"} if user is None else user}],
        "contexts": [{"name": context, "context": {"cluster": "c", "user": "u", "namespace": "production"}}],
        "current-context": "another",
    }
    path.write_text(yaml.safe_dump(written))
    return path


class Recorded:
    """The recordings of one kind, by their number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, number: str) -> dict[str, Any]:
        """Request and response of recording `number`, as `08`."""
        [path] = self._folder.glob(f"{number}-*.json")
        loaded: dict[str, Any] = json.loads(path.read_text())
        return loaded

    def body(self, number: str) -> Any:
        """The recorded answer's body."""
        return self(number)["response"]["body"]

    def answer(self, number: str) -> Response:
        """The recorded answer."""
        response = self(number)["response"]
        return JSONResponse(response["body"], response["status"])


def status(code: int, reason: str, message: str) -> JSONResponse:
    """A Kubernetes Status answer."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason}
    return JSONResponse({**body, "code": code}, code)
