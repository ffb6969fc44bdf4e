"""Commands in containers (`kubectl exec`): what programs may answer, and the streaming protocol that carries it.

The protocol is Kubernetes' remote command over WebSocket, v4.channel.k8s.io and v5.channel.k8s.io: the first byte of
a message is its channel (0 stdin, 1 stdout, 2 stderr, 3 the final Status, 4 terminal size, 255 close, v5 only).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from starlette.websockets import WebSocket, WebSocketDisconnect

from cockpit.simulator.cluster.status import ApiError, bad_request
from cockpit.simulator.cluster.store import Record, encode
from cockpit.simulator.pace import Pace

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

Obj = dict[str, Any]

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDOUT, _STDERR, _STATUS = b"\x01", b"\x02", b"\x03"


class CommandResult(NamedTuple):
    """What a command in a container printed, its exit code, and how many simulated seconds it went on after that."""

    out: str
    err: str = ""
    code: int = 0
    lasts: float = 0.0


@runtime_checkable
class Commands(Protocol):
    """A Program whose image has executables in it; any other image has none."""

    def command(
        self, pod: dict[str, Any], container: dict[str, Any], words: Sequence[str]
    ) -> CommandResult | Awaitable[CommandResult | None] | None:
        """Run a command in a running container; None when the image has no such executable."""


class Execution(NamedTuple):
    """A command that has been asked for, in a container that runs."""

    program: object
    pod: Obj
    container: Obj
    words: list[str]
    tty: bool
    pace: Pace


def prepare(cluster: Cluster, pod: Record, options: list[tuple[str, str]]) -> Execution:
    """Check what an exec request asks. Raises ApiError 400 without a command or a running container."""
    words = [value for name, value in options if name == "command"]
    given = dict(options)
    containers = pod.obj["spec"]["containers"]
    name = given.get("container") or containers[0]["name"]
    container = next((each for each in containers if each["name"] == name), None)
    if container is None:
        raise bad_request(f"container {name} is not valid for pod {pod.name}")
    if not words:
        raise bad_request("you must specify at least 1 command for the container")
    run, _ = cluster.kubelet.runs(pod.uid, name)
    if run is None or not run.running:
        raise ApiError(500, "InternalError", f'unable to upgrade connection: container not found ("{name}")', {})
    tty = given.get("tty", "").lower() in ("1", "true")
    return Execution(cluster.images.program(container["image"]), pod.obj, container, words, tty, cluster.pace)


async def execute(socket: WebSocket, asked: Execution) -> None:
    """Run the command and stream what it says; a client that goes away ends it."""
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(next((each for each in PROTOCOLS if each in offered), None))
    result: CommandResult | None = None
    if isinstance(asked.program, Commands):
        given = asked.program.command(asked.pod, asked.container, asked.words)
        result = await given if isinstance(given, Awaitable) else given
    try:
        if result is not None:
            await _say(socket, _STDOUT, result.out, asked.tty)
            # a terminal has one output: both streams come out of it
            await _say(socket, _STDOUT if asked.tty else _STDERR, result.err, asked.tty)
            await _until_left(socket, asked.pace.sleep(result.lasts))
        await socket.send_bytes(_STATUS + encode(_outcome(asked, result)))
        await socket.close()
    except WebSocketDisconnect:
        return


async def _until_left(socket: WebSocket, work: Coroutine[Any, Any, None]) -> None:
    """Wait for `work`; what the client sends meanwhile is dropped. Raises WebSocketDisconnect when it goes away."""
    working = asyncio.create_task(work)
    listening = asyncio.create_task(_left(socket))
    try:
        await asyncio.wait({working, listening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        listening.cancel()
    if listening.done() and not listening.cancelled():
        listening.result()


async def _left(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    raise WebSocketDisconnect


async def _say(socket: WebSocket, channel: bytes, text: str, tty: bool) -> None:
    if text:
        await socket.send_bytes(channel + (text.replace("\n", "\r\n") if tty else text).encode("utf-8", "replace"))


def _outcome(asked: Execution, result: CommandResult | None) -> Obj:
    if result is None:
        text = (
            "error executing command in container: failed to exec in container: failed to start exec: OCI runtime "
            "exec failed: exec failed: unable to start container process: "
            f'exec: "{asked.words[0]}": executable file not found in $PATH'
        )
        message = f"Internal error occurred: {text}"
        return {"metadata": {}, "status": "Failure", "message": message, "reason": "InternalError", "code": 500}
    if result.code == 0:
        return {"metadata": {}, "status": "Success"}
    cause = {"reason": "ExitCode", "message": str(result.code)}
    message = f"command terminated with non-zero exit code: exit status {result.code}"
    return {
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": "NonZeroExitCode",
        "details": {"causes": [cause]},
    }
