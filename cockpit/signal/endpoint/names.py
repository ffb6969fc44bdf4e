"""Names looked up apart: a resolver that hangs holds up neither the threads of others nor the end of the program.

Python's own lookups run in the event loop's few shared threads, and a resolver that does not answer holds one for half
a minute. A name that was just looked up here is answered soon when it is looked up again to connect.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

_Future = asyncio.Future[None]


class Names:
    """One endpoint's name: at most one lookup of it is under way, however often it is asked."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._under_way: _Future | None = None

    @classmethod
    def of_url(cls, url: str) -> Names:
        """The host of an address; none where a proxy of this machine's settings looks it up."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        proxied = parts.scheme in getproxies() and not proxy_bypass(host)
        return cls("" if proxied else host)

    async def resolved(self) -> None:
        """Wait until the name is known to resolve.

        Raises:
            OSError: it does not (socket.gaierror), or cannot be one.
        """
        if not self._host or _is_address(self._host):
            return
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.get_running_loop().create_future()
            looking = threading.Thread(target=_look, args=(self._host, self._under_way), daemon=True)
            looking.start()
        await asyncio.shield(self._under_way)


def _look(host: str, told: _Future) -> None:
    """Look a name up, in a thread, and tell the loop."""
    error: OSError | None = None
    try:
        socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as failed:
        error = failed
    except UnicodeError:  # a label of more than 63 characters
        error = socket.gaierror(socket.EAI_NONAME, "no such name")
    try:
        told.get_loop().call_soon_threadsafe(_tell, told, error)
    except RuntimeError:  # the loop has ended meanwhile
        return


def _tell(told: _Future, error: OSError | None) -> None:
    if told.done():
        return
    if error is None:
        told.set_result(None)
    else:
        told.set_exception(error)
        told.exception()  # whoever asked may have given up


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
