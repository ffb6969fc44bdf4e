"""Why a connection to an API server did not come about, or broke, in words that are not the library's."""

from __future__ import annotations

import os
import ssl


def why_broken(error: Exception) -> str:
    """Why, as it follows the server's address: `cannot be reached: Connection refused`; of an aiohttp or OS error."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"has a certificate that is not trusted: {_untrusted(error.certificate_error)}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "cannot be reached: its name does not resolve here"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot be reached: {_system(error.os_error)}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "broke off without an answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "broke off before its answer was whole"
    if isinstance(error, aiohttp.ClientResponseError):
        return "answered with what is no HTTP"
    return f"broke off: {error or type(error).__name__}"


def broke_off(error: BaseException | None) -> bool:
    """Whether a connection that stood was lost before anything was answered: what changes nothing may be asked again,
    as aiohttp asks a GET again by itself."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorError):
        return False
    return isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)


def _untrusted(error: Exception) -> str:
    said = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else ""
    return said or str(error)


def _system(error: OSError) -> str:
    """The system's own words: what asyncio puts in their place repeats the address."""
    if isinstance(error, ssl.SSLError):
        return f"no TLS came about: {(error.reason or str(error)).replace('_', ' ').lower()}"
    return os.strerror(error.errno) if error.errno else error.strerror or str(error)
