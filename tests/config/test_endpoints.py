"""The endpoints of a service in the configuration: what is taken, and how what cannot be meant is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config import ConfigError, EndpointConfig, Secret, load
from cockpit.config.jsonpath import segments, value_at

BASE = """\
kubernetes:
  prod: {context: prod-eu}
services:
  shop:
    kubernetes: {cluster: prod, namespace: production, selector: app=shop}
    endpoints:
      one: ENDPOINT
"""


def loaded(folder: Path, endpoint: str, base: str = BASE) -> EndpointConfig:
    path = folder / "cockpit.yaml"
    path.write_text(base.replace("ENDPOINT", endpoint), encoding="utf-8")
    return load(path).services["shop"].endpoints["one"]


def test_what_is_not_said_is_the_usual(tmp_path: Path) -> None:
    one = loaded(tmp_path, "{http: 'http://shop:3006/health'}")
    assert (one.via, one.method, one.expect, one.timeout, one.every, one.failures) == (
        "direct", "GET", ((200, 299),), 5.0, 15.0, 2,
    )  # fmt: skip
    assert loaded(tmp_path, "{statuspage: 'https://status.gateway.example'}").every == 60


def test_everything_can_be_said(tmp_path: Path) -> None:
    one = loaded(
        tmp_path,
        "{http: 'https://shop/health', headers: {Authorization: {env: TOKEN}, Accept: application/json},"
        " expect: [200, '203-204'], body: {contains: ok}, json: {path: '$.checks[0].up', equals: true},"
        " redirects: true, ca: ./ca.pem, interval: 5s, timeout: 2s, warning: 0.5s, failures: 3}",
    )
    assert (one.expect, one.ca, one.warning, one.failures) == (((200, 200), (203, 204)), tmp_path / "ca.pem", 0.5, 3)
    assert isinstance(one.headers["Authorization"], Secret)
    assert one.headers["Accept"] == "application/json"
    assert one.json_ is not None
    assert one.json_.equals is True


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("{}", "`services.shop.endpoints.one` needs exactly one of http, tcp and statuspage"),
        ("{http: 'http://a', tcp: 'a:1'}", "needs exactly one of"),
        ("{http: 'ftp://a'}", "is no URL"),
        ("{http: 'http://me:hunter2@a'}", "must not hold a password"),
        ("{tcp: redis}", "is no address; write HOST:PORT"),
        ("{tcp: 'redis:70000'}", "is no address"),
        ("{tcp: 'a;rm -rf:1'}", "is no address"),
        ("{tcp: 'redis:6379', via: service-proxy}", "cannot be connected to through the API server"),
        ("{tcp: 'redis:6379', speaks: mysql}", "must be 'redis', 'amqp' or 'postgresql'"),
        ("{tcp: 'redis:6379', expect: 200}", "has `expect`, which belongs to `http` and not `tcp`"),
        ("{http: 'http://a', speaks: redis}", "has `speaks`, which belongs to `tcp` and not `http`"),
        ("{http: 'http://a', expect: 99}", "is no HTTP status"),
        ("{http: 'http://a', expect: '299-200'}", "is no HTTP status"),
        ("{http: 'http://a', expect: true}", "is no HTTP status"),
        ("{http: 'http://a', headers: {Authorization: hunter2}}", "must not hold the secret itself"),
        ("{http: 'http://a', headers: {X-Api-Key: {literal: hunter2}}}", "unknown key `literal`"),
        ('{http: "http://a", headers: {"a b": c}}', "has a character that such a name cannot have"),
        ('{http: "http://a", headers: {Accept: "a\\r\\nHost: b"}}', "has a character that"),
        ("{http: 'http://a', via: service-proxy, headers: {Accept: a}}", "the API server does not hand on"),
        ("{http: 'http://a', via: pod, headers: {Token: {env: A}}}", "would show the secret of Token"),
        ("{http: 'http://a', via: pod, ca: ./a}", "only `via: direct` can follow"),
        ("{http: 'http://a', method: POST}", "must be 'GET' or 'HEAD'"),
        ("{http: 'http://a', method: HEAD, body: {contains: ok}}", "has no body; use GET"),
        ("{http: 'http://a', json: {path: status, equals: ok}}", "is no path into JSON"),
        ("{http: 'http://a', json: {path: $.status}}", "`equals` is missing"),
        ("{http: 'http://a', tiemout: 3s}", "unknown key `tiemout`; did you mean `timeout`?"),
        ("{http: 'http://a', failures: 0}", "failures"),
        ("{statuspage: 'https://a', via: pod}", "is a public page"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, endpoint: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, endpoint)
    message = str(refused.value)
    assert ":7: " in message
    assert said in message
    assert "hunter2" not in message


def test_what_goes_through_a_cluster_needs_one(tmp_path: Path) -> None:
    base = "services:\n  shop:\n    endpoints:\n      one: ENDPOINT\n"
    with pytest.raises(ConfigError, match=r":4: `via: pod` needs a cluster; add `kubernetes:`"):
        loaded(tmp_path, "{tcp: 'redis:6379', via: pod}", base)


DOCUMENT = {"status": "ok", "checks": [{"name": "db", "disk space": {"up": True}}], "0": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DOCUMENT),
        ("$.status", "ok"),
        ("$.checks[0].name", "db"),
        ("$.checks[0]['disk space'].up", True),
        ('$["0"]', None),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object) -> None:
    assert value_at(DOCUMENT, path) == value


@pytest.mark.parametrize("path", ["$.nothing", "$.checks[1]", "$.checks.name", "$.status[0]", "$.status.x", "$[0]"])
def test_where_there_is_nothing_it_says_so(path: str) -> None:
    with pytest.raises(LookupError):
        value_at(DOCUMENT, path)


@given(st.text(max_size=40))
def test_any_text_is_a_path_or_none(text: str) -> None:
    try:
        parts = segments(text)
    except ValueError:
        return
    assert text.startswith("$")
    assert all(part == "" or str(part) in text or isinstance(part, int) for part in parts)
