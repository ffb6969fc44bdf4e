"""A delivery's JSON, bounded: what is nested too deeply or has too many parts is refused before anybody looks at it."""

from __future__ import annotations

from typing import Any

import msgspec

from cockpit.signal.intake.errors import IntakeError

DEEPEST = 32
"""Mappings and lists within each other; alerts have five."""
MOST = 100_000
"""Values in one delivery."""


def decode(body: bytes) -> Any:
    """The value of a body. It may take long: call it in a thread. Raises IntakeError."""
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise IntakeError("is nested too deeply to be an alert") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise IntakeError(f"is no JSON: {error}"[:200]) from None
    _bounded(value)
    return value


def _bounded(value: Any) -> None:
    """Raises IntakeError where it is too deep or too wide."""
    level, seen = [value], 0
    for _ in range(DEEPEST):
        seen += len(level)
        if seen > MOST:
            raise IntakeError(f"has more than {MOST} values: send fewer alerts at a time")
        level = [part for each in level if isinstance(each, dict | list) for part in _parts(each)]
        if not level:
            return
    raise IntakeError(f"is nested more than {DEEPEST} deep")


def _parts(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value
