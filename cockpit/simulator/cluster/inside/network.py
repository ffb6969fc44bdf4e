"""The cluster's network: which program answers behind a service's or a pod's port, and a request to it."""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import h11

from cockpit.simulator.cluster.kubelet.podstatus import is_ready
from cockpit.simulator.cluster.kubelet.runs import Run
from cockpit.simulator.cluster.resources import PODS, SERVICES
from cockpit.simulator.cluster.selectors import labels_of
from cockpit.simulator.cluster.store import Record
from cockpit.simulator.program import Listens, Serve

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]
_CHUNK = 64 * 1024


class Listener(NamedTuple):
    """Who answers on a port: what the program does, and the run of the container that it lives in."""

    serve: Serve
    run: Run


class Behind(NamedTuple):
    """A ready pod behind a service, with the port of its own."""

    pod: Record
    port: int


class Answered(NamedTuple):
    """What a program answered to a request."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


def listener(cluster: Cluster, pod: Record, port: int) -> Listener | None:
    """Who listens on a pod's port now, in any of its containers: they share one network. None: nobody."""
    for container in pod.obj["spec"]["containers"]:
        run, _ = cluster.kubelet.runs(pod.uid, container["name"])
        program = cluster.images.program(container["image"])
        if run is not None and run.running and isinstance(program, Listens):
            serve = program.listener(pod.obj, container, port)
            if serve is not None:
                return Listener(serve, run)
    return None


def service_named(cluster: Cluster, namespace: str, host: str) -> Record | None:
    """The service that a name means to the pods of a namespace: `redis`, `redis.cache`, `redis.cache.svc…`."""
    name, *labels = host.removesuffix(".").removesuffix(".svc.cluster.local").removesuffix(".svc").split(".")
    return cluster.store.get(SERVICES.plural, labels[0] if labels else namespace, name) if len(labels) < 2 else None


def ready_behind(cluster: Cluster, service: Record, port: Obj) -> list[Behind]:
    """The ready pods that a port of a service leads to, by name."""
    selector = service.obj["spec"].get("selector") or {}
    pods = [
        pod for pod in cluster.store.list(PODS.plural, service.namespace)
        if selector and selector.items() <= labels_of(pod.obj).items()
        and is_ready(pod.obj) and "deletionTimestamp" not in pod.obj["metadata"]
    ]  # fmt: skip
    return [Behind(pod, _own_port(pod.obj, port)) for pod in sorted(pods, key=lambda each: each.name)]


def reached(cluster: Cluster, namespace: str, host: str, port: int) -> Listener | None:
    """Who answers a pod of `namespace` that connects to a name and port; None when it is refused.

    Raises:
        LookupError: there is no such name.
    """
    service = service_named(cluster, namespace, host)
    if service is None:
        raise LookupError(host)
    offered = (each for each in service.obj["spec"].get("ports", ()) if each["port"] == port)
    listeners = (listener(cluster, pod, own) for each in offered for pod, own in ready_behind(cluster, service, each))
    return next((found for found in listeners if found is not None), None)


async def fetched(found: Listener, method: str, host: str, target: str) -> Answered:
    """Send a request to whoever listens, and give the whole answer.

    Raises:
        ConnectionError: it hung up before its answer was whole.
    """
    ours, its = sockets.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    serving = asyncio.create_task(_serve(found.serve, its))
    try:
        connection = h11.Connection(h11.CLIENT)
        headers = [("Host", host), ("Connection", "close")]
        writer.write(connection.send(h11.Request(method=method, target=target, headers=headers)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        return await _answer(connection, reader)
    except h11.RemoteProtocolError as error:
        raise ConnectionError(str(error)) from error
    finally:
        writer.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _answer(connection: h11.Connection, reader: asyncio.StreamReader) -> Answered:
    head, body = h11.Response(status_code=500, headers=[]), b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            named = {name.decode(): value.decode("latin-1") for name, value in head.headers}
            return Answered(head.status_code, head.reason.decode("latin-1"), named, body)


async def _serve(serve: Serve, its: sockets.socket) -> None:
    """The program's side of the connection."""
    reader, writer = await asyncio.open_connection(sock=its)
    try:
        with suppress(ConnectionError):
            await serve(reader, writer)
            await writer.drain()
    finally:
        writer.close()


def _own_port(pod: Obj, port: Obj) -> int:
    """The pod's own port that a port of a service leads to: a number, or the name that a container gives it."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    named = (each for container in pod["spec"]["containers"] for each in container.get("ports", ()))
    return next((int(each["containerPort"]) for each in named if each.get("name") == target), int(port["port"]))
