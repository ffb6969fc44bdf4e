"""Who sends to the intake: which addresses are one sender, how often and over how many connections each may come."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pytest

from cockpit.room.listening.guard import Guard
from cockpit.room.listening.pace import BURST, MOST_SENDERS, Pace
from cockpit.room.listening.senders import MOST_CONNECTIONS, PER_ADDRESS, Crowd, near
from cockpit.signal.intake.mapping import Signature


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::1", "::1"),
        ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::1", "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("who\x1b[31m\nelse", "who else"),
    ],
)
def test_who_has_a_whole_network_is_one_sender(address: str, counts_as: str) -> None:
    assert near(address) == counts_as


def test_senders_are_paced_apart_and_only_so_many_are_remembered() -> None:
    pace = Pace()
    assert [pace.wait("a", 0.0) > 0 for _ in range(BURST + 1)][-1]
    assert pace.wait("b", 0.0) == 0
    for number in range(MOST_SENDERS):
        pace.wait(f"s{number}", 1.0)
    assert len(pace._left) == MOST_SENDERS
    assert sum(pace.wait("long", float(second)) == 0 for second in range(600)) == 600, "one a second for ever"


def test_a_token_is_compared_byte_by_byte() -> None:
    """In whatever letters it is written; none of it ends in a defect."""
    for token in (b"s\xc3\xa9same", b"sesame\xff"):
        guard = Guard(token.decode(errors="surrogateescape"))
        for shown in (token, base64.b64encode(b"me:" + token)):
            header = (b"Bearer " if shown == token else b"Basic ") + shown
            assert guard.admits({"authorization": header.decode("latin-1")}) == "yes"
        assert guard.admits({"authorization": "Bearer s\u00e9same"}) == "no"
        signed = Guard(secret=token.decode(errors="surrogateescape"), signature=Signature(header="X-Sign"))
        right = hmac.new(token, b"{}", hashlib.sha256).hexdigest()
        assert signed.is_signed({"x-sign": f"{right.upper()}, {'0' * 64}"}, b"{}")
        assert not signed.is_signed({"x-sign": right}, b"{ }")


@dataclass(eq=False)
class Sender:
    """A connection, and whether it was ended."""

    address: str
    is_answering: bool = False
    ended: bool = False
    transport: Any = field(init=False)

    def __post_init__(self) -> None:
        self.transport = self

    def abort(self) -> None:
        """What the crowd does with its transport."""
        self.ended = True


def test_where_all_connections_are_taken_who_waits_longest_gives_way() -> None:
    """However many addresses they come from; who is being answered stays."""
    said = list[str]()
    crowd = Crowd((), said.append)
    first = Sender("10.0.0.1", is_answering=True)
    others = [Sender(f"10.0.{number}.1") for number in range(1, MOST_CONNECTIONS)]
    assert all(crowd.enter(each) for each in (first, *others))
    late = Sender("192.0.2.1", is_answering=True)
    assert crowd.enter(late)
    assert (first.ended, [each.ended for each in others].count(True), others[0].ended) == (False, 1, True)
    for each in others:
        each.is_answering = True
    assert not crowd.enter(Sender("192.0.2.2"))
    crowd.leave(late)
    assert crowd.enter(Sender("192.0.2.2"))
    assert said == [], "no address has too many"


def test_an_address_has_its_own_bound_and_a_proxy_that_of_all() -> None:
    said = list[str]()
    crowd = Crowd((ip_network("10.9.0.0/16"),), said.append)
    proxied = [Sender("10.9.0.1") for _ in range(PER_ADDRESS * 2)]
    assert all(crowd.enter(each) for each in proxied)
    assert not any(each.ended for each in proxied)
    mine = [Sender("2001:db8::1" if number % 2 else "2001:db8::2") for number in range(PER_ADDRESS + 2)]
    assert all(crowd.enter(each) for each in mine)
    assert [each.ended for each in mine] == [True, True] + [False] * PER_ADDRESS
    assert said == [f"2001:db8::/64 has {PER_ADDRESS} connections, as many as it may: those that say nothing are ended"]
    for each in mine:
        crowd.leave(each)
    assert all(crowd.enter(Sender("2001:db8::3")) for _ in range(PER_ADDRESS + 1))
    assert len(said) == 2, "it is said again once they had gone"
