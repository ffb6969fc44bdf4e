"""The API server: an ASGI application that authenticates, authorizes and answers as a real one does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from cockpit.simulator.cluster.access import User, access_review, authorize, rules_review
from cockpit.simulator.cluster.inside.execution import execute, prepare
from cockpit.simulator.cluster.inside.forwarding import check, forward
from cockpit.simulator.cluster.inside.serviceproxy import Asked, asked_service, proxy
from cockpit.simulator.cluster.kubelet.logs import pod_log
from cockpit.simulator.cluster.objects.patching import PATCH_TYPES
from cockpit.simulator.cluster.resources import PODS, SERVICES
from cockpit.simulator.cluster.server import discovery
from cockpit.simulator.cluster.server.dated import Dated
from cockpit.simulator.cluster.server.forms import Form, JsonForm, choose_form
from cockpit.simulator.cluster.server.metrics import GROUP as METRICS_GROUP
from cockpit.simulator.cluster.server.metrics import VERSION as METRICS_VERSION
from cockpit.simulator.cluster.server.metrics import metrics_answer
from cockpit.simulator.cluster.server.protobuf import MEDIA_TYPE, read_review
from cockpit.simulator.cluster.server.reading import Reading
from cockpit.simulator.cluster.server.requests import Query, Target, find_target
from cockpit.simulator.cluster.server.writing import Writing
from cockpit.simulator.cluster.status import (
    ApiError,
    bad_request,
    method_not_allowed,
    no_such_resource,
    unauthorized,
    unsupported_media_type,
)
from cockpit.simulator.cluster.store import Record, encode

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_HEALTH = ("healthz", "livez", "readyz")
_REVIEWS = {"selfsubjectaccessreviews": access_review, "selfsubjectrulesreviews": rules_review}
_NO_STREAM = {
    "exec": "this simulated cluster runs commands only over WebSocket (kubectl 1.31 or newer)",
    "portforward": "this simulated cluster forwards ports only over WebSocket (kubectl 1.31 or newer)",
}


class Api:
    """The HTTP side of a cluster."""

    def __init__(self, cluster: Cluster, tokens: Mapping[str, User], anonymous: User | None) -> None:
        self._cluster = cluster
        self._tokens = tokens
        self._anonymous = anonymous
        self._reading = Reading(cluster)
        self._writing = Writing(cluster, self._reading)

    def app(self) -> Starlette:
        """The ASGI application."""
        pod = "/api/v1/namespaces/{namespace}/pods/{name}"
        sockets = [WebSocketRoute(f"{pod}/exec", self._exec), WebSocketRoute(f"{pod}/portforward", self._forward)]
        routes = [*sockets, Route("/{path:path}", self._serve, methods=_METHODS)]
        return Starlette(routes=routes, middleware=[Middleware(Dated, self._now)])

    async def _serve(self, request: Request) -> Response:
        trouble = self._cluster.trouble
        if trouble.delay:
            await asyncio.sleep(trouble.delay)
        if trouble.drop:
            return BrokenResponse()
        try:
            if trouble.answer is not None:
                answer = _json(_troubled(trouble.answer).body(), trouble.answer)
                answer.headers.update({} if trouble.retry_after is None else {"Retry-After": str(trouble.retry_after)})
                return answer
            return await self._answer(request)
        except ApiError as refused:
            return _json(refused.body(), refused.code)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def _answer(self, request: Request) -> Response:
        user = self._user(request.headers)
        parts = [part for part in request.path_params["path"].split("/") if part]
        if (found := self._fixed(request, parts)) is not None:
            return found
        if parts[:3] == ["apis", METRICS_GROUP, METRICS_VERSION] and len(parts) > 3:
            return self._metrics(request, user, parts[3:])
        if parts[:3] == ["apis", "authorization.k8s.io", "v1"] and len(parts) == 4:
            return await self._review(request, user, parts[3])
        if (asked := asked_service(parts)) is not None:
            return await self._proxied(request, user, asked)
        target = find_target(parts)
        if target is None:
            return PlainTextResponse("404 page not found\n", 404)
        return await self._on_target(request, user, target)

    async def _proxied(self, request: Request, user: User, asked: Asked) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise method_not_allowed()
        authorize(user, Target(SERVICES, asked.namespace, asked.called, "proxy").wish("get"), SERVICES)
        return await proxy(self._cluster, asked, request)

    async def _exec(self, socket: WebSocket) -> None:
        """A command in a container; what is wrong with it is an ordinary answer instead of a socket."""
        try:
            asked = prepare(self._cluster, self._pod(socket, "exec"), socket.query_params.multi_items())
        except ApiError as refused:
            await socket.send_denial_response(_json(refused.body(), refused.code))
            return
        await execute(socket, asked)

    async def _forward(self, socket: WebSocket) -> None:
        """A tunnel to the ports of a pod, refused as a command is."""
        try:
            pod = self._pod(socket, "portforward")
            check(pod, socket.scope["subprotocols"], socket.query_params.getlist("ports"))
        except ApiError as refused:
            await socket.send_denial_response(_json(refused.body(), refused.code))
            return
        await forward(socket, self._cluster, pod)

    def _pod(self, socket: WebSocket, subresource: str) -> Record:
        """The pod that a socket is for. Raises ApiError 401, 403 or 404."""
        where = Target(PODS, socket.path_params["namespace"], socket.path_params["name"], subresource)
        authorize(self._user(socket.headers), where.wish("create"), PODS)
        return self._cluster.objects.read(PODS, where.namespace, where.name)

    def _user(self, headers: Mapping[str, str]) -> User:
        header = headers.get("authorization", "")
        if not header and self._anonymous is not None:
            return self._anonymous
        scheme, _, token = header.partition(" ")
        user = self._tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            raise unauthorized()
        return user

    def _fixed(self, request: Request, parts: list[str]) -> Response | None:
        """Version, health, discovery and OpenAPI, which everybody who is known may read."""
        metrics = self._cluster.metrics_served
        found: Obj | None = None
        if parts == ["version"]:
            found = discovery.VERSION
        elif parts and parts[0] in _HEALTH:
            return PlainTextResponse("ok")
        elif parts == ["api"]:
            found = discovery.api_versions(request.url.netloc)
        elif parts == ["apis"]:
            found = discovery.groups(metrics=metrics)
        elif len(parts) == 2 and parts[0] == "apis":
            found = discovery.group(parts[1], metrics=metrics)
        elif len(parts) == 2 and parts[0] == "api":
            found = discovery.resources("", parts[1], metrics=metrics)
        elif len(parts) == 3 and parts[0] == "apis":
            found = discovery.resources(parts[1], parts[2], metrics=metrics)
        elif parts == ["openapi", "v3"]:
            found = discovery.openapi_index()
        elif parts[:2] == ["openapi", "v3"]:
            found = discovery.openapi_document("/".join(parts[2:]))
        return _json(found) if found is not None else None

    def _metrics(self, request: Request, user: User, parts: list[str]) -> Response:
        if (code := self._cluster.trouble.metrics) is not None:
            raise _troubled(code)
        if not self._cluster.metrics_served:
            return PlainTextResponse("404 page not found\n", 404)
        if request.method not in ("GET", "HEAD"):
            raise method_not_allowed()
        return _json(metrics_answer(self._cluster, user, parts, Query(request.query_params)))

    async def _review(self, request: Request, user: User, plural: str) -> Response:
        review = _REVIEWS.get(plural)
        if review is None:
            raise no_such_resource()
        if request.method != "POST":
            raise method_not_allowed()
        if request.headers.get("content-type", "") == MEDIA_TYPE:
            return _json(review(user, read_review(await request.body())), 201)
        body = await _body(request)
        return _json(review(user, body if isinstance(body, dict) else {}), 201)

    async def _on_target(self, request: Request, user: User, target: Target) -> Response:
        query = Query(request.query_params, request.headers.get("user-agent", ""))
        watch = query.flag("watch") and not target.name
        verb = target.verb(request.method, watch=watch)
        authorize(user, target.wish(verb), target.resource)
        form = choose_form(request.headers.get("accept", ""), target.resource, query.text("includeObject"), self._now)
        if target.subresource in _NO_STREAM:
            return self._stream(target)
        if verb == "watch":
            return StreamingResponse(
                self._reading.watch(target, query, form), headers=_headers(), media_type="application/json"
            )
        if verb == "list":
            return _raw(self._reading.list(target, query, form))
        if verb == "get":
            return self._get(target, query, form)
        return await self._write(request, target, query, verb, form)

    def _get(self, target: Target, query: Query, form: Form) -> Response:
        if target.subresource == "log":
            pod = self._cluster.objects.read(target.resource, target.namespace, target.name).obj
            return StreamingResponse(pod_log(self._cluster, pod, query), headers=_headers(), media_type="text/plain")
        if target.subresource == "scale":
            return _json(self._cluster.objects.scale(target.resource, target.namespace, target.name))
        return _raw(self._reading.get(target, form))

    async def _write(self, request: Request, target: Target, query: Query, verb: str, form: Form) -> Response:
        if verb == "patch":
            media_type = request.headers.get("content-type", "").partition(";")[0].strip()
            if media_type not in PATCH_TYPES:
                raise unsupported_media_type(PATCH_TYPES)
            status, obj = self._writing.patch(target, query, await _body(request, checked=False), media_type)
        elif verb == "deletecollection":
            found = self._writing.delete_collection(target, query, await _body(request))
            metadata = {"resourceVersion": str(self._cluster.store.version)}
            return _raw(JsonForm(target.resource).list(found, metadata))
        elif verb == "delete":
            status, obj = self._writing.delete(target, query, await _body(request))
        elif verb == "create":
            status, obj = self._writing.create(target, query, await _body(request))
        else:
            status, obj = self._writing.update(target, query, await _body(request))
        if obj["kind"] in ("Status", "Scale") or isinstance(form, JsonForm):
            return _json(obj, status)
        return _raw(form.one(Record(obj, 0)), status)

    def _stream(self, target: Target) -> Response:
        """What did not come as a WebSocket that we serve: plain SPDY, which only older clients speak."""
        self._cluster.objects.read(target.resource, target.namespace, target.name)
        raise ApiError(501, "NotImplemented", f"unable to upgrade connection: {_NO_STREAM[target.subresource]}", {})

    def _now(self) -> Any:
        return self._cluster.timeline.now()


class BrokenResponse(Response):
    """An answer that ends before its announced length: the connection breaks."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1048576")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"kind":', "more_body": True})


async def _body(request: Request, *, checked: bool = True) -> Any:
    """The request's JSON, None when it has no body. Raises ApiError 400 or 415."""
    raw = await request.body()
    if not raw.strip():
        return None
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if checked and media_type != "application/json":
        raise unsupported_media_type(["application/json"])
    try:
        return json.loads(raw)
    except ValueError as wrong:
        raise bad_request(f"the object provided is unrecognized: {wrong}") from None


def _troubled(code: int) -> ApiError:
    reasons = {
        401: ("Unauthorized", "Unauthorized"),
        403: ("Forbidden", "forbidden"),
        429: ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
        500: ("InternalError", "Internal error occurred: etcdserver: leader changed"),
        503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
        504: ("Timeout", "the server was unable to return a response in the time allotted"),
    }
    reason, message = reasons.get(code, ("Unknown", f"the server answers {code}"))
    return ApiError(code, reason, message)


def _headers() -> dict[str, str]:
    return {"audit-id": str(uuid4()), "cache-control": "no-cache, private"}


def _json(body: Obj, status: int = 200) -> Response:
    return _raw(encode(body), status)


def _raw(body: bytes, status: int = 200) -> Response:
    return Response(body, status, headers=_headers(), media_type="application/json")
