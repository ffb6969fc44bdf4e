"""The receivers' common page: what arrived and what is wrong, for people with curl and for tests over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cockpit.simulator.receivers.arrived import Arrived
from cockpit.simulator.receivers.receiver import Receiver
from cockpit.simulator.receivers.trouble import Fault

_HELP = """\
What the simulated providers got, as their users see it.
  GET /arrived           everything that arrived, as JSON; ?receiver=slack&what=message
  GET /held              what each holds now, as JSON
  GET /trouble           what is wrong with them now, as JSON
  PUT /trouble           {"slack": {"kind": "answer", "status": 429, "retry_after": 3, "next": 2}, "mail": null}
                         kinds: refuse reset silence answer garbage cut revoked; null ends it
"""


class Page:
    """The page over all receivers."""

    def __init__(self, receivers: Mapping[str, Receiver], arrived: Arrived) -> None:
        self._receivers = receivers
        self._arrived = arrived

    def app(self) -> ASGIApp:
        """The web application."""
        return Starlette(
            routes=[
                Route("/", self._read),
                Route("/arrived", self._log),
                Route("/held", self._held),
                Route("/trouble", self._troubles, methods=["GET"]),
                Route("/trouble", self._set, methods=["PUT"]),
            ]
        )

    def text(self) -> str:
        """What each product shows."""
        parts = []
        for name, receiver in self._receivers.items():
            lines = [line.rstrip() for line in receiver.shown()] or ["nothing"]
            parts.append("\n".join([f"== {name} {receiver.url}", *lines, ""]))
        return "\n".join(parts)

    async def _read(self, request: Request) -> Response:
        return PlainTextResponse(f"{_HELP}\n{self.text()}")

    async def _log(self, request: Request) -> Response:
        receiver, what = (request.query_params.get(name, "") for name in ("receiver", "what"))
        return JSONResponse([each.described() for each in self._arrived.of(receiver, what)])

    async def _held(self, request: Request) -> Response:
        return JSONResponse({name: receiver.held() for name, receiver in self._receivers.items()})

    async def _troubles(self, request: Request) -> Response:
        return JSONResponse(
            {
                name: {
                    "faults": [fault.described() for fault in receiver.trouble.faults],
                    "asked": len(receiver.trouble.asked),
                }
                for name, receiver in self._receivers.items()
            }
        )

    async def _set(self, request: Request) -> Response:
        try:
            wanted = _faults(json.loads(await request.body()))
            unknown = [name for name in wanted if name not in self._receivers]
            if unknown:
                raise ValueError(f"there is no receiver {', '.join(unknown)}; there are {', '.join(self._receivers)}")
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 422)
        for name, faults in wanted.items():
            trouble = self._receivers[name].trouble
            trouble.faults[:] = faults
            trouble.changed()
        return await self._troubles(request)


def _faults(given: Any) -> dict[str, list[Fault]]:
    """Each receiver's faults from now on; raises ValueError, TypeError."""
    if not isinstance(given, dict):
        raise ValueError("send an object with a fault, a list of them or null for each receiver")
    return {name: [Fault(**each) for each in _listed(faults)] for name, faults in given.items()}


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]
