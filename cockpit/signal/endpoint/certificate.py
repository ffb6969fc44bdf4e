"""When a server's certificate ends, or ended."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cockpit.incident.times import age

if TYPE_CHECKING:
    import httpx

SOON = timedelta(days=14)
"""How long before its end a certificate is warned of: those that renew by themselves have done so by then."""
_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: everything is verified but the dates."""


def end_of(response: httpx.Response) -> datetime | None:
    """When the certificate of who answered ends; None without TLS, or behind a proxy that hides it."""
    stream = response.extensions.get("network_stream")
    return _end(stream.get_extra_info("ssl_object")) if stream is not None else None


async def end_of_expired(url: str, dated: ssl.SSLContext, timeout: float) -> datetime | None:
    """When the certificate ended that a server still shows; None where that cannot be learned. Nothing is sent.

    Args:
        dated: a context of its own: its dates are no longer looked at, all else is verified.
    """
    parts = urlsplit(url)
    dated.verify_flags |= _NO_CHECK_TIME
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=dated)
    except OSError:
        return None
    try:
        return _end(writer.get_extra_info("ssl_object"))
    finally:
        writer.transport.abort()


def said(ends: datetime, now: datetime) -> str:
    """`expired 3d ago (2026-11-18)`, or `expires in 3d (2026-11-24)`."""
    left = (ends - now).total_seconds()
    words = f"expires in {age(left)}" if left > 0 else f"expired {age(-left)} ago"
    return f"{words} ({ends:%Y-%m-%d})"


def _end(shown: object) -> datetime | None:
    peer = shown.getpeercert() if isinstance(shown, ssl.SSLObject | ssl.SSLSocket) else None
    ends = peer.get("notAfter") if peer else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None
