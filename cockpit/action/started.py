"""When a session began, which tells it from every other with its pid: as PostgreSQL writes it, and as people do."""

from __future__ import annotations

from datetime import UTC, datetime


def started(text: str) -> str:
    """A time as PostgreSQL writes a timestamptz in UTC, to the microsecond; aware, or taken as UTC.

    Args:
        text: ISO 8601, as `2026-11-21T01:00:00.25Z`, or as PostgreSQL itself writes it.

    Raises:
        ValueError: it is no time.
    """
    at = datetime.fromisoformat(text.strip())
    try:
        at = at.astimezone(UTC) if at.tzinfo else at
    except OverflowError as error:  # at the ends of the calendar
        raise ValueError(text) from error
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return f"{at:%Y-%m-%d %H:%M:%S}{fraction}+00"


def echoed(text: str) -> str:
    """What PostgreSQL wrote as one word that can be copied into a command."""
    return f"{text.removesuffix('+00')}Z".replace(" ", "T") if text.endswith("+00") else text.replace(" ", "T")
