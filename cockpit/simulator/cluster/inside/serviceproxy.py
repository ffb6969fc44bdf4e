"""The API server's proxy to services: `/api/v1/namespaces/NS/services/[SCHEME:]NAME[:PORT]/proxy/PATH`.

The refusals are those of Kubernetes' pkg/registry/core/service/storage and of its proxy handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from cockpit.simulator.cluster.inside.network import fetched, listener, ready_behind
from cockpit.simulator.cluster.resources import SERVICES
from cockpit.simulator.cluster.status import ApiError, bad_request

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]


class Asked(NamedTuple):
    """Which service is asked, as it is called with its port, and the path there."""

    namespace: str
    called: str
    path: str


def asked_service(parts: list[str]) -> Asked | None:
    """What the parts of a path ask of the proxy; None when they mean something else."""
    if parts[:3] != ["api", "v1", "namespaces"] or parts[4:5] != ["services"] or parts[6:7] != ["proxy"]:
        return None
    return Asked(parts[3], parts[5], "/".join(parts[7:]))


async def proxy(cluster: Cluster, asked: Asked, request: Request) -> Response:
    """Hand a GET or HEAD on to a ready pod. Raises ApiError 400, 404 or 503."""
    called = asked.called
    name, wanted = _split(called)
    service = cluster.objects.read(SERVICES, asked.namespace, name)
    ports = service.obj["spec"].get("ports", ())
    port = next((each for each in ports if wanted in (str(each["port"]), each.get("name", ""))), None)
    if port is None and wanted.isdecimal():
        raise _unavailable(f'no service port {wanted} found for service "{name}"')
    pods = ready_behind(cluster, service, port) if port else []
    if not pods:
        raise _unavailable(f'no endpoints available for service "{called}"')
    pod, own = pods[cluster.pace.random.randrange(len(pods))]
    found = listener(cluster, pod, own)
    address = f"{pod.obj['status'].get('podIP', '')}:{own}"
    if found is None:
        raise _unavailable(f"error trying to reach service: dial tcp {address}: connect: connection refused")
    query = f"?{request.url.query}" if request.url.query else ""
    try:
        came = await fetched(found, request.method, address, f"/{asked.path}{query}")
    except ConnectionError:
        raise _unavailable("error trying to reach service: EOF") from None
    headers = {key: value for key, value in came.headers.items() if key not in ("content-length", "connection")}
    return Response(came.body, came.status, headers)


def _split(called: str) -> tuple[str, str]:
    """The service's name and port of `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`."""
    parts = called.split(":")
    if len(parts) > 3 or (len(parts) == 3 and parts[0] not in ("http", "https", "")):
        raise bad_request(f'invalid service request "{called}"')
    return (parts[1], parts[2]) if len(parts) == 3 else (parts[0], [*parts, ""][1])


def _unavailable(message: str) -> ApiError:
    return ApiError(503, "ServiceUnavailable", message, {})
