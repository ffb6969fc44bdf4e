"""The payment gateway as it tells of itself: a public status page, in the shapes of Atlassian Statuspage's API v2."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

COMPONENT = "Card payments"


def status_page(up: Callable[[], bool]) -> Starlette:
    """The page of a gateway.

    Args:
        up: whether it takes payments now.
    """

    async def summary(_: Request) -> JSONResponse:
        return JSONResponse(_summary(up()))

    return Starlette(routes=[Route("/api/v2/summary.json", summary)])


def _summary(up: bool) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    overall = ("none", "All Systems Operational") if up else ("major", "Partial System Outage")
    incident = {
        "id": "3q8zlm", "name": "Elevated errors on card payments", "status": "investigating", "impact": "major",
        "shortlink": "https://status.gateway.example/3q8zlm", "updated_at": now,
    }  # fmt: skip
    return {
        "page": {"id": "gateway", "name": "Gateway", "url": "https://status.gateway.example", "updated_at": now},
        "components": [
            {"id": "cards", "name": COMPONENT, "status": "operational" if up else "major_outage"},
            {"id": "exports", "name": "Exports", "status": "operational"},
        ],
        "incidents": [] if up else [incident],
        "scheduled_maintenances": [],
        "status": {"indicator": overall[0], "description": overall[1]},
    }
