"""A public status page of Atlassian Statuspage: what a gateway says of itself.

Source: the Status API v2 that every such page has at /api/v2 (for example https://metastatuspage.com/api/v2).
"""

from __future__ import annotations

import asyncio

import msgspec

from cockpit.clock import Clock
from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.check import HERE, Check, Verdict, broken, short
from cockpit.signal.endpoint.fetch import Trust, any_https, fetch, nowhere
from cockpit.signal.endpoint.names import Names
from cockpit.text import safe

_MOST = 4 * 1024 * 1024
_SMALL = 64 * 1024
_INDICATORS: dict[str, Verdict] = {
    "none": "ok", "minor": "warning", "maintenance": "warning", "major": "failing", "critical": "failing",
}  # fmt: skip
_COMPONENTS: dict[str, Verdict] = {
    "operational": "ok", "degraded_performance": "warning", "under_maintenance": "warning",
    "partial_outage": "warning", "major_outage": "failing",
}  # fmt: skip
_GRAVE: tuple[Verdict, ...] = ("ok", "warning", "unknown", "failing")


class _Overall(msgspec.Struct, frozen=True):
    indicator: str
    description: str = ""


class _Component(msgspec.Struct, frozen=True):
    name: str
    status: str


class _Incident(msgspec.Struct, frozen=True):
    name: str
    status: str = ""
    impact: str = ""


class _Summary(msgspec.Struct, frozen=True):
    status: _Overall
    components: list[_Component] = []
    incidents: list[_Incident] = []


class StatusPage:
    """Reads a page's summary. That the page itself cannot be read says nothing of the service behind it.

    Args:
        wanted: an endpoint with `statuspage`.
    """

    def __init__(self, wanted: EndpointConfig, clock: Clock) -> None:
        self._wanted = wanted
        self._clock = clock
        self._url = f"{(wanted.statuspage or '').rstrip('/')}/api/v2/summary.json"
        self.asked = f"GET {safe(self._url)}"
        self.place = HERE
        self._trust = Trust(wanted.ca)
        self._names = Names.of_url(self._url)

    async def ask(self) -> Check:
        """Read it once."""
        import httpx

        try:
            trust = await self._trust.context()
        except OSError as error:
            return self._trust.missing(error)
        try:
            follow = any_https if self._url.startswith("https") else nowhere
            async with asyncio.timeout(self._wanted.timeout):
                await self._names.resolved()
                came = await fetch(trust, self._clock, "GET", self._url, {}, follow, _MOST)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            check = broken(error, self._wanted.timeout)
            return Check("unknown", f"its status page cannot be read: {check.reason}", mend=check.mend)
        answer = came.answer
        if answer.status != 200:
            return _no_page(f"it answered {answer.status}", self._url)
        try:
            summary = await _decoded(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _no_page("what it answers is no summary", self._url)
        return _said(summary, self._wanted.components, answer.latency)

    async def close(self) -> None:
        """Nothing is open between two checks."""


async def _decoded(body: bytes) -> _Summary:
    decode = msgspec.json.Decoder(_Summary).decode
    return await asyncio.to_thread(decode, body) if len(body) > _SMALL else decode(body)


def _no_page(why: str, url: str) -> Check:
    mend = f"look at {safe(url)}; of a page of another maker check its address with `http`"
    return Check("unknown", f"its status page cannot be read: {why}", mend=mend)


def _said(summary: _Summary, matter: list[str], latency: float | None) -> Check:
    """What the page says, of all of it or of the components that matter."""
    told = (summary.status.indicator if summary.status.indicator != "none" else "", summary.status.description)
    came = short(" · ".join(filter(None, told)) or summary.status.indicator)
    if matter:
        return _of_components(summary, matter, latency, came)
    verdict = _INDICATORS.get(summary.status.indicator, "unknown")
    names = [short(each.name) for each in summary.incidents]
    reason = f"its status page says {short(summary.status.description or summary.status.indicator)}"
    if names:
        reason += f": {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
    return Check(verdict, "" if verdict == "ok" else reason, latency, came)


def _of_components(summary: _Summary, matter: list[str], latency: float | None, came: str) -> Check:
    known = {each.name: each.status for each in summary.components}
    if missing := [name for name in matter if name not in known]:
        return Check(
            "unknown", f"its status page has no component {short(missing[0])}", latency, came, "check `components`"
        )
    verdicts = {name: _COMPONENTS.get(known[name], "unknown") for name in matter}
    worst = max(verdicts.values(), key=_GRAVE.index)
    said = ", ".join(f"{name}: {known[name].replace('_', ' ')}" for name, each in verdicts.items() if each != "ok")
    return Check(worst, "" if worst == "ok" else f"its status page says {short(said)}", latency, came)
