"""The calendar section: when people work."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from cockpit.config.values import Strict

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("zone", "is no time zone; write one like UTC or Europe/Berlin") from None
    return value


def _days(value: Any) -> Any:
    """`mon-fri`, `mon, wed, fri`, `fri-mon` (over the week's end), as numbers from 0, Monday."""
    if isinstance(value, frozenset):
        return value
    found: set[int] = set()
    for part in str(value).split(","):
        first, dash, last = part.strip().partition("-")
        if first not in _DAYS or (last if dash else first) not in _DAYS:
            raise PydanticCustomError("days", "are no days; write them like mon-fri or mon, wed, fri")
        start = _DAYS.index(first)
        found |= {(start + ahead) % 7 for ahead in range((_DAYS.index(last or first) - start) % 7 + 1)}
    return frozenset(found)


def _hours(value: Any) -> Any:
    """`09:00-17:00` as the two times; `24:00` is None."""
    if isinstance(value, tuple):
        return value
    read = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if read is None:
        raise PydanticCustomError("hours", 'are no hours; write them in quotes like "09:00-17:00"')
    opens = time(int(read[1]), int(read[2]))
    closes = time(int(read[3]), int(read[4])) if read[3] else None
    if closes is not None and closes <= opens:
        raise PydanticCustomError("hours", "end before they begin; a day's hours lie between 00:00 and 24:00")
    return opens, closes


class CalendarConfig(Strict):
    """When people work. A business day lasts for `hours` of the zone's own time; None at their end is midnight."""

    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    days: Annotated[frozenset[int], BeforeValidator(_days)] = frozenset(range(5))
    hours: Annotated[tuple[time, time | None], BeforeValidator(_hours)] = (time(9), time(17))
