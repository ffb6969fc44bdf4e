"""An HTTP endpoint asked from this machine, its certificate looked at."""

from __future__ import annotations

import asyncio
from datetime import datetime

from cockpit.clock import Clock
from cockpit.config import EndpointConfig, SecretError
from cockpit.signal.credentials import Credentials
from cockpit.signal.endpoint import certificate
from cockpit.signal.endpoint.answer import judged
from cockpit.signal.endpoint.check import HERE, Check, broken, short
from cockpit.signal.endpoint.fetch import Fetched, Trust, fetch, nowhere, same_server
from cockpit.signal.endpoint.names import Names
from cockpit.text import safe
from cockpit.values import replace


class DirectHttp:
    """Asks an address; what is trusted is loaded when it is first asked.

    Args:
        wanted: an endpoint with `http`.
    """

    def __init__(self, wanted: EndpointConfig, clock: Clock) -> None:
        self._wanted = wanted
        self._clock = clock
        self._url = wanted.http or ""
        self.asked = f"{wanted.method} {safe(self._url)}"
        self.place = HERE
        self._credentials = Credentials(headers=wanted.headers)
        self._trust = Trust(wanted.ca)
        self._names = Names.of_url(self._url)

    async def ask(self) -> Check:
        """Ask once."""
        import httpx

        wanted = self._wanted
        try:
            headers = await self._credentials.sent()
            trust = await self._trust.context()
        except SecretError as error:
            return Check("unknown", short(str(error)), mend="check `headers` in the configuration")
        except OSError as error:
            return self._trust.missing(error)
        try:
            async with asyncio.timeout(wanted.timeout):
                await self._names.resolved()
                follow = same_server if wanted.redirects else nowhere
                came = await fetch(trust, self._clock, wanted.method, self._url, headers, follow)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return await self._failed(error)
        return self._judged(came)

    def _judged(self, came: Fetched) -> Check:
        answer, hidden = came.answer, self._credentials.hidden
        text = hidden(answer.body.decode("utf-8", "surrogateescape"))
        shown = replace(answer, body=text.encode("utf-8", "surrogateescape"), location=hidden(answer.location))
        if answer.status in (401, 403):
            self._credentials.refused()
        check, now = judged(self._wanted, shown), self._clock.now()
        if check.verdict == "ok" and came.ends and came.ends - now < certificate.SOON:
            return replace(check, verdict="warning", reason=_said(came.ends, now), mend="renew the certificate")
        return check

    async def _failed(self, error: Exception) -> Check:
        """The check of an address that gave no answer; of an expired certificate since when."""
        check = broken(error, self._wanted.timeout)
        if "certificate has expired" not in check.reason:
            return check
        dated = await self._trust.fresh()
        ends = await certificate.end_of_expired(self._url, dated, self._wanted.timeout)
        told = _said(ends, self._clock.now()) if ends else "its certificate has expired"
        return Check("failing", told, mend="renew the certificate")

    async def close(self) -> None:
        """Nothing is open between two checks."""


def _said(ends: datetime, now: datetime) -> str:
    return f"its certificate {certificate.said(ends, now)}"
