"""A command in a container, over the WebSocket protocol of `kubectl exec`.

Source: k8s.io/apimachinery/pkg/util/remotecommand: the first byte of each message is its channel (1 standard output,
2 standard error, 3 the Status at the end); v5.channel.k8s.io differs from v4 only in what a client may close.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.errors import KubeError
from cockpit.kube.paths import resource_path
from cockpit.kube.shapes import Shape
from cockpit.text import safe

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_OUTPUTS, _STATUS = (1, 2), 3
_LONGEST_OUTPUT = 1024 * 1024


class _Cause(Shape, frozen=True):
    reason: str = ""
    message: str = ""


class _Details(Shape, frozen=True):
    causes: list[_Cause] | None = None


class _Status(Shape, frozen=True):
    status: str = ""
    message: str = ""
    reason: str = ""
    details: _Details | None = None


@dataclass(frozen=True, slots=True)
class Exited:
    """The end of a command: its exit status, and in words why it is not 0."""

    status: int
    message: str = ""


def exec_path(namespace: str, pod: str) -> str:
    """The path of commands in a pod. Raises KubeError("invalid") for what is no name."""
    return resource_path("v1", "pods", namespace, pod, "exec")


async def executed(
    access: Access, namespace: str, pod: str, container: str, command: Sequence[str]
) -> AsyncGenerator[bytes | Exited, None]:
    """Run a command in a container: gives what it writes on both outputs as it comes, and last how it ended.

    Nothing is typed into it and it has no terminal. Close the generator to hang up; what the command does then is its
    own matter, as with kubectl.

    Raises:
        KubeError: it cannot be started, or the connection broke before its end was told ("unreachable").
    """
    import aiohttp

    query = [("container", container), ("stdout", "true"), ("stderr", "true")]
    query += [("command", word) for word in command]
    ended: Exited | None = None
    async with access.socket(exec_path(namespace, pod), query=query, protocols=PROTOCOLS) as socket:
        async for message in socket:
            data = message.data
            if message.type not in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT) or not data:
                continue
            data = data.encode() if isinstance(data, str) else data
            if data[0] in _OUTPUTS and len(data) > 1:
                yield data[1:]
            elif data[0] == _STATUS:
                ended = _ended(data[1:], access)
    if ended is None:
        broken = socket.exception()
        why = f": {broken}" if broken else ""
        raise KubeError("unreachable", safe(f"{access.context} hung up before the command's end was told{why}"))
    yield ended


async def output_of(
    access: Access, namespace: str, pod: str, container: str, command: Sequence[str]
) -> tuple[int, str]:
    """Run a short command to its end: its exit status, and up to 1 MiB of what it wrote. Raises KubeError."""
    taken = bytearray()
    async with aclosing(executed(access, namespace, pod, container, command)) as parts:
        async for part in parts:
            if isinstance(part, Exited):
                return part.status, taken.decode("utf-8", "backslashreplace")
            taken += part[: _LONGEST_OUTPUT - len(taken)]
    raise AssertionError("the last part is how it ended")


def _ended(body: bytes, access: Access) -> Exited:
    """How the command ended, from the Status. Raises KubeError for one that was never started."""
    try:
        status = msgspec.json.decode(body, type=_Status)
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    if status.status == "Success":
        return Exited(0)
    causes = (status.details.causes if status.details else None) or []
    code = next((cause.message for cause in causes if cause.reason == "ExitCode"), "")
    if status.reason == "NonZeroExitCode" and code.isascii() and code.isdigit():
        return Exited(int(code), safe(status.message))
    if "executable file not found" in status.message:
        return Exited(127, safe(status.message))  # what a shell gives for a program that is not there
    raise KubeError(
        "server", safe(f"{access.context}: {status.message or 'the command failed without a reason'}"), status=500
    )
