"""The business calendar: when people work, and so what "next business day" means."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from cockpit.config import CalendarConfig


class Calendar(Struct, frozen=True):
    """Working days and hours in one time zone.

    `days` counts from 0, Monday. A day opens at `opens` of the zone's own time and closes at `closes`; None is midnight
    at its end.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    days: frozenset[int] = frozenset(range(5))
    opens: time = time(9)
    closes: time | None = time(17)

    @classmethod
    def of(cls, given: CalendarConfig | None) -> Calendar:
        """The calendar that a configuration gives; without one Monday to Friday, 09:00-17:00 UTC."""
        if given is None:
            return cls()
        opens, closes = given.hours
        return cls(ZoneInfo(given.timezone), given.days, opens, closes)

    def next_business_day(self, at: datetime) -> datetime:
        """When the next business day begins: the first opening after `at`, which is aware; given in UTC.

        In the night before a working day that is the same morning: people who come at nine find it then. An opening
        that the clock's change to summer time skips is as long after midnight as it would have been without.
        """
        local = at.astimezone(self.zone).date()
        days = (local + timedelta(days=ahead) for ahead in range(9))
        openings = (self._instant(day, self.opens) for day in days if day.weekday() in self.days)
        return next(opening for opening in openings if opening > at)

    def closing(self, opening: datetime) -> datetime:
        """When the business day that began at `opening` ends, in UTC."""
        day = opening.astimezone(self.zone).date()
        if self.closes is None:
            return self._instant(day + timedelta(days=1), time(0))
        return self._instant(day, self.closes)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


USUAL = Calendar()
"""Monday to Friday, 09:00-17:00 UTC: the calendar of who has configured none."""
