"""One HTTP request from this machine: bounded in time and size, on its own connection, with the certificate's end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.signal.endpoint.answer import MOST, Answer
from cockpit.signal.endpoint.certificate import end_of
from cockpit.signal.endpoint.check import Check, short
from cockpit.values import replace

if TYPE_CHECKING:
    import httpx

_MOST_REDIRECTS = 5
_OURS = {"User-Agent": "incident-cockpit", "Accept": "*/*", "Accept-Encoding": "identity"}
"""Unpacked answers are asked for: a small packed one can be huge."""

Follow = Callable[["httpx.URL", "httpx.URL"], bool]
"""Whether a redirect from one address to another is followed."""


class Fetched(Struct, frozen=True):
    """An answer, and when the certificate of who gave it ends; None without TLS."""

    answer: Answer
    ends: datetime | None


def nowhere(_: httpx.URL, __: httpx.URL) -> bool:
    """Follow no redirect."""
    return False


def same_server(one: httpx.URL, other: httpx.URL) -> bool:
    """Follow to the same server, and not from https to http: headers may hold what only that one may see. The usual
    ports of the two count as one."""
    return one.host == other.host and one.port == other.port and (one.scheme == other.scheme or other.scheme == "https")


def any_https(_: httpx.URL, other: httpx.URL) -> bool:
    """Follow wherever TLS is spoken: for public pages, to which nothing secret is sent."""
    return other.scheme == "https"


class Trust:
    """Which certificates are trusted; they are read when they are first needed, in a thread.

    Args:
        ca: a file with those that are; None: those of this machine.
    """

    def __init__(self, ca: Path | None) -> None:
        self._ca = ca
        self._known: ssl.SSLContext | None = None

    async def context(self) -> ssl.SSLContext:
        """The one context for all connections. Raises OSError for a file that holds none."""
        if self._known is None:
            self._known = await self.fresh()
        return self._known

    async def fresh(self) -> ssl.SSLContext:
        """A context of its own, that may be changed. Raises OSError."""
        return await asyncio.to_thread(_loaded, self._ca)

    def missing(self, error: OSError) -> Check:
        """The check of an endpoint whose certificates could not be read."""
        return Check("unknown", f"{self._ca} holds no certificates: {short(str(error))}", mend="check `ca`")


def _loaded(ca: Path | None) -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context() if ca is None else ssl.create_default_context(cafile=str(ca))


async def fetch(
    trust: ssl.SSLContext,
    clock: Clock,
    method: str,
    url: str,
    headers: Mapping[str, str],
    follow: Follow = nowhere,
    most: int = MOST,
) -> Fetched:
    """Send a request and read the first `most` bytes of the answer; the caller bounds its time.

    Raises:
        httpx.HTTPError, httpx.InvalidURL, OSError: no answer came.
    """
    import httpx

    named = {name.lower() for name in headers}
    given = {**{name: value for name, value in _OURS.items() if name.lower() not in named}, **headers}
    began = clock.monotonic()
    # A connection that is kept from check to check would hide that no new one comes about.
    async with httpx.AsyncClient(verify=trust, timeout=None, follow_redirects=False) as http:
        request = http.build_request(method, url, headers=given)
        for _ in range(_MOST_REDIRECTS):
            response = await http.send(request, stream=True)
            try:
                following = response.next_request
                if following is None or not follow(request.url, following.url):
                    latency = clock.monotonic() - began
                    return Fetched(replace(await _read(response, most), latency=latency), end_of(response))
            finally:
                await response.aclose()
            request = following
    return Fetched(Answer(response.status_code, location=f"more than {_MOST_REDIRECTS} others"), None)


async def _read(response: httpx.Response, most: int) -> Answer:
    """The answer with the beginning of its body. A body that breaks off takes nothing from its status."""
    import httpx

    body, broke = bytearray(), ""
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > most:
                break
    except httpx.HTTPError:
        broke = "its body broke off"
    location = response.headers.get("location", "") if response.is_redirect else ""
    return Answer(response.status_code, bytes(body[:most]), len(body) <= most, location=location, broke=broke)
