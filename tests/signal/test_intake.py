"""Deliveries read by mappings: recorded ones, documented ones, hostile ones, and mappings that users write."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config import SHIPPED_MAPPINGS, ConfigError
from cockpit.signal.intake import IntakeError, Mapping, decode, delivery, load_mapping, shipped_mapping
from cockpit.signal.notice import Notice
from cockpit.values import replace

FIRING = {
    "status": "firing", "labels": {"alertname": "HighLatency", "service": "shop"}, "startsAt": "2026-11-21T00:54:57Z",
    "fingerprint": "ac24efa8db5aac9d",
}  # fmt: skip


def read(name: str, body: Any) -> list[Notice]:
    return delivery(shipped_mapping(name), body).notices


def test_recorded_deliveries_of_an_alertmanager_are_read(shared: Path) -> None:
    deliveries = json.loads((shared / "prometheus-recordings" / "40-am-webhook-deliveries.json").read_text())
    high, over, crash = (read("alertmanager", each["body"])[0] for each in deliveries)
    began = datetime(2026, 11, 21, 0, 54, 57, 293000, UTC)
    assert (high.name, high.state, high.started, high.ended) == ("PaymentErrorRateHigh", "firing", began, None)
    assert (high.fingerprint, high.severity, high.service) == ("ac24efa8db5aac9d", "critical", "payment-service")
    assert (high.summary, high.link[:22]) == ("error rate 10.42%", "http://vm:19090/graph?")
    assert (over.fingerprint, over.state, over.started) == (high.fingerprint, "resolved", began)
    assert over.ended == datetime(2026, 11, 21, 0, 55, 23, 293000, UTC)
    assert crash.started == datetime(2026, 11, 21, 0, 56, 15, 946654, UTC), "nanoseconds"
    assert crash.link == "http://vm:19093", "an empty generatorURL leads nowhere; the Alertmanager's own address does"


def test_pagerduty_tells_states_by_events() -> None:
    def event(kind: str, **data: Any) -> Any:
        return {"event": {"event_type": kind, "occurred_at": "2026-05-20T14:00:00.000Z", "data": data}}

    told = {"id": "PT4KHLK", "title": "The server burns", "priority": {"summary": "P1"}, "service": {"summary": "Mail"}}
    (fired,) = read("pagerduty", event("incident.triggered", **told))
    assert (fired.fingerprint, fired.name, fired.state) == ("PT4KHLK", "The server burns", "firing")
    assert (fired.severity, fired.service) == ("P1", "Mail")
    assert read("pagerduty", event("incident.acknowledged", **told))[0].state == "renotified"
    assert read("pagerduty", event("incident.resolved", **told))[0].ended == datetime(2026, 5, 20, 14, tzinfo=UTC)
    assert read("pagerduty", event("pagey.ping", message="Hello")) == []


def test_datadog_tells_states_by_transitions() -> None:
    example = shipped_mapping("datadog").example
    states = ("Triggered", "Re-Triggered", "No Data", "Warn", "Recovered", "Null")
    told = [read("datadog", {**example, "transition": each}) for each in states]
    assert [each[0].state if each else "" for each in told] == [
        "firing", "renotified", "firing", "firing", "resolved", "",
    ]  # fmt: skip
    (fired,) = told[0]
    assert (fired.started, fired.service) == (datetime(2026, 1, 1, tzinfo=UTC), "example-service")
    assert fired.name == "Example monitor", "without the state in brackets, which changes"


def test_what_an_alert_lacks_is_made_up_for() -> None:
    """No labels, no name, no fingerprint, no start: it is an alert all the same, and the same one each time."""
    bare = {"status": "firing"}
    (one,) = read("alertmanager", {"alerts": [bare]})
    assert (one.name, one.started, one.labels, len(one.fingerprint)) == ("(no name)", None, {}, 16)
    assert read("alertmanager", {"alerts": [bare]}) == [one]
    (other,) = read("alertmanager", {"alerts": [{**bare, "labels": {"pod": "a"}}]})
    assert other.fingerprint != one.fingerprint
    assert read("alertmanager", {"alerts": []}) == []


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "soon", "", None, 1e300, -5, {}, True, "9" * 400])
def test_what_is_no_time_is_none(start: Any) -> None:
    assert read("alertmanager", {"alerts": [{**FIRING, "startsAt": start}]})[0].started is None


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        (1767225600, datetime(2026, 1, 1, tzinfo=UTC)),
        ("1767225600000", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T01:00:00+01:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_every_way_that_senders_write_them(start: Any, instant: datetime) -> None:
    assert read("alertmanager", {"alerts": [{**FIRING, "startsAt": start}]})[0].started == instant


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "has no list `alerts`"),
        ({"alerts": {"a": 1}}, "has no list `alerts`"),
        ([], "has no list `alerts`"),
        ({"alerts": [7]}, "alert 1 is no JSON object"),
        ({"alerts": [{}]}, "alert 1 has no state at `status`"),
        ({"alerts": [{"status": "\x1b[2Jburning"}]}, "alert 1 has the state `burning`; the mapping knows firing"),
        ({"alerts": [FIRING] * 5001}, "has 5001 alerts, more than 5000"),
    ],
)
def test_what_is_no_delivery_says_what_is_wrong(body: Any, words: str) -> None:
    with pytest.raises(IntakeError, match=words.replace("[", r"\[")):
        read("alertmanager", body)


def test_an_alert_that_cannot_be_read_hides_no_other() -> None:
    good = {"status": "firing", "labels": {"alertname": "Down"}, "fingerprint": "a"}
    read = delivery(shipped_mapping("alertmanager"), {"alerts": [{"status": "odd"}, good, 5]})
    assert [each.name for each in read.notices] == ["Down"]
    assert read.unread[0].startswith("alert 1 has the state `odd`; the mapping knows firing")
    assert read.unread[1:] == ["alert 3 is no JSON object"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b'{"a": NaN}', "is no JSON"),
        (b"[" * 400_000, "nested"),
        (b"[" * 40 + b"]" * 40, "nested more than 32 deep"),
        (b"[" + b"0," * 150_000 + b"0]", "more than 100000 values"),
    ],
)
def test_json_is_bounded(body: bytes, words: str) -> None:
    with pytest.raises(IntakeError, match=words):
        decode(body)


def test_hostile_text_is_cleaned_and_secrets_are_masked() -> None:
    hostile = {
        **FIRING, "fingerprint": "\x1b[31m" + "x" * 500, "generatorURL": "javascript:alert(1)",
        "labels": {"alertname": "\x1b]0;evil\x07Name\u202e", "x\x1b": "password=hunter2"}
        | {f"l{n}": "v" for n in range(99)},
        "annotations": {"summary": "token: ghp_" + "a" * 36 + "\nnext" + "y" * 9000},
    }  # fmt: skip
    (one,) = read("alertmanager", {"alerts": [hostile]})
    said = repr(replace(one, labels=dict(one.labels)))
    assert not any(bad in said for bad in ("\\x1b", "\\u202e", "\\n", "hunter2", "ghp_", "javascript"))
    assert (len(one.labels), len(one.summary) <= 500, len(one.fingerprint)) == (64, True, 16)


LONG = ["-" * 900_000, {"a": [0] * 80_000}]


@pytest.mark.parametrize("long", LONG, ids=("text", "values"))
def test_what_all_alerts_of_a_delivery_share_is_not_read_over_and_over(long: Any) -> None:
    """What costs a tenth of a second once would cost minutes for every alert: no other delivery could be read."""
    found = read("grafana", {"alerts": [{"status": "firing"}] * 1000, "title": long, "orgId": long})
    assert {(len(each.summary), each.fingerprint) for each in found} == {
        (500 if isinstance(long, str) else 0, found[0].fingerprint)
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(["status", "labels", "annotations", "startsAt", "fingerprint", "event", "data", "event_type"])
ALERTS = st.lists(st.dictionaries(KEYS, JSON | st.sampled_from(["firing", "resolved"]), max_size=6), max_size=4)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(SHIPPED_MAPPINGS)), JSON | st.fixed_dictionaries({"alerts": ALERTS}))
def test_whatever_comes_is_read_or_refused_in_words(name: str, body: Any) -> None:
    try:
        found, refused = read(name, body), "is refused"
    except IntakeError as error:
        found, refused = [], str(error)
    assert refused.isprintable()
    assert all(each.fingerprint and each.name for each in found)


OWN = """\
title: Home-made
alerts: $.problems
fields:
  name: what
  state: is
  labels: tags
