"""The way to one Prometheus: one client, few connections, and each failure with what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.config import SecretError
from cockpit.kube.errors import wait_of
from cockpit.signal.broken import LATE, what_to_do, why_broken
from cockpit.signal.credentials import Credentials
from cockpit.signal.freshness import SourceState
from cockpit.signal.prometheus.errors import LONGEST_WAIT, PrometheusError, Refused
from cockpit.text import safe

if TYPE_CHECKING:
    import httpx

_LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that are read: a number needs a few hundred, an hour of twenty signals half a million."""
_CONNECT_TIMEOUT = 5.0
_CONNECTIONS = 4
_READ, _TOLD = 4000, 200
"""Characters of a refusal that are looked at, and that are told."""
_NO_POST = (405, 501)
"""What a proxy answers that lets only GET through."""


class Reply(Struct, frozen=True):
    """A whole answer."""

    status: int
    body: bytes


class PrometheusHttp:
    """Requests to one Prometheus; use `open`.

    Attributes:
        name: what the configuration calls it.
        url: its address, without a slash at the end.
        timeout: seconds that a whole exchange may take.
        posts: whether it takes POST, which holds long queries; a proxy may not.
    """

    def __init__(
        self, name: str, client: httpx.AsyncClient, url: str, credentials: Credentials, timeout: float
    ) -> None:
        self.name = name
        self.url = url
        self.timeout = timeout
        self.posts = True
        self._client = client
        self._credentials = credentials

    @classmethod
    async def open(cls, name: str, url: str, credentials: Credentials, timeout: float) -> PrometheusHttp:
        """Nothing is sent yet. httpx and the trusted certificates are loaded in a thread."""
        client = await asyncio.to_thread(_client, timeout)
        return cls(name, client, url.rstrip("/"), credentials, timeout)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def ask(self, path: str, form: Mapping[str, str], patience: float = 0.0) -> Reply:
        """The answer to a query, by POST, or by GET where a proxy lets only that through.

        Args:
            patience: seconds that it may take where that is more than usual.

        Raises:
            Refused: the answer is larger than is read.
            PrometheusError: there is no answer.
        """
        if self.posts:
            reply = await self._fetch("POST", path, form, patience)
            if reply.status not in _NO_POST:
                return reply
            self.posts = False
        return await self._fetch("GET", path, form, patience)

    async def get(self, path: str) -> Reply:
        """The answer to a plain GET. Raises as `ask` does."""
        return await self._fetch("GET", path, {})

    async def _fetch(self, method: str, path: str, form: Mapping[str, str], patience: float = 0.0) -> Reply:
        import httpx

        limit = max(patience, self.timeout)

        headers = {"Accept": "application/json", **await self._shown()}
        given = {"data": dict(form)} if method == "POST" else {"params": dict(form)}
        try:
            async with (
                asyncio.timeout(limit),
                self._client.stream(method, self.url + path, headers=headers, **given) as response,  # type: ignore[arg-type]
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _LARGEST:
                        raise Refused(f"the answer is larger than {_LARGEST >> 20} MiB: aggregate the query")
                self._stop(response, bytes(body))
                return Reply(response.status_code, bytes(body))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._unreachable(f"did not answer within {limit:g} s", LATE) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = why_broken(error)
            raise self._unreachable(f"cannot be reached: {why}", why) from error

    async def _shown(self) -> Mapping[str, str]:
        try:
            return await self._credentials.sent()
        except SecretError as error:
            raise PrometheusError("unauthorized", safe(f"{self.name}: {error}"), "") from error

    def _stop(self, response: httpx.Response, body: bytes) -> None:
        """Raise what no Prometheus answers: a redirect, a page for people, a plea to wait."""
        if 300 <= response.status_code < 400:
            target = safe(response.headers.get("location", "nowhere"))[:200]
            mend = f"write the address behind it as `prometheus.{self.name}.url`, or give what the login asks for"
            raise PrometheusError("error", f"{self.name} answered {response.status_code}: go to {target}", mend)
        if response.status_code == 429:
            wait = wait_of(response.headers.get("retry-after", ""), datetime.now(UTC), LONGEST_WAIT) or 0.0
            until = f"; it is asked again in {wait:.0f} s" if wait else ""
            mend = "raise `interval`, or the limit of this tenant there"
            raise PrometheusError("error", f"{self.name} answered 429: too many requests{until}", mend, wait)
        if response.status_code == 200 and body.lstrip()[:1] == b"<":
            mend = f"a login page or proxy may stand before it: give `prometheus.{self.name}` a token, basic or headers"
            raise PrometheusError("error", f"{self.name} cannot be read: it answered with a web page", mend)

    def refused(self, status: int, body: bytes) -> PrometheusError:
        """The error for an answer that is not Prometheus' own."""
        text = safe(body[:_READ].decode("utf-8", "replace").strip())
        said = self._credentials.hidden(text)[:_TOLD] or "no message"  # what is cut first is hidden no more
        message = f"{self.name} answered {status}: {said}"
        if status in (401, 403):
            self._credentials.refused()
            state: SourceState = "unauthorized" if status == 401 else "forbidden"
            mend = f"check `prometheus.{self.name}.token` in the configuration, or its `basic` or `headers`"
            return PrometheusError(state, message, mend)
        return PrometheusError("error", message, f"check that {self._is_one()}")

    def unreadable(self, error: Exception) -> PrometheusError:
        """The error for an answer that is not what was asked for."""
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        message = safe(f"{self.name} answered with what cannot be read: {why}")[:300]
        return PrometheusError("error", message, f"check that {self._is_one()}")

    def _unreachable(self, said: str, why: str) -> PrometheusError:
        mend = what_to_do(why, f"prometheus.{self.name}.url", self.url)
        return PrometheusError("unreachable", safe(f"{self.url} {said}")[:300], mend)

    def _is_one(self) -> str:
        return f"{safe(self.url)} is a Prometheus: `curl -fsS {safe(self.url)}/-/ready`"


def _client(timeout: float) -> httpx.AsyncClient:
    import httpx

    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
    times = httpx.Timeout(None, connect=min(timeout, _CONNECT_TIMEOUT))  # the whole of a call is limited around it
    return httpx.AsyncClient(limits=limits, timeout=times, headers={"User-Agent": "incident-cockpit"})
