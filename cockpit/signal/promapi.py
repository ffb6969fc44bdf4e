"""Prometheus' HTTP API, as far as signals need it: one number now, or its past; every other answer is unknown.

Shapes and error types are those of https://prometheus.io/docs/prometheus/latest/querying/api/.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from cockpit.config import Secret, SecretError
from cockpit.signal.bearer import Bearer
from cockpit.signal.freshness import SourceState
from cockpit.text import safe

if TYPE_CHECKING:
    import httpx

_LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that are read: one number needs a few hundred."""
_SMALL = 64 * 1024
_CONNECT_TIMEOUT = 5.0


class PrometheusError(Exception):
    """The source did not answer, or refused: every signal of it suffers.

    Args:
        state: how the source's freshness calls it when it never had data.
        message: what failed, cleaned.
        mend: what to do now.
    """

    def __init__(self, state: SourceState, message: str, mend: str) -> None:
        super().__init__(message)
        self.state = state
        self.message = message
        self.mend = mend


class Undefined(Exception):  # noqa: N818 - an answer, not an error: the value is unknown and this is why
    """The source answered, and the answer is no number: empty, NaN, infinite, several, or a refused query."""


class _Series(msgspec.Struct, frozen=True):
    values: list[tuple[float, str]] = []


class _Data(msgspec.Struct, frozen=True):
    resultType: str = ""  # noqa: N815 - the API's name
    result: msgspec.Raw = msgspec.Raw(b"[]")


class _Answer(msgspec.Struct, frozen=True):
    status: str = ""
    data: _Data = _Data()
    errorType: str = ""  # noqa: N815 - the API's name
    error: str = ""


class _Element(msgspec.Struct, frozen=True):
    value: tuple[float, str]


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a query's past; `value` None where it was no number."""

    at: datetime
    value: float | None


