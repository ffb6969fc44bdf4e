"""Public status pages: what they say of a gateway, and that a page that cannot be read says nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from cockpit.clock import ManualClock
from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.check import Check
from cockpit.signal.endpoint.statuspage import StatusPage
from tests.listeners import refusing
from tests.signal.endpoint.test_direct import NOW

pytestmark = pytest.mark.anyio


def summary(indicator: str, description: str = "", **more: Any) -> dict[str, Any]:
    return {
        "page": {"id": "x", "name": "Gateway"},
        "status": {"indicator": indicator, "description": description},
        **more,
    }


async def said(response: Response, components: list[str] | None = None) -> Check:
    paths: list[str] = []

    async def handler(request: Request) -> Response:
        paths.append(request.url.path)
        return response

    async with serving(answering(handler)) as server:
        wanted = {"statuspage": server + "/", **({"components": components} if components else {})}
        check = await StatusPage(EndpointConfig.model_validate(wanted), ManualClock(NOW)).ask()
    assert paths == ["/api/v2/summary.json"]
    return check


@pytest.mark.parametrize(
    ("indicator", "verdict"),
    [
        ("none", "ok"), ("minor", "warning"), ("maintenance", "warning"), ("major", "failing"),
        ("critical", "failing"), ("purple", "unknown"),
    ],
)  # fmt: skip
async def test_the_indicator_decides(indicator: str, verdict: str) -> None:
    check = await said(JSONResponse(summary(indicator, "Some words")))
    assert check.verdict == verdict
    assert check.reason == ("" if verdict == "ok" else "its status page says Some words")
    assert check.came == ("Some words" if indicator == "none" else f"{indicator} · Some words")


async def test_incidents_are_named() -> None:
    incidents = [{"name": "Card payments fail", "status": "identified", "impact": "major"}, {"name": "Slow exports"}]
    check = await said(JSONResponse(summary("major", "Partial System Outage", incidents=incidents)))
    assert check.reason == "its status page says Partial System Outage: Card payments fail and 1 more"


async def test_only_the_components_that_matter_count() -> None:
    components = [
        {"name": "Checkout", "status": "operational"},
        {"name": "API", "status": "degraded_performance"},
        {"name": "Exports", "status": "major_outage"},
    ]
    page = summary("critical", "Major System Outage", components=components)
    assert (await said(JSONResponse(page), ["Checkout"])).verdict == "ok"
    check = await said(JSONResponse(page), ["Checkout", "API"])
    assert (check.verdict, check.reason) == ("warning", "its status page says API: degraded performance")
    assert (await said(JSONResponse(page), ["Exports"])).verdict == "failing"
    check = await said(JSONResponse(page), ["Cards"])
    assert (check.verdict, check.reason) == ("unknown", "its status page has no component Cards")


@pytest.mark.parametrize(
    "response",
    [
        PlainTextResponse("no", 404),
        PlainTextResponse("<html>"),
        JSONResponse({}),
        JSONResponse({"status": None}),
        JSONResponse([]),
        Response(b'{"status": {"indicator": "none", "description": "\xff"}}'),
        PlainTextResponse("x" * (5 << 20)),
        RedirectResponse("http://elsewhere.invalid/"),
    ],
)
async def test_what_is_no_summary_is_unknown(response: Response) -> None:
    check = await said(response)
    assert check.verdict == "unknown"
    assert "look at" in check.mend


async def test_a_page_that_cannot_be_reached_is_unknown() -> None:
    wanted = EndpointConfig.model_validate({"statuspage": f"http://127.0.0.1:{refusing()}"})
    check = await StatusPage(wanted, ManualClock(NOW)).ask()
    assert (check.verdict, check.reason) == (
        "unknown", "its status page cannot be read: the connection was refused",
    )  # fmt: skip


async def test_a_large_page_is_read() -> None:
    components = [{"name": f"c{number}", "status": "operational", "description": "x" * 500} for number in range(2000)]
    assert (await said(JSONResponse(summary("none", "All good", components=components)))).verdict == "ok"
