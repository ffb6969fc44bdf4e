"""The connection to one API server: requests and WebSockets, credentials renewed in time, failures as KubeError."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cockpit.clock import Clock
from cockpit.kube.broken import why_broken
from cockpit.kube.errors import KubeError, from_answer, kind_of, mend_of, wait_of
from cockpit.kube.skew import Skew
from cockpit.text import safe

if TYPE_CHECKING:
    from cockpit.kube.transport import Credentials

_REFUSED = 3.0
"""Seconds after which credentials that could not be renewed are tried again: several watches ask at the same time."""

_REFUSAL = 64 * 1024
"""Bytes that are read of an answer that refuses; a Status has some hundred."""


class Connection:
    """One connection pool for one context's credentials. Use from one event loop only."""

    def __init__(self, credentials: Credentials, client: Any, clock: Clock) -> None:
        """Not for callers: use `open`."""
        self.credentials = credentials
        self.clock = clock
        self._client = client
        self._skew = Skew()
        self._renewing = asyncio.Lock()
        self._generation = 0
        self._refused: tuple[float, KubeError] | None = None
        """When the credentials could not be renewed the last time, and why."""

    @classmethod
    async def open(cls, context: str, kubeconfig: Path | None, clock: Clock) -> Connection:
        """Load `context` in a thread; nothing is sent yet. Raises KubeError("config" or "unauthorized")."""
        credentials = await asyncio.to_thread(_credentials, context, kubeconfig)
        await _load(credentials)
        return cls(credentials, await asyncio.to_thread(_connect, credentials), clock)

    @property
    def generation(self) -> int:
        """How often the credentials have been loaded again; for `renew`."""
        return self._generation

    @property
    def context(self) -> str:
        """The context's name."""
        return self.credentials.context

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self.credentials.configuration.host)

    @property
    def ahead(self) -> timedelta:
        """How far the server's clock is ahead of ours, as far as its answers tell (see `skew.Skew`)."""
        return self._skew.ahead

    @asynccontextmanager
    async def sent(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | Sequence[Any] | None,
        limits: Any,
        *,
        any_status: bool = False,
    ) -> AsyncIterator[Any]:
        """The open response of a request; credentials are renewed before they expire, and once after a 401.

        Args:
            limits: seconds, as an aiohttp.ClientTimeout.
            any_status: give it whatever its status is, because others than the API server may have answered.

        Raises:
            KubeError: no answer, or a status of 300 and more; also from inside the block.
        """
        with self._told(method, path):
            for attempt in ("first", "renewed"):
                generation = await self._in_date()
                asked = self.clock.now()
                response = await self._send(method, path, query, headers, body, limits)
                try:
                    if response.status == 401 and attempt == "first" and not any_status:
                        await self.renew(generation)
                        continue
                    if not any_status:
                        await self._accept(response, asked)
                    yield response
                    return
                finally:
                    response.close()

    async def _accept(self, response: Any, asked: datetime) -> None:
        """Take note of the server's clock by its answer to what was `asked` then. Raises KubeError where it refuses."""
        if response.status < 300:
            self._skew.learn(response.headers.get("Date", ""), asked, self.clock.now())
            return
        said = await beginning(response, _REFUSAL)
        if response.status == 401:
            raise self.unauthorized(said)
        wait = wait_of(response.headers.get("Retry-After", ""), self.clock.now())
        raise from_answer(response.status, said, self.context, wait)

    @asynccontextmanager
    async def socket(self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]) -> AsyncIterator[Any]:
        """An open WebSocket; credentials are renewed as for a request. Raises KubeError, also from inside the block."""
        import aiohttp

        with self._told("GET", path):
            for attempt in ("first", "renewed"):
                generation = await self._in_date()
                try:
                    opened = await self._upgraded(path, query, protocols)
                    break
                except aiohttp.WSServerHandshakeError as error:
                    if error.status != 401 or attempt == "renewed":
                        kind = kind_of(error.status)
                        said = f"{self.context} answered {error.status} instead of opening {path}"
                        mend = self.credentials.mend if kind == "unauthorized" else mend_of(kind, self.context)
                        raise KubeError(kind, safe(said), mend, error.status) from error
                    await self.renew(generation)
            async with opened:
                yield opened

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()

    @contextmanager
    def _told(self, method: str, path: str) -> Iterator[None]:
        """Failures of the connection inside, as KubeError."""
        import aiohttp

        try:
            yield
        except TimeoutError as error:
            raise self._unreachable(f"did not answer {method} {path} in time") from error
        except aiohttp.InvalidURL as error:
            raise KubeError("config", safe(f"context {self.context}: {self.server} is not an address")) from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(why_broken(error)) from error

    async def _in_date(self) -> int:
        """Renew the credentials when they are about to expire; give their generation.

        While the old ones still hold, that they could not be renewed is no failure yet.
        """
        if self.credentials.expiring(self.clock.now()):
            try:
                await self.renew(self._generation)
            except KubeError:
                if self.credentials.ended(self.clock.now()):
                    raise
        return self._generation

    def unauthorized(self, body: bytes) -> KubeError:
        """The server does not know us, although the credentials have just been loaded again: a person must act."""
        told = from_answer(401, body, self.context)
        return KubeError(told.kind, told.message, self.credentials.mend, told.status)

    async def _upgraded(self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]) -> Any:
        """An open WebSocket, through the library's authentication, URL building and connection pool."""
        client = self._client
        _, url, headers, _, _ = await client.param_serialize(
            "GET", path, query_params=list(query), header_params={}, auth_settings=["BearerToken"]
        )
        return await client.rest_client.upgraded(url, headers, protocols)

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | Sequence[Any] | None,
        limits: Any,
    ) -> Any:
        """One request through the library: its authentication, its URL building, its connection pool."""
        client = self._client
        request = await client.param_serialize(
            method,
            path,
            query_params=list((query or {}).items()),
            header_params=dict(headers),
            auth_settings=["BearerToken"],
        )
        method, url, header_params, _, _ = request
        sent = await client.call_api(method, url, header_params, body, _request_timeout=limits)
        return sent.response

    async def renew(self, generation: int) -> None:
        """Load the credentials again, once for all who ask at the same time.

        Args:
            generation: of the credentials that were refused; nothing is done where they are others by now.

        Raises:
            KubeError: "config" or "unauthorized"; for `_REFUSED` seconds the same without running a plugin again.
        """
        async with self._renewing:
            if generation != self._generation:
                return
            if self._refused and self.clock.monotonic() - self._refused[0] < _REFUSED:
                known = self._refused[1]
                raise KubeError(known.kind, known.message, known.mend)
            before = self._files()
            try:
                await _load(self.credentials)
            except KubeError as error:
                self._refused = self.clock.monotonic(), error
                raise
            self._refused = None
            self._generation += 1
            if self._files() != before:
                old, self._client = self._client, await asyncio.to_thread(_connect, self.credentials)
                await old.close()

    def _files(self) -> tuple[Any, ...]:
        """What a connection pool was built from: new ones need a new pool, a new token does not."""
        configuration = self.credentials.configuration
        return configuration.host, configuration.cert_file, configuration.key_file, configuration.ssl_ca_cert

    def _unreachable(self, why: str) -> KubeError:
        return KubeError("unreachable", safe(f"{self.server} {why}"), mend_of("unreachable", self.context))


async def beginning(response: Any, most: int) -> bytes:
    """The body of a response, or its beginning, of more than `most` bytes."""
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > most:
            break
    return bytes(read)


def _credentials(context: str, kubeconfig: Path | None) -> Credentials:
    """The credentials of `context`, not loaded yet; the slow import happens here, in a thread."""
    from cockpit.kube.lean import load_client

    load_client()
    from cockpit.kube.transport import Credentials

    return Credentials(context, kubeconfig)


async def _load(credentials: Credentials) -> None:
    """Load them in a thread; whoever is no longer waited for is ended, as a plugin may wait for a login."""
    try:
        await asyncio.to_thread(credentials.load)
    except asyncio.CancelledError:
        credentials.stop()
        raise


def _connect(credentials: Credentials) -> Any:
    """A new connection pool for `credentials`."""
    from cockpit.kube.transport import connect

    return connect(credentials)
