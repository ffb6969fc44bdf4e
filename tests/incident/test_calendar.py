"""The business calendar: the next business day, over nights, weekends and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config import CalendarConfig
from cockpit.incident.calendar import USUAL, Calendar

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "opening", "closing"),
    [
        ("2026-03-13 14:00", "2026-03-16 09:00", "2026-03-16 17:00"),  # a Friday
        ("2026-03-14 02:00", "2026-03-16 09:00", "2026-03-16 17:00"),
        ("2026-03-16 03:00", "2026-03-16 09:00", "2026-03-16 17:00"),  # in the night before a working day
        ("2026-03-16 09:00", "2026-03-17 09:00", "2026-03-17 17:00"),
        ("2026-03-16 16:59", "2026-03-17 09:00", "2026-03-17 17:00"),
    ],
)
def test_the_next_business_day_begins_with_the_next_opening(at: str, opening: str, closing: str) -> None:
    found = USUAL.next_business_day(utc(at))
    assert found == utc(opening)
    assert USUAL.closing(found) == utc(closing)


def test_it_is_the_zones_own_morning_on_both_sides_of_a_change_of_the_clock() -> None:
    berlin = Calendar(zone=BERLIN)
    assert berlin.next_business_day(utc("2026-03-27 12:00")) == utc("2026-03-30 07:00")  # summer time began on Sunday
    assert berlin.next_business_day(utc("2026-10-23 12:00")) == utc("2026-10-26 08:00")  # and ended


def test_an_opening_in_the_hour_that_is_skipped_or_comes_twice() -> None:
    nights = Calendar(BERLIN, frozenset({6}), time(2, 30), None)
    opening = nights.next_business_day(utc("2026-03-28 12:00"))
    assert opening == utc("2026-03-29 01:30")
    assert nights.closing(opening) == utc("2026-03-29 22:00")
    assert nights.next_business_day(utc("2026-10-24 12:00")) == utc("2026-10-25 00:30"), "the first of the two"
    assert nights.next_business_day(utc("2026-10-25 00:45")) == utc("2026-11-01 01:30"), "and the second is none"


def test_a_calendar_is_the_configurations_or_the_usual_one() -> None:
    assert Calendar.of(None) == USUAL
    given = CalendarConfig.model_validate({"timezone": "Europe/Berlin", "days": "sun-thu", "hours": "08:00-24:00"})
    assert Calendar.of(given) == Calendar(BERLIN, frozenset({6, 0, 1, 2, 3}), time(8), None)


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Tokyo"]
)
CALENDARS = st.builds(
    Calendar,
    ZONES.map(ZoneInfo),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.none(),
)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


@given(CALENDARS, INSTANTS)
def test_it_is_always_later_on_a_working_day_and_none_lies_between(calendar: Calendar, at: datetime) -> None:
    opening = calendar.next_business_day(at)
    assert opening.tzinfo is UTC
    assert at < opening <= at + timedelta(days=9)
    assert opening.astimezone(calendar.zone).weekday() in calendar.days
    assert calendar.closing(opening) > opening
    between = at + (opening - at) / 2
    assert calendar.next_business_day(between) == opening
    assert calendar.next_business_day(opening) > opening


@given(CALENDARS, INSTANTS)
def test_it_is_at_the_opening_hour_unless_the_clock_skips_that(calendar: Calendar, at: datetime) -> None:
    local = calendar.next_business_day(at).astimezone(calendar.zone)
    wanted = datetime.combine(local.date(), calendar.opens, calendar.zone)
    skipped = wanted.astimezone(UTC).astimezone(calendar.zone).time() != calendar.opens
    assert local.time() == calendar.opens or skipped
