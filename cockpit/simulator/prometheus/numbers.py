"""Numbers, times and durations as Prometheus reads and prints them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import Decimal

_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)


def milliseconds(text: str) -> int:
    """A duration such as `5m`, `1h30m` or `500ms` in milliseconds.

    Raises:
        ValueError: it is none, or has its units in the wrong order.
    """
    found = DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f'not a valid duration string: "{text}"')
    return sum(int(count or 0) * unit for count, unit in zip(found.groups(), _UNITS.values(), strict=True))


def instant(text: str) -> int:
    """A moment given as Unix seconds or in RFC 3339, in milliseconds since 1970.

    Raises:
        ValueError: it is neither.
    """
    if (plain := _seconds(text)) is not None:
        return plain
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'cannot parse "{text}" to a valid timestamp') from None
    if moment.tzinfo is None:
        raise ValueError(f'cannot parse "{text}" to a valid timestamp')
    return round(moment.astimezone(UTC).timestamp() * 1000)


def span(text: str) -> int:
    """A duration given as seconds or with units (`15`, `0.5`, `1m`), in milliseconds.

    Raises:
        ValueError: it is neither.
    """
    if (plain := _seconds(text)) is not None:
        return plain
    try:
        return milliseconds(text)
    except ValueError:
        raise ValueError(f'cannot parse "{text}" to a valid duration') from None


def _seconds(text: str) -> int | None:
    """A bare number of seconds in milliseconds; None for what is none, or not finite."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return round(seconds * 1000) if math.isfinite(seconds) else None


def written(value: float, *, exponents: bool = True) -> str:
    """A sample value as the HTTP API prints it: shortest digits that read back the same.

    Very large and very small ones get an exponent when `exponents` is on: in vectors and matrices, not in scalars.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    digits = repr(float(value))
    if exponents and value != 0 and not 1e-6 <= abs(value) < 1e21:
        mantissa, _, exponent = digits.partition("e")
        return f"{mantissa.removesuffix('.0')}e{exponent}"
    if "e" in digits:
        digits = format(Decimal(digits), "f")
    return digits.removesuffix(".0")


def rfc3339(time: int) -> str:
    """A moment (milliseconds since 1970) as the API writes it outside of samples, in UTC."""
    return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
