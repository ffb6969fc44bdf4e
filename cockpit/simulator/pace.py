"""How fast the simulated world goes: wall-clock timestamps, durations divided by a speed, and seeded chance."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random


class Pace:
    """The simulator's sense of time and chance.

    Args:
        speed: how many simulated seconds pass in one real second; only durations are scaled, never timestamps.
        seed: makes names, jitter and noise the same in each run.
    """

    def __init__(self, speed: float = 1.0, seed: int = 1) -> None:
        if speed <= 0:
            raise ValueError("speed must be greater than 0")
        self.speed = speed
        self.seed = seed
        self.random = Random(seed)

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        return datetime.now(UTC)

    def real(self, seconds: float) -> float:
        """Real seconds that `seconds` simulated ones take."""
        return seconds / self.speed

    def simulated(self, seconds: float) -> float:
        """Simulated seconds that pass in `seconds` real ones."""
        return seconds * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of simulated time."""
        await asyncio.sleep(self.real(seconds))
