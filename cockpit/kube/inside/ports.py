"""Asking from inside a container without knowing what its image has: the same by each program that might be there.

No address is ever spliced into a script: hosts, ports and what is said go in as words of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cockpit.kube.inside.web import curl, wget

_SPOKEN_BY_BASH = 'exec 3<>"/dev/tcp/$1/$2" && printf "$3" >&3 && head -c "$4" <&3'
_SPOKEN_BY_NC = 'printf "$3" | nc -w "$5" "$1" "$2" | head -c "$4"'
_SPOKEN_BY_PYTHON = """
import socket, sys
host, port, says, reads, limit = sys.argv[1:]
with socket.create_connection((host, int(port)), float(limit)) as there:
    there.sendall(bytes.fromhex(says))
    while int(reads) > 0:
        part = there.recv(4096)
        if not part:
            break
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        reads = int(reads) - len(part)
"""
_MOST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """One way to ask: the program that it takes, as people know it, and its words."""

    name: str
    words: tuple[str, ...]


def connecting(host: str, port: int, timeout: float, says: bytes = b"", reads: int = 0) -> Iterator[Program]:
    """Ways to connect to a port, the surest first; with `says`, to send that and print the first `reads` bytes back.

    Args:
        timeout: seconds that each may take.
    """
    limit, at = f"{max(1.0, timeout):.0f}", (host, str(port))
    if not says:
        yield Program("nc", ("nc", "-z", "-w", limit, *at))
    spoken = (*at, _octal(says), str(reads))
    yield Program("bash", ("timeout", limit, "bash", "-c", _SPOKEN_BY_BASH, "bash", *spoken))
    python = ("python3", "-c", _SPOKEN_BY_PYTHON, *at, says.hex(), str(reads), limit)
    yield Program("python3", python)
    if says:
        yield Program("nc", ("sh", "-c", _SPOKEN_BY_NC, "sh", *spoken, limit))


def fetching(method: str, url: str, headers: Mapping[str, str], timeout: float) -> Iterator[Program]:
    """Ways to send a GET or HEAD, the surest first; each prints the status line, and those that can the rest.

    Only curl can say how long it took: see `took_inside`. `timeout` is in seconds.
    """
    yield Program("curl", curl(method, url, headers, "", timeout, timed=True))
    if method == "GET":
        yield Program("wget", wget(method, url, headers, "", timeout))
        yield Program("busybox wget", wget(method, url, headers, "", timeout, busybox=True))
    parts = urlsplit(url)
    if parts.scheme == "http":  # the others would have to speak TLS by themselves
        says = _request(method, url, headers)
        yield from connecting(parts.hostname or "", parts.port or 80, timeout, says, _MOST)


def _request(method: str, url: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = {"Host": parts.netloc, "User-Agent": "incident-cockpit", "Connection": "close", **headers}
    lines = [f"{method} {target} HTTP/1.0", *(f"{name}: {value}" for name, value in given.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _octal(says: bytes) -> str:
    """Bytes as every printf takes them: no argument of a program can hold a NUL."""
    return "".join(f"\\{byte:03o}" for byte in says)
