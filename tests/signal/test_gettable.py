"""Alerts that an Alertmanager lists, and those of which something is missing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from cockpit.signal.alertmanager.gettable import NO_TIME, alerts_of
from cockpit.signal.alertmanager.source import alert_of
from cockpit.signal.notice import notice_of

GOOD = {
    "fingerprint": "good", "labels": {"alertname": "Down"}, "annotations": {}, "startsAt": "2026-11-22T00:00:00Z",
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
}  # fmt: skip


def listed(*alerts: Any) -> bytes:
    return json.dumps(alerts).encode()


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, "fingerprint": "odd"}.items() if name not in names} | more


@pytest.mark.parametrize(
    ("odd", "name", "state"),
    [
        (without("labels"), "(no alertname)", "active"),
        (without(labels=None), "(no alertname)", "active"),
        (without(labels={"alertname": 5}), "5", "active"),
        (without(annotations=None), "Down", "active"),
        (without(annotations=[1], generatorURL=7), "Down", "active"),
        (without(status=None), "Down", "unprocessed"),
        (without(status={"state": "suppressed", "silencedBy": None, "inhibitedBy": ["x"]}), "Down", "inhibited"),
    ],
)
def test_an_alert_that_lacks_a_part_is_listed_and_hides_no_other(odd: Any, name: str, state: str) -> None:
    shown = [alert_of(each) for each in alerts_of(listed(GOOD, odd))]
    assert [(each.id, each.name, each.state) for each in shown] == [("good", "Down", "active"), ("odd", name, state)]


@pytest.mark.parametrize("start", [None, "", "yesterday", 5, "2026-11-22T00:00:00"])
def test_a_start_that_is_none_is_written_as_go_writes_it(start: Any) -> None:
    assert [each.startsAt for each in alerts_of(listed(without(startsAt=start), without("startsAt")))] == [NO_TIME] * 2


def test_an_alert_without_a_start_began_at_no_known_time() -> None:
    [told] = alerts_of(listed(without("startsAt")))
    assert notice_of(alert_of(told)).started is None
    assert notice_of(alert_of(alerts_of(listed(GOOD))[0])).started == datetime(2026, 11, 22, tzinfo=UTC)


def test_what_a_time_interval_mutes_is_not_active() -> None:
    muted = without(status={"state": "suppressed", "silencedBy": [], "inhibitedBy": [], "mutedBy": ["weekend"]})
    assert alert_of(alerts_of(listed(muted))[0]).state == "muted"


@pytest.mark.parametrize("body", [b"{}", b"[1]", listed(GOOD, without("fingerprint")), b"[{]", b"null"])
def test_what_is_no_list_of_alerts_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        alerts_of(body)
