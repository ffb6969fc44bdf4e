"""Instants and durations as people type them, and as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?Z?")
_LONGEST = timedelta(days=3650)


class TimeError(ValueError):
    """What was typed is no time that can be meant; the message says what would be."""


def duration(text: str) -> timedelta:
    """Read `5m`, `2h`, `1h30m`, `90s`, `2d`.

    Raises:
        TimeError: it is not of that form, or longer than ten years.
    """
    if not _DURATION.fullmatch(text):
        raise TimeError(f"'{text}' is no duration; write it like 5m, 2h or 1h30m")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > _LONGEST.total_seconds():
        raise TimeError(f"'{text}' is longer than ten years; write it like 5m, 2h or 1h30m")
    return timedelta(seconds=seconds)


def when(text: str, now: datetime) -> datetime:
    """Read when something happened: `-12m`, `03:41` (UTC, the latest that is not in the future) or an ISO time.

    An ISO time without a zone is UTC. `now` is aware.

    Raises:
        TimeError: it is none of these, or lies in the future.
    """
    text = text.strip()
    if text in ("now", ""):
        return now
    if text.startswith("-"):
        return now - duration(text[1:])
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        today = now.astimezone(UTC).replace(hour=hours, minute=minutes, second=seconds, microsecond=0)
        return today if today <= now else today - timedelta(days=1)
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise TimeError(f"'{text}' is no time; write -12m, 03:41 or 2026-01-31T03:41Z") from None
    if at > now:
        raise TimeError(f"{echo(at)} is in the future; an entry says what has happened")
    return at


def echo(at: datetime) -> str:
    """An instant in full, as what was understood is echoed: `2026-01-31 03:41:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def time_of_day(at: datetime) -> str:
    """The UTC time of day, `03:41:00`; the pane's title names the zone."""
    return at.astimezone(UTC).strftime("%H:%M:%S")


def span(seconds: float) -> str:
    """A clock's reading: `0:07`, `12:41`, `3:05:12`, `2d 4h`."""
    whole = int(abs(seconds))
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    if days:
        return f"{days}d {hours}h"
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def age(seconds: float) -> str:
    """An age in few characters, as kubectl has it: `40s`, `7m`, `3h`, `2d`."""
    whole = max(0, int(seconds))
    for limit, unit, size in ((120, "s", 1), (7200, "m", 60), (172800, "h", 3600)):
        if whole < limit:
            return f"{whole // size}{unit}"
    return f"{whole // 86400}d"


def lasting(seconds: float) -> str:
    """A duration in words for documents: `45 s`, `12 min`, `1 h 5 min`, `2 days 3 h`."""
    whole = int(abs(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min".replace(" 0 min", "")
    days = whole // 86400
    return f"{days} day{'s' if days > 1 else ''} {whole % 86400 // 3600} h".replace(" 0 h", "")
