"""Serves the intake: patient with slow senders only so far, and ended by SIGTERM after what it has is answered."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from cockpit.room.listening.senders import Crowd, Networks

HEAD_TIME = 10.0
"""Seconds within which a request's head must have come."""
QUIET_TIME = 30
"""Seconds for which a connection stays open without a request."""
LAST_TIME = 10
"""Seconds that what is under way has when the server ends."""
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 15\r\nContent-Length: 0\r\n\r\n"


class Patient(H11Protocol):
    """HTTP, for senders who may be slow: uvicorn itself waits for ever for the rest of a head."""

    address = "?"
    _late: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, crowd: Crowd, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._crowd = crowd

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Somebody is there: a head must come, if there is room."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else "?"
        if self._crowd.enter(self):
            self._expect()
        else:
            transport.write(_FULL)
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Something came; a head that is complete is waited for no more."""
        super().data_received(data)
        if self.is_answering:
            self._stop()
        elif self._late is None:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop()
        self._crowd.leave(self)
        super().connection_lost(exc)

    @property
    def is_answering(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _expect(self) -> None:
        self._late = self.loop.call_later(HEAD_TIME, self._give_up)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if not self.is_answering:
            self.transport.close()


class _Server(uvicorn.Server):
    """A server that tells when it answers, and whose end this module decides."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens at `host`:`port`; 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


async def serve(
    app: ASGIApp, listening: socket.socket, ready: Callable[[], None], say: Callable[[str], None],
    proxies: Networks = (),
) -> None:  # fmt: skip
    """Serve until SIGTERM, SIGINT or SIGHUP.

    Args:
        ready: called once requests are answered.
        say: takes a line when an address is connected too often.
        proxies: whose X-Forwarded-For says who the sender is; of nobody else is it believed.
    """
    protocol: Any = partial(Patient, crowd=Crowd(proxies, say))  # uvicorn only calls it
    config = uvicorn.Config(
        app, http=protocol, ws="none", lifespan="off", log_config=None, log_level="error", access_log=False,
        server_header=False, proxy_headers=bool(proxies), forwarded_allow_ips=[str(each) for each in proxies],
        timeout_keep_alive=QUIET_TIME, timeout_graceful_shutdown=LAST_TIME,
    )  # fmt: skip
    server, loop = _Server(config, ready), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    await server.serve(sockets=[listening])
