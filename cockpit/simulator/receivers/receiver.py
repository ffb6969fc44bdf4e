"""What every receiver has in common: an application on a port of its own, what arrived, trouble, and a rate limit."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from cockpit.simulator.receivers.arrived import Arrived
from cockpit.simulator.receivers.door import Door, Port
from cockpit.simulator.receivers.trouble import Trouble


class RefusedError(Exception):
    """A request that is not taken: the answer that it gets."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.response = JSONResponse(body, status, headers)


@dataclass(slots=True)
class Rate:
    """At most `count` requests within `seconds`, for each key by itself; `count` 0: as many as come."""

    count: int
    seconds: float
    _taken: dict[str, deque[float]] = field(default_factory=dict)

    def wait(self, key: str, now: float) -> float:
        """Seconds until a request of `key` is allowed again; 0: it is allowed, and counts."""
        if not self.count:
            return 0.0
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] <= now - self.seconds:
            taken.popleft()
        if len(taken) >= self.count:
            return taken[0] + self.seconds - now
        taken.append(now)
        return 0.0


@dataclass(slots=True)
class Surroundings:
    """What the receivers share.

    Attributes:
        now: the wall clock, aware UTC; rates are counted by it.
        rated: whether they limit how often they are asked, as the real ones do.
    """

    arrived: Arrived
    now: Callable[[], datetime]
    rated: bool = True
    seed: int = 1


class Receiver(ABC):
    """One provider's API.

    Attributes:
        url: where it is; empty until it is served.
        trouble: what is wrong with it now, and all that it was asked.
    """

    name = ""
    scheme = "http"

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.arrived = around.arrived
        self.trouble = Trouble(around.seed)
        self.url = ""

    @abstractmethod
    def port(self) -> Port:
        """A port for it, not yet open."""

    @abstractmethod
    def shown(self) -> list[str]:
        """What people see in the product now, as lines."""

    @abstractmethod
    def held(self) -> Any:
        """The same as JSON."""

    def limited(self, rate: Rate, key: str = "") -> float:
        """Seconds to wait before a request of `key` is allowed; 0: it is, and counts."""
        return rate.wait(key, self.around.now().timestamp()) if self.around.rated else 0.0

    def stamp(self) -> str:
        """Now, as most APIs write it: 2026-11-21T03:12:09Z."""
        return written(self.around.now())


class Web(Receiver):
    """A receiver that is asked over HTTP."""

    @abstractmethod
    def app(self) -> ASGIApp:
        """The web application."""

    def port(self) -> Port:
        """A port that serves the application."""
        return Door(self.app(), self.trouble)


def written(at: datetime) -> str:
    """An instant in UTC, as most APIs write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def revoked(request: Request) -> bool:
    """Whether the trouble of the moment has taken the sender's token away."""
    return bool(request.scope.get("revoked"))


async def body_of(request: Request) -> Any:
    """The JSON of a request's body; raises ValueError when it is none."""
    return json.loads(await request.body())


async def refused(request: Request, error: Exception) -> Response:
    """Starlette's handler of RefusedError."""
    assert isinstance(error, RefusedError)
    return error.response


def not_found(body: Any) -> Callable[[Request, Exception], Response]:
    """Starlette's handler of paths and methods that there are not, answering `body`."""

    def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return JSONResponse(body, error.status_code)

    return answer
