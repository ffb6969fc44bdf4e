"""The post-mortem: within 48 hours where business hours allow it, never at night, as a file that calendars read."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident.calendar import USUAL, Calendar
from cockpit.message.mail.meeting import Invited, Meeting, invitation, slot, told

BERLIN = Calendar(ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("resolved", "begins", "late"),
    [
        ("2026-03-10 03:41", "2026-03-11 09:00", False),  # resolved in the night, held in the morning
        ("2026-03-10 14:10", "2026-03-11 14:30", False),
        ("2026-03-10 16:20", "2026-03-12 09:00", False),  # the meeting would not end before the day does
        ("2026-03-13 03:00", "2026-03-13 16:00", False),  # a Friday: the last hour before the weekend
        ("2026-03-13 15:00", "2026-03-16 09:00", True),
        ("2026-03-14 12:00", "2026-03-16 09:00", False),
    ],
)
def test_when_it_is_held(resolved: str, begins: str, late: bool) -> None:
    meeting = slot(datetime.fromisoformat(resolved).replace(tzinfo=UTC), USUAL)
    assert meeting == Meeting(
        datetime.fromisoformat(begins).replace(tzinfo=UTC),
        datetime.fromisoformat(begins).replace(tzinfo=UTC) + timedelta(hours=1),
        late,
    )


def test_it_is_told_in_both_times() -> None:
    meeting = slot(datetime(2026, 3, 10, 3, 41, tzinfo=UTC), BERLIN)
    assert told(meeting, BERLIN) == "2026-03-11 08:00–09:00 UTC (09:00–10:00 Europe/Berlin)"
    assert told(meeting, USUAL) == "2026-03-11 08:00–09:00 UTC"


CALENDARS = st.builds(
    Calendar,
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]).map(ZoneInfo),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from([time(0), time(7, 30), time(9), time(22)]),
    st.sampled_from([time(17), time(23, 59), None]),
).filter(lambda each: each.closes is None or each.closes > each.opens)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@settings(max_examples=80, deadline=None)
@given(resolved=MOMENTS, calendar=CALENDARS)
def test_it_is_within_business_hours_and_within_48_of_them_where_there_are_any(
    resolved: datetime, calendar: Calendar
) -> None:
    meeting = slot(resolved, calendar)
    begins, ends = meeting.begins.astimezone(calendar.zone), meeting.ends.astimezone(calendar.zone)
    assert begins.weekday() in calendar.days
    assert meeting.begins > resolved
    assert meeting.late == (meeting.begins > resolved + timedelta(hours=48))
    if calendar.closes and (datetime.combine(begins, calendar.closes) - datetime.combine(begins, calendar.opens)) > (
        timedelta(hours=2)
    ):
        opening = calendar.next_business_day(meeting.begins - timedelta(days=1))
        assert opening <= meeting.begins
        assert ends.date() == begins.date()
        assert meeting.ends <= calendar.closing(opening)


def read(text: str) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return event


MEETING = Meeting(datetime(2026, 3, 11, 9, tzinfo=UTC), datetime(2026, 3, 11, 10, tzinfo=UTC))


def test_the_file_is_what_calendars_read() -> None:
    people = [Invited("@alice", "incident commander", "alice@example.com"), Invited("@bob", "operations lead")]
    text = invitation(
        "0195", MEETING, "Post-mortem: INC-2026-001", "Agenda;\none, two", people,
        now=datetime(2026, 3, 10, 3, 41, tzinfo=UTC), organizer="cockpit@example.com",
    )  # fmt: skip
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "\r\nMETHOD:REQUEST\r\n" in text
    assert "\r\nDTSTART:20260311T090000Z\r\n" in text
    event = read(text)
    assert (event["uid"], event["summary"]) == ("post-mortem-0195@cockpit", "Post-mortem: INC-2026-001")
    assert event["description"] == "Agenda;\none, two"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (MEETING.begins, MEETING.ends)
    assert [str(each) for each in event["attendee"]] == ["mailto:alice@example.com", "invalid:nomail"]
    assert event["attendee"][1].params["CN"] == "@bob (operations lead)"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "RFC 5545, 3.1"


def test_a_later_one_moves_the_meeting() -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    first, second = (read(invitation("0195", MEETING, "t", "d", [], now=now, sequence=each)) for each in (0, 1))
    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (0, 1)
    assert "METHOD:PUBLISH" in invitation("0195", MEETING, "t", "d", [Invited("@bob")], now=now)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200), handle=st.text(max_size=30))
def test_no_text_adds_a_line_of_its_own(text: str, handle: str) -> None:
    hostile = f"{text}\r\nATTENDEE:mailto:eve@example.com\r\nEND:VEVENT{text}"
    written = invitation(
        "0195", MEETING, hostile, hostile, [Invited(handle or "@x", hostile)], now=MEETING.begins, organizer="a@b.org"
    )  # fmt: skip
    event = read(written)
    assert str(event["attendee"]) == "invalid:nomail"
    assert len(icalendar.Calendar.from_ical(written).walk("VEVENT")) == 1
