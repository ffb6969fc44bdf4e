"""Prometheus' HTTP API, as far as signals need it: one number now, or its past; many of them in one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from cockpit.clock import Clock, SystemClock
from cockpit.config import BasicAuth, HeaderValue, PrometheusConfig, Secret
from cockpit.signal.credentials import Credentials
from cockpit.signal.prometheus import answers
from cockpit.signal.prometheus.answers import Answer, Point, Vector
from cockpit.signal.prometheus.errors import PrometheusError, Refused, Undefined
from cockpit.signal.prometheus.http import PrometheusHttp
from cockpit.signal.prometheus.joined import joined, located
from cockpit.text import safe

__all__ = ["Many", "Point", "PrometheusApi", "PrometheusError", "Refused", "Undefined"]

_OF_THE_QUERY = ("bad_data", "execution", "timeout", "canceled")
"""The error types that speak of the query; the others speak of the server."""
_SLOW = ("timeout", "canceled")
_READ = 2000
"""Characters of an error that are looked at: it may quote the whole query."""
_NOTICED = 2.0
"""Seconds that two clocks may differ without anybody caring."""
PAST_PATIENCE = 30.0
"""Seconds that the past of many signals may take: nobody waits for it."""
_SERVER_SHARE = 0.9
"""Of the time that a call may take, what the server is given for its query, so that it says itself what was slow."""


class Many:
    """What one request said of many queries, by their ids.

    Attributes:
        at: the server's time at which they were evaluated.
        remarks: the server's warnings and infos, by the query that they speak of.
    """

    def __init__(self, queries: Mapping[str, str], vector: Vector) -> None:
        self._vector = vector
        self.at = vector.at
        self.remarks = located(queries, vector.remarks)

    def number(self, id: str) -> float:
        """The number of a query. Raises Undefined."""
        return answers.number(self._vector.values.get(id, ()))


class PrometheusApi:
    """One Prometheus over one HTTP client.

    Attributes:
        skew: seconds that its clock is ahead of ours, as far as its last answer tells; 0 until then.
    """

    def __init__(self, http: PrometheusHttp, clock: Clock) -> None:
        """Not for callers: use `open` or `to`."""
        self._http = http
        self._clock = clock
        self.skew = 0.0

    @classmethod
    async def open(
        cls,
        name: str,
        url: str,
        token: Secret | None,
        timeout: float,
        *,
        basic: BasicAuth | None = None,
        headers: Mapping[str, HeaderValue] | None = None,
        clock: Clock | None = None,
    ) -> PrometheusApi:
        """A client for the Prometheus at `url`, each call of which takes at most `timeout` seconds.

        Nothing is sent yet. httpx and the trusted certificates are loaded in a thread.
        """
        credentials = Credentials(token, basic, headers)
        return cls(await PrometheusHttp.open(name, url, credentials, timeout), clock or SystemClock())

    @classmethod
    async def to(cls, name: str, known: PrometheusConfig, timeout: float) -> PrometheusApi:
        """A client for the Prometheus that the configuration calls `name`."""
        return await cls.open(name, known.url, known.token, timeout, basic=known.basic, headers=known.headers)

    @property
    def longest(self) -> int:
        """How many characters a query may have here: an address holds less than a form."""
        return 32_000 if self._http.posts else 3_000

    async def query(self, query: str) -> float:
        """The number that `query` gives now.

        Raises:
            Undefined: it gives none, with the reason.
            PrometheusError: the source cannot be asked.
        """
        return answers.number([each for values in (await self.one(query)).values.values() for each in values])

    async def one(self, query: str) -> Vector:
        """The elements that `query` gives now. Raises as `query` does."""
        sent = self._clock.now()
        vector = await self._vector(query)
        self._compare(vector.at, sent, self._clock.now())
        return vector

    async def many(self, queries: Mapping[str, str]) -> Many:
        """What each of `queries` gives now, in one request.

        Raises:
            Refused: one of them at least is refused, or all together are too much; nothing is known of the others.
            PrometheusError: the source cannot be asked.
        """
        sent = self._clock.now()
        try:
            vector = await self._vector(joined(queries))
        except Refused:
            raise
        except Undefined as error:
            raise self._http.unreadable(error) from error
        if "" not in vector.values:
            raise self._http.unreadable(ValueError("not all of what was asked for is there"))
        self._compare(vector.at, sent, self._clock.now())
        return Many(queries, vector)

    async def query_range(self, query: str, start: datetime, end: datetime, step: float) -> list[Point]:
        """The values of `query` every `step` seconds from `start` to `end`; where it had none, no point.

        Raises:
            Undefined: it is refused.
            PrometheusError: the source cannot be asked.
        """
        found = await self._range(query, start, end, step)
        return [point for points in found.values() for point in points]

    async def ranges(
        self, queries: Mapping[str, str], start: datetime, end: datetime, step: float
    ) -> Mapping[str, Sequence[Point]]:
        """The same of many queries in one request, by their ids; those without any value are left out.

        Raises:
            Refused: one of them at least is refused, or all together are too much.
            PrometheusError: the source cannot be asked.
        """
        found = await self._range(joined(queries), start, end, step)
        found.pop("", None)
        return found

    async def version(self) -> str:
        """The server's version. Raises PrometheusError, also for what is no Prometheus."""

        class _Build(msgspec.Struct):
            class _Info(msgspec.Struct):
                version: str = "unknown"

            data: _Info

        reply = await self._http.get("/api/v1/status/buildinfo")
        if reply.status != 200:
            raise self._http.refused(reply.status, reply.body)
        try:
            return safe(msgspec.json.decode(reply.body, type=_Build).data.version)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._http.unreadable(error) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    def ours(self, at: datetime) -> datetime:
        """A moment of the server's clock on ours, where the two differ by more than anybody would overlook."""
        return at - timedelta(seconds=self.skew) if abs(self.skew) > _NOTICED else at

    def theirs(self, at: datetime) -> datetime:
        """A moment of our clock on the server's."""
        return at + timedelta(seconds=self.skew) if abs(self.skew) > _NOTICED else at

    def _compare(self, said: datetime | None, sent: datetime, came: datetime) -> None:
        """Learn how far the clocks are apart: it answered somewhen between `sent` and `came`."""
        if said is not None:
            self.skew = (said - sent).total_seconds() if said < sent else max(0.0, (said - came).total_seconds())

    async def _vector(self, query: str) -> Vector:
        whole = await self._whole("query", {"query": query})
        try:
            return await answers.read(bytes(whole.data.result), lambda _: answers.vector(whole))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._http.unreadable(error) from error

    async def _range(self, query: str, start: datetime, end: datetime, step: float) -> dict[str, list[Point]]:
        """By mark, the points on our clock."""
        first, last = self.theirs(start).timestamp(), self.theirs(end).timestamp()
        times = {"start": f"{first:.3f}", "end": f"{last:.3f}", "step": f"{step:g}"}
        whole = await self._whole("query_range", {"query": query, **times}, PAST_PATIENCE)
        try:
            found = await answers.read(bytes(whole.data.result), lambda _: answers.pasts(whole))
        except (msgspec.DecodeError, ValueError) as error:
            raise self._http.unreadable(error) from error
        if abs(self.skew) <= _NOTICED:
            return found
        return {mark: [Point(self.ours(each.at), each.value) for each in points] for mark, points in found.items()}

    async def _whole(self, what: str, form: Mapping[str, str], patience: float = 0.0) -> Answer:
        """A successful answer. Raises Refused for a refused query, PrometheusError for the rest."""
        limit = f"{max(self._http.timeout, patience) * _SERVER_SHARE * 1000:.0f}ms"
        reply = await self._http.ask(f"/api/v1/{what}", {**form, "timeout": limit}, patience)
        try:
            whole = await answers.read(reply.body, answers.answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if reply.status in (413, 414):
                raise Refused(f"the query is too long for {self._http.name}") from error
            if reply.status != 200:
                raise self._http.refused(reply.status, reply.body) from error
            raise self._http.unreadable(error) from error
        if whole.status == "success":
            return whole
        if whole.errorType in _OF_THE_QUERY:
            message = safe(f"the query was refused ({whole.errorType}): {whole.error[:_READ]}")[:300]
            raise Refused(message, slow=whole.errorType in _SLOW)
        raise self._http.refused(reply.status, whole.error.encode())
