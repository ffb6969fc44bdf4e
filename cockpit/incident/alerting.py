"""An alert as the record has it: since when it fires, how often it did, and whether it fires still."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.fact import Fact

ONE_START = timedelta(seconds=1)
"""Two starts that are no farther apart are one: the Alertmanager's API cuts at milliseconds, its webhook does not."""
AHEAD = timedelta(minutes=1)
"""So far the clock of who tells of an alert may be ahead. A start that is farther in the future is none: it would make
everything known that fires until then."""
WORTH = timedelta(hours=24)
"""For so long after it was recorded an alert proposes an incident, unless it is resolved before."""
HUSHED = ("none", "info", "informational", "debug")
"""Severities of alerts that nobody declares an incident for."""


class Standing(Struct, frozen=True):
    """One alert, by the entries that speak of it.

    Attributes:
        name: of its rule; `summary` is what it says, `severity` the word of its label, `link` where it can be seen.
        started: when it began to fire, as the monitoring system says; None where it does not say.
        fact: when and by which entry it was detected; of one that flaps, the last time.
        recorded: when that entry was written.
        fired: when it fired within the record, each time.
        ended: when it was last said to fire no more, and by which entry; None where it never was.
    """

    fingerprint: str
    name: str
    origin: str
    started: datetime | None
    fact: Fact
    recorded: datetime
    fired: tuple[datetime, ...]
    times: int = 1
    """How often it has fired, where it flaps."""
    summary: str = ""
    severity: str = ""
    link: str = ""
    ended: Fact | None = None
    fires: bool = True

    def began(self, started: datetime | None) -> bool:
        """Whether an alert of this fingerprint that began at `started` is this one, or an earlier one."""
        known = self.started
        if started is None or known is None or known > self.recorded + AHEAD:
            return self.fires
        return started <= known + ONE_START

    def is_recent(self, now: datetime) -> bool:
        """Whether it fires and was written down within a day."""
        return self.fires and now - self.recorded <= WORTH

    def is_loud(self, now: datetime) -> bool:
        """Whether it speaks for an incident at `now`: it fires, was written down within a day, and is no notice."""
        return self.is_recent(now) and self.severity.lower() not in HUSHED
