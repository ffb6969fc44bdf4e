"""Internal hosts, people and secrets are found in public text, whatever stands around them."""

from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.message.public import Known, is_public, known_of, leaks
from tests.message.test_templates import SHIPPED
from tests.scribe.story import bad_release

KNOWN = Known(
    names=(("production", "namespace"), ("prod-eu", "context"), ("shop-api", "deployment"), ("shop", "deployment"),
           ("db7.example.net", "host")),
    people=frozenset({"@alice", "@will", "@oncall", "@j.doe"}),
    said=frozenset({"shop"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The host 10.1.2.3 is down.", "names the internal address 10.1.2.3"),
        ("see 172.31.255.1:8080", "names the internal address 172.31.255.1"),
        ("fd12:3456::1 does not answer", "names the internal address fd12:3456::1"),
        ("connect to db.internal, please", "names the internal host db.internal"),
        ("http://payments.prod.svc.cluster.local:3006/", "names the internal host payments.prod.svc.cluster.local"),
        ("redis.shop.svc is full", "names the internal host redis.shop.svc"),
        ("localhost:9090", "names the internal host localhost"),
        ("payment-service-7599565f95-4kgb8 crashes", "names the pod payment-service-7599565f95-4kgb8"),
        ("In namespace production all is slow", "names the namespace production"),
        ("prod-eu/production", "names the context prod-eu"),
        ("we restarted Shop-API", "names the deployment shop-api"),
        ("DB7.example.net is back", "names the host db7.example.net"),
        ("thanks to @bob.", "names a person: @bob"),
        ("Alice is working on it", "names a person: alice"),
        ("write to J.Doe@example.com", "names a person: J.Doe@example.com"),
        ("password=hunter22", "has what looks like a secret: a password, a token, a key or a card's number"),
        ("we use ‹redacted›", "has a secret that was masked: ‹redacted› would be published"),
    ],
)  # fmt: skip
def test_it_is_found(text: str, said: str) -> None:
    assert said in leaks(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "We will provide updates. Contact support@example.com, or https://status.example.com/incidents/17.",
        "shop is slow in production since release 1.4.2 (rev 43), 12.4 % of payments fail; 8.8.8.8 and 1.1.1.1 work.",
        "Next update by 2026-03-14 02:30 UTC. It went from 99.95 to 98.2.",
        "On-call engineers found the cause: a locally cached value, an internal error. local.example.com is fine.",
        "At 02:30:11 it began; IPv6 2001:db8::1 answers; the ratio is 1:2, dead:beef is a hash.",
    ],
)  # fmt: skip
def test_what_may_be_said_is_not(text: str) -> None:
    assert leaks(text, KNOWN) == []


def test_shipped_public_wording_says_nothing_internal() -> None:
    for path in SHIPPED.glob("status-page-*.md"):
        body = path.read_text().split("---", 2)[2]
        assert leaks(body, KNOWN) == [], path.name


def test_the_record_knows_its_places_and_people() -> None:
    state = bad_release().timeline.state
    known = known_of(state, names=[("pg.shop.example", "host")], people=["@dba-lead"])
    assert leaks("The incident is handled by dba-lead; pg.shop.example fails", known) == [
        "names the host pg.shop.example", "names a person: dba-lead",
    ]  # fmt: skip
    assert state.roles
    for handle in state.roles.values():
        assert leaks(f"it was {handle}", known) != []
    assert leaks(f"{state.service} is down", known) == [], "the service's own name is what every template says"
    paged = kinds.Page(target="database-team", handles=("@lovelace",))
    state.pages += ((paged, state.declared),)  # type: ignore[operator,unused-ignore]
    assert leaks("Lovelace looks at it", known_of(state)) == ["names a person: lovelace"]


def test_audiences_outside_the_house() -> None:
    assert all(map(is_public, ("customers", "customer-email", "merchants", "Partners", "regulators")))
    assert not any(map(is_public, ("internal", "executives", "support", "stakeholders", "page:customers-team")))


AROUND = st.text(st.sampled_from(string.ascii_letters + string.digits + " \n,;!?\"'()éß→"), max_size=60)
PRIVATE = st.one_of(
    st.ip_addresses(network=ipaddress.ip_network("10.0.0.0/8")),
    st.ip_addresses(network=ipaddress.ip_network("172.16.0.0/12")),
    st.ip_addresses(network=ipaddress.ip_network("192.168.0.0/16")),
    st.ip_addresses(network=ipaddress.ip_network("fc00::/7")),
).map(str)
LABEL = st.from_regex(r"[a-z][a-z0-9]{1,12}(-[a-z0-9]{1,8})?", fullmatch=True)
HOST = st.tuples(LABEL, st.sampled_from(["internal", "ns.svc", "ns.svc.cluster.local", "corp", "home.arpa"])).map(
    ".".join
)


@settings(max_examples=60, deadline=None)
@given(before=AROUND, after=AROUND, inner=st.one_of(PRIVATE, HOST))
def test_whatever_stands_around_it(before: str, after: str, inner: str) -> None:
    found = leaks(f"{before} {inner} {after}", Known())
    assert any(inner.lower() in each.lower() for each in found)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400), names=st.lists(st.text(min_size=1, max_size=12), max_size=3))
@example(text="a\nb", names=["a\nb"])
def test_no_text_and_no_name_breaks_it(text: str, names: list[str]) -> None:
    known = Known(tuple((name, "pod") for name in names), frozenset(names))
    assert all(isinstance(each, str) and "\n" not in each for each in leaks(text, known))
    assert len(leaks(text, known)) <= 13


@pytest.mark.parametrize("unit", ["a-", "a.", "1.", ":a", "@a", "a-bcdfg", "10.0.0.", "x@a."])
def test_a_long_text_takes_no_long_time(unit: str) -> None:
    """Forty thousand characters made to send a pattern back and forth; a quadratic one would not come to its end."""
    leaks(unit * (40_000 // len(unit)), KNOWN)
