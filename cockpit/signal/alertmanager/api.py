"""Alertmanager's HTTP API, as far as an incident needs it: what fires, and silences.

Shapes are those of https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from cockpit.config import Secret, SecretError
from cockpit.signal.alertmanager.gettable import GettableAlert, Instant, alerts_of
from cockpit.signal.broken import LATE, what_to_do, why_broken
from cockpit.signal.credentials import Credentials
from cockpit.signal.freshness import SourceState
from cockpit.text import safe

if TYPE_CHECKING:
    import httpx

TIMEOUT, CONNECT = 10.0, 5.0
"""Seconds for a whole exchange, and for the connection."""
_LARGEST = 16 * 1024 * 1024
"""Bytes of an answer that are read: some ten thousand alerts."""
_SMALL = 64 * 1024
_READ = 2000
"""Characters of a refusal that are looked at; fewer are told."""
Read = TypeVar("Read")


class AlertmanagerError(Exception):
    """The Alertmanager did not answer, or refused.

    Args:
        state: how the source's freshness calls it when it never had data.
        message: what failed, cleaned.
        mend: what to do now.
        status: of the answer; 0 where there was none.
        sent: whether what was asked may have been done all the same.
    """

    def __init__(self, state: SourceState, message: str, mend: str, *, status: int = 0, sent: bool = False) -> None:
        super().__init__(message)
        self.state = state
        self.message = message
        self.mend = mend
        self.status = status
        self.sent = sent


class _SilenceStatus(msgspec.Struct, frozen=True):
    state: str = ""


class GettableSilence(msgspec.Struct, frozen=True):
    """A silence, as the API gives it: its state is pending, active or expired."""

    id: str
    endsAt: Instant  # noqa: N815 - the API's name
    comment: str = ""
    createdBy: str = ""  # noqa: N815 - the API's name
    status: _SilenceStatus = _SilenceStatus()


class _Created(msgspec.Struct):
    silenceID: str  # noqa: N815 - the API's name


class _Version(msgspec.Struct):
    class _Info(msgspec.Struct):
        version: str = "unknown"

    versionInfo: _Info = msgspec.field(default_factory=_Info)  # noqa: N815 - the API's name


class NewSilence(Struct, frozen=True):
    """A silence to be made.

    Attributes:
        matchers: name, operator (`=`, `!=`, `=~`, `!~`) and value of each.
    """

    matchers: Sequence[tuple[str, str, str]]
    begins: datetime
    ends: datetime
    by: str
    comment: str


class AlertmanagerApi:
    """One Alertmanager over one HTTP client, which is made when it is first needed."""

    def __init__(self, name: str, url: str, token: Secret | None) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self._credentials = Credentials(token)
        self._client: httpx.AsyncClient | None = None

    async def alerts(self, filters: Sequence[str]) -> list[GettableAlert]:
        """The alerts that fire and fit all `filters` (matchers such as `service="shop"`), silenced ones too.

        Raises:
            AlertmanagerError: it could not be asked.
        """
        asked = [("filter", each) for each in filters]
        body = await self._call("GET", "/alerts", params=asked)
        return await self._read(body, alerts_of)

    async def silence(self, new: NewSilence) -> str:
        """Make a silence and give its id. Raises AlertmanagerError."""
        matchers = [
            {"name": name, "value": value, "isRegex": "~" in operator, "isEqual": not operator.startswith("!")}
            for name, operator, value in new.matchers
        ]
        asked = {
            "matchers": matchers,
            "startsAt": _instant(new.begins),
            "endsAt": _instant(new.ends),
            "createdBy": new.by,
            "comment": new.comment,
        }
        body = await self._call("POST", "/silences", body=asked)
        made: _Created = await self._decoded(body, _Created)
        return made.silenceID

    async def silences(self) -> list[GettableSilence]:
        """Every silence that it remembers, ended ones too. Raises AlertmanagerError."""
        found: list[GettableSilence] = await self._decoded(await self._call("GET", "/silences"), list[GettableSilence])
        return found

    async def expire(self, id: str) -> None:
        """End a silence now. Raises AlertmanagerError."""
        await self._call("DELETE", f"/silence/{id}")

    async def version(self) -> str:
        """The server's version. Raises AlertmanagerError, also for what is no Alertmanager."""
        told: _Version = await self._decoded(await self._call("GET", "/status"), _Version)
        return safe(told.versionInfo.version)

    async def close(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _call(
        self, method: str, path: str, *, params: Sequence[tuple[str, str]] = (), body: Mapping[str, Any] | None = None
    ) -> bytes:
        """The body of a successful answer. Raises AlertmanagerError."""
        import httpx

        changes = method != "GET"
        headers = {"Accept": "application/json", **await self._authorization()}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            client = await self._open()
            sending = client.stream(
                method, f"{self.url}/api/v2{path}", params=list(params), headers=headers, content=content
            )
            async with asyncio.timeout(TIMEOUT), sending as response:
                answer = await _read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as error:
            why = why_broken(error)
            raise self._unreachable(f"cannot be reached: {why}", why) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._unreachable(f"did not answer within {TIMEOUT:g} s", LATE, sent=changes) from error
        except (httpx.HTTPError, OSError) as error:
            why = why_broken(error)
            raise self._unreachable(f"did not answer: {why}", why, sent=changes) from error
        if response.status_code >= 300:
            raise self._refused(response.status_code, answer, changes)
        return answer

    async def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = await asyncio.to_thread(_client)
        return self._client

    async def _authorization(self) -> Mapping[str, str]:
        """The header with the token, if it wants one."""
        try:
            return await self._credentials.sent()
        except SecretError as error:
            raise AlertmanagerError("unauthorized", safe(f"{self.name}: {error}"), "") from error

    def _refused(self, status: int, body: bytes, changes: bool) -> AlertmanagerError:
        """The error of an answer that is no success."""
        said = self._hidden(safe(_said(body)))[:300]
        message = f"{self.name} answered {status}{f': {said}' if said else ''}"
        key = f"`alertmanager.{self.name}`"
        if status in (401, 403):
            self._credentials.refused()
            state: SourceState = "unauthorized" if status == 401 else "forbidden"
            return AlertmanagerError(state, message, f"check {key} `token` in the configuration", status=status)
        mends = {400: "", 422: "", 404: f"check {key} `url` in the configuration"}
        mend = mends.get(
            status, f"check that {safe(self.url)} is an Alertmanager: `curl -fsS {safe(self.url)}/-/ready`"
        )
        sent = changes and status >= 500 and status != 503
        return AlertmanagerError("error", message, mend, status=status, sent=sent)

    def _unreachable(self, said: str, why: str, *, sent: bool = False) -> AlertmanagerError:
        mend = what_to_do(why, f"alertmanager.{self.name}.url", self.url)
        return AlertmanagerError("unreachable", self._hidden(safe(f"{self.url} {said}")[:300]), mend, sent=sent)

    async def _decoded(self, body: bytes, shape: Any) -> Any:
        """`body` as `shape`. Raises AlertmanagerError."""
        return await self._read(body, lambda read: msgspec.json.decode(read, type=shape))

    async def _read(self, body: bytes, how: Callable[[bytes], Read]) -> Read:
        """`how(body)`, in a thread unless it is small. Raises AlertmanagerError for what cannot be read."""
        try:
            return how(body) if len(body) <= _SMALL else await asyncio.to_thread(how, body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            mend = f"check that {safe(self.url)} is an Alertmanager of version 0.16 or newer"
            why = "it is nested too deeply" if isinstance(error, RecursionError) else error
            message = safe(f"{self.name} answered with what cannot be read: {why}")[:300]
            raise AlertmanagerError("error", message, mend) from error

    def _hidden(self, text: str) -> str:
        return self._credentials.hidden(text)


def _client() -> httpx.AsyncClient:
    """Loading httpx and the trusted certificates takes a tenth of a second: not on the loop."""
    import httpx

    times = httpx.Timeout(TIMEOUT, connect=CONNECT)
    limits = httpx.Limits(max_connections=4, max_keepalive_connections=2)
    return httpx.AsyncClient(timeout=times, limits=limits, headers={"User-Agent": "incident-cockpit"})


async def _read(response: httpx.Response) -> bytes:
    """The body; one that is too large is cut, and then is no JSON."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST:
            break
    return bytes(body[:_LARGEST])


def _said(body: bytes) -> str:
    """The words of a refusal, its beginning: a JSON string, an object with a message, or text."""
    try:
        told = msgspec.json.decode(body[:_SMALL])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body[:_READ].decode("utf-8", "replace").strip()
    return (str(told.get("message", "")) if isinstance(told, dict) else str(told))[:_READ]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
