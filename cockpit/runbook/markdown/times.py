"""Times in words: `15 min`, `1-2 hours`, `within 24 hours`, `a week`, `immediately`, `next business day`."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNITS = {
    "ms": 0.001, "msec": 0.001, "msecs": 0.001, "millisecond": 0.001, "milliseconds": 0.001,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0, "week": 604800.0, "weeks": 604800.0, "w": 604800.0,
    "month": 2592000.0, "months": 2592000.0,
}  # fmt: skip
"""Seconds of each unit; a month is thirty days."""
UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
NUMBER = r"\d{1,6}(?:\.\d{1,4})?"
_WORD_NUMBERS = {"a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "ten": "10"}
_SPAN = re.compile(
    rf"(?i)(?<![\w.])(?P<lower>{NUMBER})\s*(?:(?P<own>{UNIT})(?=\s*(?:-|–|—|to)\s*\d))?\s*"
    rf"(?:(?P<open>\+)|(?:-|–|—|to|until)\s*(?P<upper>{NUMBER}))?"
    rf"\s*-?(?P<unit>{UNIT})(?![\w])"
)
_IN_WORDS = re.compile(rf"(?i)\b(?P<number>{'|'.join(_WORD_NUMBERS)}) (?=(?:{UNIT})\b)")


@dataclass(frozen=True, slots=True)
class Span:
    """A time, or from one to another.

    Attributes:
        lower: seconds; `upper` is the same for a single time, None for an open one (`4+ hours`).
        start: where it stands in the text that was searched; `end` is behind it.
    """

    lower: float
    upper: float | None
    start: int
    end: int

    @property
    def single(self) -> bool:
        """Whether it is one time."""
        return self.lower == self.upper


def spans(text: str) -> list[Span]:
    """All times of a text in their order. A number without a unit of time is none."""
    spelled = _IN_WORDS.sub(lambda found: _WORD_NUMBERS[found["number"].lower()].ljust(len(found[0])), text)
    found = []
    for match in _SPAN.finditer(spelled):
        unit = UNITS[match["unit"].lower()]
        lower = float(match["lower"]) * (UNITS[match["own"].lower()] if match["own"] else unit)
        upper = None if match["open"] else float(match["upper"] or match["lower"]) * unit
        if upper is not None and upper < lower:
            lower, upper = upper, lower
        found.append(Span(lower, upper, match.start(), match.end()))
    return found


def written(seconds: float) -> str:
    """Seconds as configuration writes them: `90s`, `15m`, `2h`, `3d`."""
    for size, letter in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0 and (letter != "d" or seconds > 86400):
            return f"{int(seconds // size)}{letter}"
    return f"{seconds:g}s"
