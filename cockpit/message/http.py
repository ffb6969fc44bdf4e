"""One provider's HTTP API: a request, its answer, and every failure as a ChannelError that says whether the provider
may have acted, when to come back, and no secret."""

from __future__ import annotations

import asyncio
import email.utils
import ssl
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.config import Secret, SecretError
from cockpit.message.channel import ChannelError
from cockpit.message.reach import must_be_near
from cockpit.text import safe

if TYPE_CHECKING:
    import httpx

TIMEOUT, CONNECT = 10.0, 5.0
"""Seconds for a whole exchange, and for the connection."""
_LONGEST = 200
"""Characters of a provider's words that a reason repeats."""
LARGEST = 1024 * 1024
"""Bytes of an answer that are read."""


class Answer(Struct, frozen=True):
    """What came back: `body` is the JSON, None where it was none; `text` the beginning of it as it stood."""

    status: int
    body: Any
    text: str

    def get(self, *path: str) -> Any:
        """What stands at `path` in a JSON object; None where there is nothing."""
        found = self.body
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found


class Api:
    """The API of one provider.

    Args:
        provider: how people call it, for errors.
        url: where it is, without a slash at its end.
        clock: for Retry-After dates.
        near: reach nothing but this machine.
    """

    def __init__(self, provider: str, url: str, clock: Clock, *, near: bool = False) -> None:
        self.provider = provider
        self.url = url.rstrip("/")
        self._clock = clock
        self._near = near
        self._client: httpx.AsyncClient | None = None
        self._secrets: set[str] = set()

    async def secret(self, secret: Secret) -> str:
        """The secret itself, fetched in a thread at each call, so that one that was changed is taken up. It is kept out
        of every reason from now on. Raises ChannelError."""
        try:
            found = await asyncio.to_thread(secret.resolve)
        except SecretError as error:
            raise ChannelError(f"{self.provider}: {error}", retryable=False) from None
        if not (found.isascii() and found.isprintable()):  # no header may have it, and errors of that repeat it
            reason = f"{self.provider}: {secret} has a line end, a control or a letter that is not ASCII; store it anew"
            raise ChannelError(reason, retryable=False)
        self._secrets.add(found)
        return found

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and give its answer when the status is below 300.

        Args:
            path: after `url`; a whole `https://…` address is taken as it is.

        Raises:
            ChannelError: any other status, or no answer. See `refused` and `_unanswered` for what each says.
        """
        answer, after = await self._exchange(method, path, json=json, params=params, headers=headers, data=data)
        if answer.status >= 300:
            raise self.refused(answer, after)
        return answer

    async def _exchange(self, method: str, path: str, **parts: Any) -> tuple[Answer, float]:
        import httpx

        url = path if "://" in path else f"{self.url}{path}"
        if self._near:
            must_be_near(url)
        given = {name: value for name, value in parts.items() if value is not None}
        try:
            client = await self._open()
            async with asyncio.timeout(TIMEOUT), client.stream(method, url, **given) as response:
                text = await _read(response)
            return _answer(response.status_code, text), self._after(_wait(response))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ssl.SSLError) as error:
            raise self._unanswered(error) from None

    async def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = await asyncio.to_thread(_client, self._near)
        return self._client

    def refused(self, answer: Answer, after: float = 0.0, *, said: str = "") -> ChannelError:
        """An answer that is no success, as an error: 429 waits as long as it says, and a 503 that says how long; any
        other 5xx may have acted, as a 503 of a proxy that lost the answer (Envoy: "upstream connect error or reset");
        401 and 403 want another token; 404 and 410 another address; the rest is wrong with the message itself."""
        status = answer.status
        words = self._words(said or _reason(answer))
        head = f"{self.provider} answered {status}{f': {words}' if words else ''}"
        if status == 429:
            return ChannelError(f"{head}; it is asked again later", retryable=True, after=after)
        if status >= 500 or status == 408:
            sure = status == 503 and after > 0
            return ChannelError(f"{head}; it is tried again", retryable=True, after=after, uncertain=not sure)
        mends = {401: "see its token", 403: "see what its token may do", 404: "see its address", 410: "see its address"}
        mends |= {301: "see its address", 302: "see its address", 307: "see its address", 308: "see its address"}
        mend = mends.get(status, "see the message and the configuration")
        return ChannelError(f"{head}; {mend} under `channels:`", retryable=False)

    def _unanswered(self, error: Exception) -> ChannelError:
        """No answer. What broke before the request was out is certain; what broke after it may have been taken."""
        import httpx

        certain = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        wrong = isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol)
        words = self._words(str(error)) or type(error).__name__
        if certain:
            what = "cannot be reached in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
            return ChannelError(f"{self.provider} {what}: {words}; it is tried again", retryable=True)
        if wrong:
            return ChannelError(f"{self.provider}: {words}; see its address under `channels:`", retryable=False)
        timed = isinstance(error, httpx.TimeoutException | TimeoutError)
        what = f"did not answer within {TIMEOUT:g} s" if timed else f"broke off: {words}"
        return ChannelError(f"{self.provider} {what}; it may have been taken", retryable=True, uncertain=True)

    def _words(self, text: str) -> str:
        """What somebody else says, short: cut only after no secret is in it, so that no half of one is left."""
        return self.hidden(safe(self.hidden(text)))[:_LONGEST]

    def hidden(self, text: str) -> str:
        """`text` without any secret that was fetched here."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _after(self, header: str) -> float:
        """Retry-After as seconds: a number of them or a date (RFC 9110, 10.2.3)."""
        header = header.strip()
        if header.replace(".", "", 1).isdecimal():
            return min(float(header), 3600.0)
        try:
            at = email.utils.parsedate_to_datetime(header)
        except (TypeError, ValueError):
            return 0.0
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(0.0, (at - self._clock.now()).total_seconds()), 3600.0)

    async def close(self) -> None:
        """Let the connections go."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def _client(near: bool) -> httpx.AsyncClient:
    """Loading httpx and the trusted certificates takes a tenth of a second: not on the loop. A near one takes no proxy
    from the environment, which would carry what it says elsewhere."""
    import httpx

    timeout = httpx.Timeout(TIMEOUT, connect=CONNECT)
    return httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=not near)


def _wait(response: httpx.Response) -> str:
    """Retry-After; where a 429 has none, RateLimit-Reset, which has seconds too (PagerDuty, "REST API Rate Limits")."""
    reset = response.headers.get("ratelimit-reset", "") if response.status_code == 429 else ""
    return str(response.headers.get("retry-after", "") or reset)


async def _read(response: httpx.Response) -> str:
    parts, size = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            break
    return b"".join(parts)[:LARGEST].decode(errors="replace")


def _answer(status: int, text: str) -> Answer:
    import msgspec

    try:
        body = msgspec.json.decode(text) if text.strip() else None
    except (msgspec.DecodeError, UnicodeError):
        body = None
    return Answer(status, body, text[:2000])


def _reason(answer: Answer) -> str:
    """What an answer says is wrong, in the shapes that APIs use; markup of a proxy's page is none."""
    body = answer.body
    if isinstance(body, dict):
        for key in ("error", "message", "errorMessages", "errors"):
            if found := body.get(key):
                return _flat(found)
        return ""
    return "" if answer.text.lstrip().startswith("<") else answer.text


def _flat(found: Any) -> str:
    if isinstance(found, dict):
        return "; ".join(f"{key} {_flat(value)}" if key != "message" else _flat(value) for key, value in found.items())
    if isinstance(found, list):
        return "; ".join(map(_flat, found))
    return str(found)
