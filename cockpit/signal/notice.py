"""What a monitoring system says of one alert at one time, whichever way it comes: polled, or by a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct, field

from cockpit.signal.alertmanager.firing import Alert

NoticeState = Literal["firing", "renotified", "resolved"]
"""It fires; it is said again that it does, which is news only to who missed it; it fires no more."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""What is before is no time: Go writes none as the year 1."""
DEAD_MAN = "none"
"""The severity of an alert that fires as long as all is well: of `Watchdog`, which only its silence would betray."""


class Notice(Struct, frozen=True):
    """One alert, as it was told. All text is cleaned and redacted.

    Attributes:
        fingerprint: by which the monitoring system knows it again.
        name: of its rule; `summary` what that says, `severity` the word of its label.
        started: when it began to fire; None where that was not said. `ended`: when it ceased to.
        service: what it says that it is about, in its own words; `labels` all that it says so.
        link: where it can be looked at.
    """

    fingerprint: str
    name: str
    state: NoticeState = "firing"
    started: datetime | None = None
    ended: datetime | None = None
    summary: str = ""
    severity: str = ""
    service: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


def notice_of(alert: Alert) -> Notice:
    """A polled alert that fires as a notice."""
    started = alert.since if alert.since >= EARLIEST else None
    return Notice(
        alert.id, alert.name, "firing", started, None, alert.summary, alert.severity, "", alert.labels, alert.link
    )
