"""The post-mortem's invitation: when it is held, and the calendar file (RFC 5545) that puts it into calendars."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from cockpit.incident.calendar import Calendar
from cockpit.incident.kinds import Message
from cockpit.text import safe

__all__ = ["LASTS", "Invited", "Meeting", "calendar_of", "invitation", "options_of", "slot", "told"]

EARLIEST, LATEST = timedelta(hours=24), timedelta(hours=48)
"""After the resolution: "Within 24-48 hours of incident resolution" (production-incident-response-plan.md:543), "within
48 hours" (order-service-playbook.md:183)."""
NOTICE = timedelta(hours=4)
"""The least between the resolution and the meeting where only an earlier one is within 48 hours: before a weekend."""
LASTS = timedelta(minutes=60)
"""The plan's longest (production-incident-response-plan.md:545)."""
_STEP = timedelta(minutes=30)
_DAYS = 30
"""Business days that are looked at; a week has at least one."""


class Meeting(Struct, frozen=True):
    """When it is held, in UTC. `late`: no business hour was free of the night within 48 hours."""

    begins: datetime
    ends: datetime
    late: bool = False


class Invited(Struct, frozen=True):
    """Somebody who is to come. `what` is what they were to the incident; `address` an e-mail address where known."""

    handle: str
    what: str = ""
    address: str = ""


def slot(resolved: datetime, calendar: Calendar, *, lasts: timedelta = LASTS) -> Meeting:
    """The time for a post-mortem: whole within business hours, at an hour or half past it after they open.

    The first such time between 24 and 48 hours after `resolved`, which is aware; else the last one before that which
    leaves NOTICE; else the first one after, which is late.
    """
    starts = list(_starts(resolved, calendar, lasts))
    inside = [at for at in starts if resolved + EARLIEST <= at <= resolved + LATEST]
    sooner = [at for at in starts if resolved + NOTICE <= at < resolved + EARLIEST]
    after = [at for at in starts if at > resolved + LATEST]
    begins = next(iter(inside or sooner[-1:] or after), None)
    if begins is None:  # no business day is as long as the meeting: it takes one from its opening on
        begins = calendar.next_business_day(resolved + EARLIEST)
    return Meeting(begins, begins + lasts, late=begins > resolved + LATEST)


def _starts(resolved: datetime, calendar: Calendar, lasts: timedelta) -> Iterator[datetime]:
    opening = calendar.next_business_day(resolved - timedelta(days=1))
    for _ in range(_DAYS):
        closing, at = calendar.closing(opening), opening
        while at + lasts <= closing:
            yield at
            at += _STEP
        opening = calendar.next_business_day(opening)


def told(meeting: Meeting, calendar: Calendar) -> str:
    """`2026-03-16 09:00–10:00 UTC (10:00–11:00 Europe/Berlin)`."""
    begins, ends = meeting.begins.astimezone(UTC), meeting.ends.astimezone(UTC)
    text = f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M} UTC"
    if calendar.zone.key == "UTC":
        return text
    first, last = begins.astimezone(calendar.zone), ends.astimezone(calendar.zone)
    day = "" if first.date() == begins.date() else f"{first:%Y-%m-%d} "
    return f"{text} ({day}{first:%H:%M}–{last:%H:%M} {calendar.zone.key})"


def options_of(incident: str, meeting: Meeting, invited: Sequence[Invited], sequence: int) -> dict[str, str]:
    """What a message with deed `meeting` carries besides its words, from which `calendar_of` makes the file.

    The file itself is no part of it: it repeats the message's words, and a redaction has to find them in one place.
    """
    people = [[each.handle, each.what, each.address] for each in invited]
    return {
        "incident": incident,
        "begins": meeting.begins.isoformat(),
        "ends": meeting.ends.isoformat(),
        "invited": json.dumps(people, ensure_ascii=False),
        "sequence": str(sequence),
    }


def calendar_of(message: Message, *, now: datetime, organizer: str = "") -> str:
    """The .ics of a message with deed `meeting`; see `invitation`. Raises ValueError where it does not say when."""
    said = message.options
    try:
        begins, ends = (datetime.fromisoformat(said[name]) for name in ("begins", "ends"))
        people = [Invited(*map(str, each)) for each in json.loads(said.get("invited") or "[]")]
        sequence = int(said.get("sequence") or 0)
    except (KeyError, TypeError) as error:
        raise ValueError("the meeting does not say when it is") from error
    meeting = Meeting(begins, ends)
    words = (message.title, message.text)
    uid = said.get("incident") or message.message
    return invitation(uid, meeting, *words, people, now=now, organizer=organizer, sequence=sequence)


def invitation(
    incident: str, meeting: Meeting, summary: str, description: str, invited: Sequence[Invited], *,
    now: datetime, organizer: str = "", sequence: int = 0,
) -> str:  # fmt: skip
    """The .ics as calendars read it, lines ended by CRLF: one event, to be accepted (METHOD:REQUEST).

    Its UID is the incident's own, so that a later one with a higher `sequence` moves the meeting and makes no second.
    Times are UTC, which needs no rules of a time zone. Who has no address known here is an attendee all the same, with
    `invalid:nomail` in its place, as calendars without an address write it.

    Args:
        now: when it is written.
        organizer: whose e-mail address answers go to; empty: nobody's, and the event is only published.
    """
    from icalendar import Calendar as File  # a tenth of a second, for one moment of an incident
    from icalendar import Event

    file, event = File(), Event()
    file.add("prodid", "-//cockpit//incident cockpit//EN")
    file.add("version", "2.0")
    file.add("method", "REQUEST" if organizer else "PUBLISH")  # RFC 5546, 3.2.2: a request has an organizer
    event.add("uid", f"post-mortem-{incident}@cockpit")
    event.add("sequence", sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", meeting.begins.astimezone(UTC))
    event.add("dtend", meeting.ends.astimezone(UTC))
    event.add("summary", safe(summary))
    event.add("description", safe(description, keep_newlines=True))
    event.add("status", "CONFIRMED")
    if organizer:
        event.add("organizer", f"mailto:{organizer}")
        for each in invited:
            event.add("attendee", f"mailto:{each.address}" if each.address else "invalid:nomail", _about(each))
    file.add_component(event)
    return str(file.to_ical().decode())


def _about(each: Invited) -> dict[str, str]:
    return {
        "CN": safe(f"{each.handle} ({each.what})" if each.what else each.handle),
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }
