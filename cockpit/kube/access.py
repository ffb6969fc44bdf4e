"""One cluster, one user: calls that give raw bytes, streams of lines, access reviews; errors told for people."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from cockpit.clock import Clock
from cockpit.kube.bounded import UNREADABLE, not_too_deep
from cockpit.kube.broken import broke_off
from cockpit.kube.connection import Connection, beginning
from cockpit.kube.errors import KubeError, from_answer, is_status
from cockpit.text import safe

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of one line of a stream: above etcd's limit for an object, below what would hurt."""

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of a whole answer: a page of 500 objects of 128 KiB each."""

ANSWER_SECONDS = 40.0
"""For one answer: a server in trouble may take half a minute, and who asks sees that it is waited for."""
_CONNECT_TIMEOUT = 5.0


class Answer(msgspec.Struct, frozen=True):
    """What the server answered: a status below 300, the raw body, and headers by lower-case name."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Permission(msgspec.Struct, frozen=True):
    """The answer of an access review; `reason` is the authorizer's, often empty."""

    allowed: bool
    reason: str = ""


Shape = TypeVar("Shape")


class _Review(msgspec.Struct, frozen=True):
    class _Status(msgspec.Struct, frozen=True):
        allowed: bool = False
        reason: str = ""
        evaluationError: str = ""  # noqa: N815 - the API's name

    status: _Status = _Status()


