"""The programs of busybox that look at the network, as an Alpine image has them: `nc -z` and `wget`.

Source: busybox 1.36, networking/nc.c and networking/wget.c.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cockpit.simulator.cluster.inside.execution import CommandResult
from cockpit.simulator.cluster.inside.network import fetched, reached

if TYPE_CHECKING:
    from cockpit.simulator.cluster.cluster import Cluster

_WITH_A_VALUE = ("-w", "-T", "-O", "-U", "-Y", "-t")


async def busybox(cluster: Cluster, namespace: str, words: Sequence[str]) -> CommandResult | None:
    """Run one of them in a pod of a namespace; None for another program."""
    program = words[0] if words else ""
    if program == "nc":
        return _nc(cluster, namespace, _plain(words[1:]))
    if program == "wget":
        return await _wget(cluster, namespace, words)
    return None


def _nc(cluster: Cluster, namespace: str, plain: Sequence[str]) -> CommandResult:
    if len(plain) != 2 or not plain[1].isdecimal():
        return CommandResult("", "Usage: nc [OPTIONS] HOST PORT\n", 1)
    host, port = plain
    try:
        found = reached(cluster, namespace, host, int(port))
    except LookupError:
        return CommandResult("", f"nc: bad address '{host}'\n", 1)
    if found is None:
        return CommandResult("", f"nc: {host} ({host}:{port}): Connection refused\n", 1)
    return CommandResult("")


async def _wget(cluster: Cluster, namespace: str, words: Sequence[str]) -> CommandResult:
    plain = _plain(words[1:])
    parts = urlsplit(plain[0]) if plain else urlsplit("")
    if not parts.hostname or parts.scheme != "http":
        return CommandResult("", f"wget: not an http or ftp url: {' '.join(plain)}\n", 1)
    host, port = parts.hostname, parts.port or 80
    try:
        found = reached(cluster, namespace, host, port)
    except LookupError:
        return CommandResult("", f"wget: bad address '{parts.netloc}'\n", 1)
    if found is None:
        return CommandResult("", f"wget: can't connect to remote host ({host}): Connection refused\n", 1)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        came = await fetched(found, "GET", parts.netloc, target)
    except ConnectionError:
        return CommandResult("", "wget: error getting response: Connection reset by peer\n", 1)
    head = "".join(f"  {line}\n" for line in [f"HTTP/1.1 {came.status} {came.reason}", *_lines(came.headers)])
    shown = head if "-S" in words else ""
    if came.status != 200:
        return CommandResult("", f"{shown}wget: server returned error: HTTP/1.1 {came.status} {came.reason}\n", 1)
    return CommandResult(came.body.decode("utf-8", "replace"), shown)


def _lines(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def _plain(words: Sequence[str]) -> list[str]:
    """The words that are no options and no values of options."""
    plain: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _WITH_A_VALUE:
            skip = True
        elif not word.startswith("-"):
            plain.append(word)
    return plain
