"""Why a connection did not come about, or broke, in words that are not a library's."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from cockpit.text import safe

UNRESOLVED = "its name does not resolve here"
REFUSED = "the connection was refused"
NO_ROUTE = "there is no route to it"
LATE = "it did not answer in time"
NO_ADDRESS = "it is no address that can be asked"
_LONGEST = 200


def why_broken(error: BaseException) -> str:
    """Why, as `the connection was refused`; a library wraps the error of the system, which says most."""
    told = list(_causes(error))
    for each in told:
        if isinstance(each, ssl.SSLError):
            return _tls(each)
        if isinstance(each, socket.gaierror):
            return UNRESOLVED
        if isinstance(each, ConnectionRefusedError):
            return REFUSED
        if isinstance(each, ConnectionResetError | BrokenPipeError):
            return "the connection was reset"
        if isinstance(each, OSError) and each.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return NO_ROUTE
    names = {type(each).__name__ for each in told}
    if any(isinstance(each, TimeoutError) or "Timeout" in type(each).__name__ for each in told):
        return LATE
    if names & {"InvalidURL", "UnsupportedProtocol", "LocalProtocolError"}:
        return NO_ADDRESS
    if "DecodingError" in names:
        return "its answer is not compressed as it says"
    if names & {"RemoteProtocolError", "ReadError", "WriteError", "CloseError"}:
        return "the connection broke off before the answer was whole"
    return f"the connection broke off: {_short(str(error)) or type(error).__name__}"


def what_to_do(why: str, key: str, url: str) -> str:
    """What to do now about a source at `url`, which the configuration has under `key`."""
    again = f"then `curl -fsS {safe(url)}/-/ready`"
    return {
        UNRESOLVED: f"check `{key}`, and the VPN; a name inside a cluster resolves only there",
        REFUSED: f"nothing listens there: check the port in `{key}`, and that it runs, {again}",
        NO_ADDRESS: f"correct `{key}`: it begins with http:// or https://",
    }.get(why, f"check the network or VPN, {again}")


def _tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {_short(error.verify_message or str(error))}"
    return f"no TLS came about: {_short(error.reason or str(error)).replace('_', ' ').lower()}"


def _short(text: str) -> str:
    shown = " ".join(safe(text[: _LONGEST * 4]).split())
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, also of several addresses that were tried."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [cause for cause in (each.__cause__, each.__context__) if cause is not None]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