class Access:
    """One context of a kubeconfig, opened. Namespace-free: callers name theirs. Use from one event loop only."""

    def __init__(self, connection: Connection) -> None:
        """Not for callers: use `open`."""
        self._connection = connection

    @classmethod
    async def open(cls, context: str, kubeconfig: Path | None, clock: Clock) -> Access:
        """Load `context` from `kubeconfig` (None: $KUBECONFIG, else ~/.kube/config) in a thread; nothing is sent yet.

        Raises:
            KubeError: "config", when the file, the context, or its credentials cannot be loaded; "unauthorized", when
                they are only given to a person who logs in.
        """
        return cls(await Connection.open(context, kubeconfig, clock))

    @property
    def context(self) -> str:
        """The context's name, pinned: the kubeconfig's current context is never read."""
        return self._connection.context

    @property
    def server(self) -> str:
        """The API server's address."""
        return self._connection.server

    @property
    def expires(self) -> datetime | None:
        """When its credentials end (aware UTC), where that can be read; they may be renewed before by themselves."""
        return self._connection.credentials.expires

    @property
    def clock(self) -> Clock:
        """The clock by which its credentials expire, for what is stamped with the time."""
        return self._connection.clock

    @property
    def ahead(self) -> timedelta:
        """How far the cluster's clock is ahead of ours, as its last answers tell; nothing while nobody would notice."""
        return self._connection.ahead

    @property
    def default_namespace(self) -> str:
        """The namespace that the context names, else `default`."""
        return self._connection.credentials.namespace

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        content_type: str | None = None,
        accept: str = "application/json",
        timeout: float = ANSWER_SECONDS,
        most: int | None = None,
    ) -> Answer:
        """Send one request and give its whole answer.

        Args:
            body: sent as JSON; a sequence is a JSON Patch.
            content_type: `application/json` unless told.
            timeout: seconds for the whole exchange.
            most: bytes after which no more is read of an answer that others give through the server; the body is
                then longer than that.

        Raises:
            KubeError: no answer, or a status of 300 and more; with the server's message.
        """
        import aiohttp

        limits = aiohttp.ClientTimeout(total=timeout, sock_connect=_CONNECT_TIMEOUT)
        headers = {"Accept": accept, **({"Content-Type": content_type} if content_type else {})}
        async with self._connection.sent(method, path, query, headers, body, limits) as response:
            read = await beginning(response, LARGEST_ANSWER if most is None else most)
            if most is None and len(read) > LARGEST_ANSWER:
                said = f"{self.context} answered {method} {path} with more than {LARGEST_ANSWER >> 20} MiB"
                raise KubeError("server", safe(said), "look whether something between here and the API server answers")
            return Answer(response.status, read, {name.lower(): value for name, value in response.headers.items()})

    async def proxied(self, method: str, path: str, query: Mapping[str, str], *, timeout: float, most: int) -> Answer:
        """Send a request without a body through the API server, and give what answers behind it, whatever its status.

        Args:
            path: of a `proxy` subresource.
            timeout: seconds for the whole exchange.
            most: bytes of the body after which no more is read; it is then longer than that.

        Raises:
            KubeError: no answer, or one of the API server's own: not allowed, no such service, nobody behind it.
        """
        import aiohttp

        limits = aiohttp.ClientTimeout(total=timeout, sock_connect=_CONNECT_TIMEOUT)
        for attempt in ("first", "renewed"):
            generation = self._connection.generation
            async with self._connection.sent(
                method, path, query, {"Accept": "*/*"}, None, limits, any_status=True
            ) as response:
                body = await beginning(response, most)
                headers = {name.lower(): value for name, value in response.headers.items()}
                answer = Answer(response.status, body, headers)
            own = answer.status >= 300 and is_status(body)  # the API server's, not of what is behind it
            if not own:
                return answer
            if answer.status != 401:
                raise from_answer(answer.status, body, self.context)
            if attempt == "first":
                await self._connection.renew(generation)
        raise self._connection.unauthorized(body)

    async def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str],
        timeout: float | None = 90.0,
        opened: Callable[[], None] = lambda: None,
        accept: str = "application/json",
    ) -> AsyncGenerator[bytes, None]:
        """Give the lines of a GET as they come, without their newline; the connection closes with the iterator.

        Args:
            timeout: seconds of silence after which the stream counts as dead; None waits for ever.
            opened: called when the server has begun to answer, before the first line.

        Raises:
            KubeError: no answer, an error status, silence, a line above `LONGEST_LINE`, or a broken connection.
        """
        pending = bytearray()
        async with aclosing(self.chunks(path, query=query, timeout=timeout, opened=opened, accept=accept)) as chunks:
            async for chunk in chunks:
                pending += chunk
                if b"\n" in chunk:
                    *lines, rest = bytes(pending).split(b"\n")
                    pending = bytearray(rest)
                    for line in lines:
                        yield line
                if len(pending) > LONGEST_LINE:
                    raise KubeError("server", f"{self.context} sent a line of more than {LONGEST_LINE >> 20} MiB")
        if pending:
            yield bytes(pending)

    async def chunks(
        self,
        path: str,
        *,
        query: Mapping[str, str],
        timeout: float | None = 90.0,
        opened: Callable[[], None] = lambda: None,
        accept: str = "application/json",
    ) -> AsyncGenerator[bytes, None]:
        """Give the body of a GET in pieces as they come, cut anywhere; the connection closes with the iterator.

        Args:
            timeout, opened: as of `stream`.

        Raises:
            KubeError: no answer, an error status, silence, or a broken connection.
        """
        import aiohttp

        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT, sock_read=timeout)
        async with self._connection.sent("GET", path, query, {"Accept": accept}, None, limits) as response:
            opened()
            async for chunk in response.content.iter_any():
                yield chunk

    @asynccontextmanager
    async def socket(
        self, path: str, *, query: Sequence[tuple[str, str]], protocols: Sequence[str]
    ) -> AsyncIterator[Any]:
        """Open a WebSocket (an aiohttp.ClientWebSocketResponse) and close it at the end; pings keep it alive.

        Args:
            query: pairs, as a name may come several times.
            protocols: the subprotocols that are offered, the best first.

        Raises:
            KubeError: no answer, the server refused, or the connection broke; also from inside the block.
        """
        async with self._connection.socket(path, query, protocols) as opened:
            yield opened

    async def allowed(
        self, verb: str, group: str, resource: str, namespace: str, name: str = "", subresource: str = ""
    ) -> Permission:
        """Ask the cluster whether this user may do `verb`, by a SelfSubjectAccessReview. Raises KubeError.

        A question changes nothing: where the connection breaks off it is asked a second time.
        """
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        attributes |= {key: value for key, value in (("name", name), ("subresource", subresource)) if value}
        path, review = (
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": attributes},
            },
        )
        try:
            answer = await self.call("POST", path, body=review)
        except KubeError as error:
            if not broke_off(error.__cause__):
                raise
            answer = await self.call("POST", path, body=review)
        status = self.decode(answer.body, _Review).status
        return Permission(status.allowed, safe(status.reason or status.evaluationError))

    async def version(self) -> str:
        """The server's version, as `v1.36.0`. Raises KubeError."""

        class _Version(msgspec.Struct):
            gitVersion: str = "unknown"  # noqa: N815 - the API's name

        answer = await self.call("GET", "/version")
        return safe(self.decode(answer.body, _Version).gitVersion)

    async def close(self) -> None:
        """Close every connection."""
        await self._connection.close()

    def decode(self, body: bytes, shape: type[Shape]) -> Shape:
        """Read `body` as `shape`. Raises KubeError("server") for what is not that."""
        try:
            found = msgspec.json.decode(body, type=shape)
            if isinstance(found, dict):
                not_too_deep(found)
        except UNREADABLE as error:
            raise self.unreadable(error) from error
        return found

    def unreadable(self, error: Exception) -> KubeError:
        """The error for an answer that is not what the API promises."""
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        said = safe(f"{self.context} answered with what cannot be read: {why}")[:300]
        return KubeError("server", said, "look whether something between here and the API server answers for it")
