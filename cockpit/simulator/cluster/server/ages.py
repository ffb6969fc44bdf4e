"""Durations as kubectl shows them."""

from __future__ import annotations

from datetime import datetime

from cockpit.simulator.cluster.timeline import parse_time


def human_duration(seconds: float) -> str:
    """About two significant units, as Kubernetes' `duration.HumanDuration`: 25s, 3m5s, 41m, 2h10m, 3d4h, 8d, 2y30d."""
    if seconds < -1:
        return "<invalid>"
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 120:
        return f"{whole}s"
    if minutes < 10:
        return _two(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    if days < 365 * 8:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def age(stamp: str | None, now: datetime) -> str:
    """How long ago a Kubernetes time was, `<unknown>` for none."""
    return "<unknown>" if not stamp else human_duration((now - parse_time(stamp)).total_seconds())


def _two(big: int, unit: str, small: int, small_unit: str) -> str:
    return f"{big}{unit}{small}{small_unit}" if small else f"{big}{unit}"
