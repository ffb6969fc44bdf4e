"""Where senders are: which addresses count as one, which are proxies, and how many connections each may have."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from typing import Protocol

from cockpit.text import safe

MOST_CONNECTIONS = 100
PER_ADDRESS = 20
"""Connections that one address may have at once; a proxy may have all, for everybody comes from there."""

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
_OWN = 64
"""Bits of an IPv6 address that a network gives to one customer, who has all addresses behind them (RFC 6177)."""


def near(address: str) -> str:
    """What an address counts as: itself, or of IPv6 the network that one sender has whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return safe(address)[:_OWN]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return address if found.is_loopback else str(ipaddress.ip_network((int(found), _OWN), strict=False))
    return str(found)


def is_within(address: str, networks: Networks) -> bool:
    """Whether an address is one of `networks`."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


class Member(Protocol):
    """A connection, as the crowd sees it."""

    transport: asyncio.Transport
    address: str
    """Where it comes from."""

    @property
    def is_answering(self) -> bool:
        """Whether a request of it is being answered; else it is waited for."""


class Crowd:
    """Who is connected now. Where it is full, who has been waited for longest gives way to who comes.

    Args:
        proxies: addresses that may have more connections than others.
        say: takes a line when an address has as many as it may have.
    """

    def __init__(self, proxies: Networks, say: Callable[[str], None]) -> None:
        self._proxies = proxies
        self._say = say
        self._members: dict[Member, None] = {}
        self._said: set[str] = set()

    def enter(self, one: Member) -> bool:
        """Take in somebody who came; False where there is no room, as all that are here are being answered."""
        here = [each for each in self._members if near(each.address) == near(one.address)]
        if len(here) >= (MOST_CONNECTIONS if is_within(one.address, self._proxies) else PER_ADDRESS):
            self._is_full(one.address, len(here))
            if not self._made_way(here):
                return False
        elif len(self._members) >= MOST_CONNECTIONS and not self._made_way(list(self._members)):
            return False
        self._members[one] = None
        return True

    def leave(self, one: Member) -> None:
        """Forget somebody who went."""
        if one in self._members:
            del self._members[one]
            here = near(one.address)
            if here in self._said and all(near(each.address) != here for each in self._members):
                self._said.discard(here)

    def _made_way(self, some: Sequence[Member]) -> bool:
        """Hang up on the one of them that has been waited for longest, if one is."""
        waited_for = next((each for each in some if not each.is_answering), None)
        if waited_for is None:
            return False
        self.leave(waited_for)
        waited_for.transport.abort()
        return True

    def _is_full(self, address: str, count: int) -> None:
        if near(address) not in self._said:
            self._said.add(near(address))
            self._say(f"{near(address)} has {count} connections, as many as it may: those that say nothing are ended")
