"""How far messages may go: a demo and a drill reach nothing but this machine, whatever the configuration says."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from cockpit.message.channel import ChannelError


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its address, or `localhost`. No name is looked up: what a name server answers
    may change between the question and the connection."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def must_be_near(url_or_host: str) -> None:
    """Raises ChannelError when an address is not this machine's, where nothing else may be reached."""
    host = (urlsplit(url_or_host).hostname or "") if "://" in url_or_host else url_or_host
    if not is_loopback(host):
        raise ChannelError(
            f"{host or 'that address'} is not this machine, and a demo or a drill reaches nothing else; "
            "nothing was sent",
            retryable=False,
        )