class PrometheusApi:
    """One Prometheus over one HTTP client."""

    def __init__(self, name: str, client: httpx.AsyncClient, url: str, token: Secret | None, timeout: float) -> None:
        """Not for callers: use `open`."""
        self._name = name
        self._client = client
        self._url = url
        self._bearer = Bearer(token)
        self._timeout = timeout

    @classmethod
    async def open(cls, name: str, url: str, token: Secret | None, timeout: float) -> PrometheusApi:
        """A client for the Prometheus at `url`, each call of which takes at most `timeout` seconds.

        Nothing is sent yet. httpx and the trusted certificates are loaded in a thread.
        """
        client = await asyncio.to_thread(_client, timeout)
        return cls(name, client, url.rstrip("/"), token, timeout)

    async def query(self, query: str) -> float:
        """The number that `query` gives now.

        Raises:
            Undefined: it gives none, with the reason.
            PrometheusError: the source cannot be asked.
        """
        data = await self._get("query", {"query": query})
        try:
            if data.resultType == "scalar":
                return _number(msgspec.json.decode(data.result, type=tuple[float, str])[1])
            if data.resultType != "vector":
                raise Undefined(f"the query gives a {safe(data.resultType)}, not one number")
            elements = await _decoded(bytes(data.result), list[_Element])
        except msgspec.DecodeError as error:
            raise self._unreadable(error) from error
        if not elements:
            raise Undefined("the query gives nothing: no such series now")
        if len(elements) > 1:
            raise Undefined(f"the query gives {len(elements)} series, not one: aggregate them, as with sum()")
        return _number(elements[0].value[1])

    async def query_range(self, query: str, start: datetime, end: datetime, step: float) -> list[Point]:
        """The values of `query` every `step` seconds from `start` to `end`; where it had none, no point.

        Raises:
            Undefined: it gives several series, or is refused.
            PrometheusError: the source cannot be asked.
        """
        times = {"start": f"{start.timestamp():.3f}", "end": f"{end.timestamp():.3f}", "step": f"{step:g}"}
        data = await self._get("query_range", {"query": query, **times})
        try:
            series = await _decoded(bytes(data.result), list[_Series])
        except msgspec.DecodeError as error:
            raise self._unreadable(error) from error
        if len(series) > 1:
            raise Undefined(f"the query gives {len(series)} series, not one: aggregate them, as with sum()")
        return [_point(at, text) for one in series for at, text in one.values]

    async def version(self) -> str:
        """The server's version. Raises PrometheusError, also for what is no Prometheus."""

        class _Build(msgspec.Struct):
            class _Info(msgspec.Struct):
                version: str = "unknown"

            data: _Info

        status, body = await self._fetch("/api/v1/status/buildinfo", {})
        if status != 200:
            raise self._refused(status, body)
        try:
            return safe(msgspec.json.decode(body, type=_Build).data.version)
        except msgspec.DecodeError as error:
            raise self._unreadable(error) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _get(self, what: str, query: Mapping[str, str]) -> _Data:
        """The data of a successful answer. Raises Undefined for a refused query, PrometheusError for the rest."""
        status, body = await self._fetch(f"/api/v1/{what}", query)
        try:
            answer: _Answer = await _decoded(body, _Answer)
        except msgspec.DecodeError as error:
            if status != 200:
                raise self._refused(status, body) from error
            raise self._unreadable(error) from error
        if answer.status == "success":
            return answer.data
        if answer.errorType in ("bad_data", "execution", "timeout", "canceled"):
            raise Undefined(safe(f"the query was refused ({answer.errorType}): {answer.error}")[:300])
        raise self._refused(status, answer.error.encode())

    async def _fetch(self, path: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of a GET. Raises PrometheusError when there is no answer."""
        import httpx

        headers = {"Accept": "application/json", **await self._authorization()}
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream("GET", self._url + path, params=dict(query), headers=headers) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _LARGEST:
                        raise Undefined(f"the answer is larger than {_LARGEST >> 20} MiB: aggregate the query")
                return response.status_code, bytes(body)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._unreachable(f"did not answer within {self._timeout:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise self._unreachable(f"cannot be reached: {error or type(error).__name__}") from error

    async def _authorization(self) -> dict[str, str]:
        """The header with the token, if it wants one."""
        try:
            return await self._bearer.header()
        except SecretError as error:
            raise PrometheusError("unauthorized", safe(f"{self._name}: {error}"), "") from error

    def _refused(self, status: int, body: bytes) -> PrometheusError:
        """The error for an answer that is not Prometheus' own."""
        said = safe(body[:200].decode("utf-8", "replace").strip()) or "no message"
        message = f"{self._name} answered {status}: {said}"
        if status in (401, 403):
            self._bearer.refused()
            state: SourceState = "unauthorized" if status == 401 else "forbidden"
            return PrometheusError(state, message, f"check `prometheus.{self._name}.token` in the configuration")
        mend = f"check that {safe(self._url)} is a Prometheus: `curl -fsS {safe(self._url)}/-/ready`"
        return PrometheusError("error", message, mend)

    def _unreachable(self, why: str) -> PrometheusError:
        mend = f"check the network or VPN, then `curl -fsS {safe(self._url)}/-/ready`"
        return PrometheusError("unreachable", safe(f"{self._url} {why}")[:300], mend)

    def _unreadable(self, error: Exception) -> PrometheusError:
        mend = f"check that {safe(self._url)} is a Prometheus"
        return PrometheusError("error", safe(f"{self._name} answered with what cannot be read: {error}")[:300], mend)


def _client(timeout: float) -> httpx.AsyncClient:
    """The HTTP client; four connections are enough for one service's queries."""
    import httpx

    limits = httpx.Limits(max_connections=4, max_keepalive_connections=4)
    times = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_TIMEOUT), pool=None)
    return httpx.AsyncClient(limits=limits, timeout=times, headers={"User-Agent": "incident-cockpit"})


async def _decoded(body: bytes, shape: Any) -> Any:
    """`body` as `shape`, decoded in a thread unless it is small. Raises msgspec.DecodeError."""
    if len(body) <= _SMALL:
        return msgspec.json.decode(body, type=shape)
    return await asyncio.to_thread(msgspec.json.decode, body, type=shape)


def _number(text: str) -> float:
    """A sample's value. Raises Undefined for NaN, the infinities and what is no number."""
    try:
        value = float(text)
    except ValueError:
        raise Undefined("the query gives what is no number") from None
    if math.isnan(value):
        raise Undefined("the query gives NaN: nothing divided by nothing, as when there are no requests")
    if math.isinf(value):
        raise Undefined(f"the query gives {'+' if value > 0 else '-'}Inf: something divided by nothing")
    return value


def _point(at: float, text: str) -> Point:
    try:
        return Point(datetime.fromtimestamp(at, UTC), _number(text))
    except Undefined:
        return Point(datetime.fromtimestamp(at, UTC), None)