identity: [what, "tags[0]"]
states: {bad: firing, good: resolved}
example: {problems: []}
"""


def own(folder: Path, text: str) -> Mapping:
    path = folder / "own.yaml"
    path.write_text(text)
    return load_mapping(path)


@pytest.mark.parametrize("own", ["last", "$(reboot)", "a;b", "-x", "a|b", "`id`", "it's", "\u202efig"])
def test_a_fingerprint_that_means_something_to_a_command_is_told_by_its_hash(own: str) -> None:
    """`--from last` is the alert that was told last, and what is offered to be copied ends up in a shell."""
    (told,), (again,) = (read("alertmanager", {"alerts": [FIRING | {"fingerprint": own}]}) for _ in range(2))
    assert re.fullmatch("[0-9a-f]{16}", told.fingerprint)
    assert told.fingerprint == again.fingerprint


def test_a_users_mapping_is_read(tmp_path: Path) -> None:
    mapping = own(tmp_path, OWN)
    problem = {"what": "Disk is full", "is": "BAD", "tags": ["host:a", "env:prod", "nonsense"]}
    (one,) = delivery(mapping, {"problems": [problem]}).notices
    assert (one.name, one.state, dict(one.labels)) == ("Disk is full", "firing", {"env": "prod", "host": "a"})
    (same,) = delivery(mapping, {"problems": [{**problem, "is": "good", "tags": ["host:a"]}]}).notices
    assert (same.fingerprint, same.state) == (one.fingerprint, "resolved")


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("  name: what\n", "", ":3: `name` is missing in `fields`; add it"),
        ("  name: what", "  nam: what", ":4: unknown key `nam`; did you mean `name`?"),
        ("  name: what", "  name: a..b", ":4: `fields.name` is no path; write it like labels.alertname"),
        ("bad: firing", "bad: burning", ":8: `states.bad` must be 'firing', 'renotified', 'resolved' or 'ignored'"),
        ("bad: firing, ", "", ":8: `states` has no state that means firing"),
        ("title: Home-made", "title: [", "own.yaml:"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_with_its_line(tmp_path: Path, was: str, becomes: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        own(tmp_path, OWN.replace(was, becomes))
    assert message in str(refused.value)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory; check `file` under `intake`"):
        load_mapping(tmp_path / "nowhere.yaml")
