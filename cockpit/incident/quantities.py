"""Values with their units, as people read them: `12.4 %`, `450 ms`, `612/min`, `unknown`."""

from __future__ import annotations

import math
import re

from cockpit.incident.times import lasting

UNKNOWN = "unknown"

_SUFFIX = {"percent": " %", "per-minute": "/min", "count": "", "ratio": "", "": ""}
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB")
_BOUND = re.compile(r"\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*(.*)")
_WORDS = {">": "over", ">=": "at or over", "<": "under", "<=": "at or under"}


def quantity(value: float | None, unit: str) -> str:
    """A reading with its unit.

    Args:
        value: in `unit`; None, NaN and the infinities are unknown.
        unit: percent, seconds, milliseconds, count, per-minute, bytes or ratio; another word is put behind the number.
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if unit in ("seconds", "milliseconds"):
        return _duration(value if unit == "seconds" else value / 1000)
    if unit == "bytes":
        return _bytes(value)
    return f"{_number(value)}{_SUFFIX.get(unit, f' {unit}')}"


def bound(text: str, unit: str) -> str:
    """A threshold's alarming side in words: `> 5` in percent is `over 5 %`; what is no comparison stays as it is."""
    found = _BOUND.fullmatch(text)
    if found is None:
        return text
    comparison, number, rest = found.groups()
    return f"{_WORDS[comparison]} {f'{number} {rest}' if rest else quantity(float(number), unit)}"


def beside(value: float, text: str, unit: str) -> str:
    """A reading beside the bound that it crossed: `12.4 % over 5 %`; `just over 3` where both would read the same."""
    found, said = _BOUND.fullmatch(text), quantity(value, unit)
    same = found is not None and not found[3] and found[1] in "<>" and said == quantity(float(found[2]), unit)
    return f"just {bound(text, unit)}" if same else f"{said} {bound(text, unit)}"


def took(seconds: float) -> str:
    """How long something took: `400 ms`, `9.6 s`, from a minute on `12 min` and `1 h 5 min`."""
    return quantity(seconds, "seconds") if seconds < 60 else lasting(seconds)


def _number(value: float) -> str:
    """One decimal where it says something, two significant digits below 1, none from 100 on."""
    text = f"{value:.{_places(abs(value))}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _places(size: float) -> int:
    if size == 0 or size >= 100:
        return 0
    return 1 if size >= 1 else min(6, 1 - math.floor(math.log10(size)))


def _duration(seconds: float) -> str:
    """Milliseconds below one second, minutes from ten of them on, hours from two on, else seconds."""
    if abs(seconds) >= 7200:
        return f"{_number(seconds / 3600)} h"
    if abs(seconds) >= 600:
        return f"{_number(seconds / 60)} min"
    if abs(seconds) >= 0.9995 or seconds == 0:
        return f"{_number(seconds)} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if abs(milliseconds) >= 10 else f"{_number(milliseconds)} ms"


def _bytes(value: float) -> str:
    """In the largest binary unit of which there is at least one."""
    size, index = value, 0
    while abs(size) >= 1023.5 and index < len(_BYTES) - 1:
        size, index = size / 1024, index + 1
    return f"{_number(size)} {_BYTES[index]}"
