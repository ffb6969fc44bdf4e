"""The doctor at the endpoints: each asked once, in the way that it is asked all the time."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.incident.quantities import quantity
from cockpit.room.doctor.finding import Finding, State
from cockpit.room.live.endpoints import looked

_STATES: dict[str, State] = {"ok": "ok", "warning": "warn", "unknown": "warn"}


async def endpoints(config: Config, service: str, clock: Clock) -> AsyncIterator[Finding]:
    """One finding for each; none where none is configured."""
    for name, check in await looked(config, service, clock):
        took = f", {quantity(check.latency, 'seconds')}" if check.latency is not None else ""
        said = f"{check.verdict}{took}" + (f": {check.reason}" if check.reason else "")
        yield Finding(f"endpoint {name}", _STATES.get(check.verdict, "bad"), said, check.mend)
