"""Serves an application on a free loopback port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

_IDLE = 90
"""Seconds after which a connection that nobody uses is closed, as Kubernetes' API server does (`IdleTimeout`)."""


class _Server(uvicorn.Server):
    """A server that tells when it has started, and leaves the process's signals to whoever started it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def served(app: ASGIApp, *, dated: bool = False) -> AsyncIterator[str]:
    """Serve an application on a free loopback port; gives its URL.

    Args:
        dated: whether the application says in its answers what time it is; else the server does.
    """
    # asyncio turns Nagle's algorithm off only for sockets that name TCP: with it each answer takes 40 ms more
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", ws="wsproto",
        timeout_keep_alive=_IDLE, timeout_graceful_shutdown=1,
        date_header=not dated,
    )  # fmt: skip
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await server.listening.wait()
        host, port = listening.getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await serving
        listening.close()
