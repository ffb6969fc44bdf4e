"""A request from this machine, by httpx: certificates verified, redirects followed only to the same server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cockpit.action.http.answer import TOO_SLOW, UNREACHABLE, Answer, Body
from cockpit.action.http.exchange import Exchange, OverHttp
from cockpit.action.live import Live
from cockpit.action.model import Outcome

if TYPE_CHECKING:
    import httpx

_MOST_REDIRECTS = 5
_CONNECT_TIMEOUT = 5.0
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Direct(OverHttp):
    """The execution of a request."""

    exchange: Exchange

    async def run(self, live: Live) -> Outcome:
        """Send it once, and write what came."""
        import httpx

        sent = self.exchange
        live.say(f"{sent.method} {httpx.URL(sent.url).host}")
        trusted = await asyncio.to_thread(httpx.create_ssl_context)  # it reads all certificates: some 30 ms
        limits = httpx.Timeout(sent.timeout, connect=min(_CONNECT_TIMEOUT, sent.timeout))
        try:
            async with httpx.AsyncClient(timeout=limits, follow_redirects=False, verify=trusted) as client:
                answer = await self._sent(client, live)
        except httpx.HTTPError as error:
            exit = TOO_SLOW if isinstance(error, httpx.TimeoutException) else UNREACHABLE
            return self.exchange.lost(_why(error), live, exit)
        return await answer.told(self.exchange.expected, live, self.exchange.masking)

    async def _sent(self, client: httpx.AsyncClient, live: Live) -> Answer:
        sent = self.exchange
        content = sent.body.encode() or None
        request = client.build_request(sent.method, sent.url, headers=_with_ours(sent.headers), content=content)
        for _ in range(_MOST_REDIRECTS + 1):
            request.extensions["trace"] = self._tracing(live)
            started = live.clock.monotonic()
            response = await client.send(request, stream=True)
            seconds = live.clock.monotonic() - started
            try:
                following = response.next_request
                if following is None or sent.method not in _SAFE or not _same_server(request.url, following.url):
                    note = "it redirects, and that was not followed" if following else ""
                    return await _read(response, seconds, note)
            finally:
                await response.aclose()
            request = following
        return Answer(response.status_code, b"", seconds=seconds, note=f"more than {_MOST_REDIRECTS} redirects")

    def _tracing(self, live: Live) -> Any:
        """From when on the server may have the request: httpcore tells when it begins to write it."""

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            if self.exchange.changes and event.endswith(".send_request_headers.started"):
                live.sent = True

        return trace


async def _read(response: httpx.Response, seconds: float, note: str) -> Answer:
    """The answer with the first bytes of its body. A body that breaks off takes nothing from its status."""
    import httpx

    body = Body(response.headers.get("content-encoding", ""))
    try:
        async for chunk in response.aiter_raw():
            if not body.add(chunk):
                break
    except httpx.HTTPError as error:
        note = "; ".join(part for part in (note, f"the body broke off: {_why(error)}") if part)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, body.bytes, body.whole, seconds, headers, note)


def _with_ours(headers: Mapping[str, str]) -> dict[str, str]:
    """What was given goes first; unpacked answers are asked for, as a packed one hides its size."""
    given = {name.lower() for name in headers}
    ours = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "incident-cockpit"}
    return {**{name: value for name, value in ours.items() if name.lower() not in given}, **headers}


def _same_server(one: httpx.URL, other: httpx.URL) -> bool:
    """The same host, and not from https to http: headers may hold what only that server may see."""
    return one.host == other.host and one.port == other.port and (one.scheme == other.scheme or other.scheme == "https")


def _why(error: httpx.HTTPError) -> str:
    """Why nothing came, for people."""
    import httpx

    said = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectTimeout):
        return "the server cannot be reached: it did not answer in time; check the network or VPN"
    if isinstance(error, httpx.TimeoutException):
        return "the server did not answer in time"
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE" in said.upper():
        return f"the server's certificate is not trusted: {said}"
    if isinstance(error, httpx.ConnectError):
        return f"the server cannot be reached: {said}; check the address, the network or VPN"
    return f"the connection broke off: {said}"
